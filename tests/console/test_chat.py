"""The chat page asks through the gate: what it says beforehand is what sending gets, and nothing goes round."""

import base64
import json
import re
import time

from playwright.sync_api import Browser, expect

from tests.console.browser import reading, violations
from tests.console.running import Console
from tests.scan.made import docx, msip, zipped

REFUSED = ("bank-mail", "Le patient, M. Jean Petit, souffre d'un diabète de type 2 et prend de la metformine.")
SECRET = "Note DIFFUSION RESTREINTE : le dispositif de la cellule de crise."


def asked(chat: Console, path: str, text: str, application: str = "region-mail") -> tuple[int, str]:
    body = json.dumps({"model": "auto", "messages": [{"role": "user", "content": text}]})
    return chat.send(f"{path}?application={application}", body)


def test_the_sentence_beforehand_is_the_verdict_that_sending_gets(chat: Console) -> None:
    status, text = asked(chat, "/chat/look", SECRET)
    look = json.loads(text)
    assert (status, look["tone"]) == (200, "refused")
    status, text = asked(chat, "/chat/completions", SECRET)
    refusal = json.loads(text)["error"]
    assert (status, refusal["code"]) == (403, "policy_denied")
    assert look["hints"][0] == refusal["reasons"][0]["reason"]


def test_a_rule_that_warns_is_told_before_the_message_is_sent(chat: Console) -> None:
    look = json.loads(asked(chat, "/chat/look", REFUSED[1], "region-mail")[1])
    assert (look["tone"] != "refused", len(look["hints"])) == (True, 1), look
    assert "Warning: a rule would refuse this message" in look["hints"][0]
    assert "impact assessment" in look["hints"][0]


def test_a_refusal_is_contested_by_one_button_and_waits_for_another_person(browser: Browser, chat: Console) -> None:
    with reading(browser, chat, language="en", noisy=True) as page:
        page.goto(f"{chat.base}/chat")
        page.select_option("#application", REFUSED[0])
        page.fill("#message", REFUSED[1])
        page.locator("#look.refused").wait_for()
        page.click("#send")
        page.get_by_role("button", name="Contest").click()
        expect(page.locator(".refusal .note")).to_contain_text("another person decides it")
        assert violations(page) == []
        page.get_by_role("link", name="Follow it").click()
        expect(page.locator("h1")).to_have_text("Exceptions and contests")
        assert "Contested from the chat" in page.locator("#content").inner_text()
        assert REFUSED[1] not in page.content()


def test_a_marking_cannot_be_contested_and_the_page_says_whom_to_ask(chat: Console) -> None:
    status, text = asked(chat, "/chat/contest", SECRET)
    assert (status, json.loads(text)["matter"]) == (200, None)


def test_the_text_of_a_file_comes_into_the_message_and_what_is_unread_is_said(browser: Browser, chat: Console) -> None:
    packed = zipped({"note.txt": SECRET.encode(), "x.bin": bytes([0, 1])})
    with reading(browser, chat, language="en") as page:
        page.goto(f"{chat.base}/chat")
        page.select_option("#application", "region-mail")
        page.set_input_files("#file", {"name": "dossier.zip", "mimeType": "application/zip", "buffer": packed})
        expect(page.locator("#file-told")).to_contain_text("1 part was not read and will not leave")
        assert SECRET in page.locator("#message").input_value()
        page.locator("#look.refused").wait_for()
        assert violations(page) == []


def test_the_text_of_a_labelled_file_is_refused_since_the_label_would_not_go_with_it(chat: Console) -> None:
    file = docx("Un texte sans mention.", docProps__custom=msip())
    body = {"file": {"filename": "a.docx", "data": base64.b64encode(file).decode()}, "with_text": True}
    told = json.loads(chat.send("/chat/file?application=region-mail", json.dumps(body))[1])
    assert told["text"] == ""
    assert "restricted marking" in told["sentences"][0]


def test_looking_leaves_nothing_in_the_trail_and_sending_does(chat: Console) -> None:
    def size() -> int:
        trail = chat.over.trail()
        return trail.size() if trail else 0

    before = size()
    assert json.loads(asked(chat, "/chat/look", "Bonjour")[1])["tone"] == "as_is"
    assert size() == before
    asked(chat, "/chat/completions", SECRET)
    until = time.monotonic() + 60
    while size() == before and time.monotonic() < until:
        time.sleep(0.02)
    assert size() == before + 1


def test_an_application_that_is_not_on_record_is_refused(chat: Console) -> None:
    assert asked(chat, "/chat/completions", "Bonjour", "no-such")[0] == 404
    assert asked(chat, "/chat/look", "Bonjour", "no-such")[0] == 404


def test_the_other_destinations_that_stay_open_are_named_and_stay_unfolded_while_one_types(
    browser: Browser, chat: Console
) -> None:
    look = json.loads(asked(chat, "/chat/look", "Bonjour")[1])
    assert look["more"].startswith(f"{len(look['open'])} other destination")
    assert all(re.fullmatch(r".+ · .+: (as it is|masked)", one) for one in look["open"])
    with reading(browser, chat, language="en") as page:
        page.goto(f"{chat.base}/chat")
        page.select_option("#application", "region-mail")
        page.fill("#message", "Good morning")
        page.locator("#look summary").click()
        expect(page.locator("#look li")).to_have_count(len(look["open"]))
        page.fill("#message", "Good morning to claire.martin@exemple.fr")
        expect(page.locator("#look")).to_contain_text("Recognised: personal data")
        expect(page.locator("#look li").first).to_be_visible()
        assert violations(page) == []


def test_a_message_without_the_sessions_mark_is_refused(chat: Console) -> None:
    body = json.dumps({"model": "auto", "messages": []})
    assert chat.send("/chat/completions?application=region-mail", body, x_csrf_token="wrong")[0] == 403


def test_a_console_without_a_gateway_shows_no_chat(console: Console) -> None:
    assert 'href="/chat"' not in console.get("/")
    assert '<form id="ask"' not in console.get("/chat")
    assert asked(console, "/chat/completions", "Bonjour")[0] == 404


def test_an_employee_sees_where_it_goes_and_why_it_does_not(browser: Browser, chat: Console) -> None:
    with reading(browser, chat, noisy=True) as page:
        page.goto(f"{chat.base}/chat")
        page.select_option("#application", "region-mail")
        page.fill("#message", "Mme Claire Martin, claire.martin@exemple.fr, demande un rendez-vous.")
        expect(page.locator("#look")).to_contain_text("Reconnu : données personnelles", use_inner_text=True)
        page.fill("#message", SECRET)
        expect(page.locator("#look")).to_have_class(re.compile("refused"))
        page.keyboard.press("Control+Enter")
        expect(page.locator(".refusal")).to_contain_text("Ce message n'est pas parti.")
        page.get_by_role("button", name="Contester").click()
        expect(page.locator(".refusal .note")).to_contain_text("delegue.donnees@exemple.fr")
        assert violations(page) == []
        kept = page.evaluate("localStorage.getItem('ecluse.chat')")
        assert "cellule de crise" in kept
        page.get_by_role("link", name="Voir la décision").click()
        expect(page.locator("h1")).to_have_text("Une décision, expliquée")
        page.go_back()
        page.get_by_role("button", name="Tout effacer").click()
        assert page.evaluate("localStorage.getItem('ecluse.chat')") is None


def test_what_is_looked_at_is_the_request_that_sending_makes(browser: Browser, chat: Console) -> None:
    asked_of: dict[str, str | None] = {}
    with reading(browser, chat, noisy=True) as page:
        page.on("request", lambda one: asked_of.update({one.url.split("/chat/")[-1].split("?")[0]: one.post_data}))
        page.goto(f"{chat.base}/chat")
        page.fill("#message", SECRET)
        page.locator("#look.refused").wait_for()
        page.click("#send")
        page.locator(".refusal").wait_for()
    assert '"stream":true' in (asked_of["completions"] or "")
    assert asked_of["look"] == asked_of["completions"]


def test_what_a_person_writes_is_text(browser: Browser, chat: Console) -> None:
    with reading(browser, chat, noisy=True) as page:
        page.goto(f"{chat.base}/chat")
        page.fill("#message", f"<img src=x onerror=alert(1)> {SECRET}")
        page.click("#send")
        page.locator(".refusal").wait_for()
        assert page.locator("#transcript img").count() == 0
        assert "<img src=x" in page.locator(".turn.user").inner_text()


def test_no_content_reaches_the_digest(chat: Console) -> None:
    asked(chat, "/chat/completions", SECRET)
    chat.get("/decisions")
    files = [path for path in chat.over.state.iterdir() if path.is_file()]
    assert files
    assert [path.name for path in files if b"cellule de crise" in path.read_bytes()] == []
