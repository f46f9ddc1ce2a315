"""The pages in a real browser: their main jobs, both languages and themes, by keyboard alone, on a phone, at 200 %."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.console.browser import Readers, arrive, reading, violations
from tests.console.running import Console

LETTER = "Je suis Mme Claire Martin, claire.martin@exemple.fr, 06 12 34 56 78."
# What is marked `long` is the same template as its neighbour, with less on it.
PAGES = (
    "/",
    "/flows?period=all",
    "/decisions?watched=yes",
    "/playground?example=letter",
    "/rules",
    "/rules/draft?organisation=region&rule=gdpr.special_terms&mode=enforce",
    pytest.param("/registry", marks=pytest.mark.long),
    "/registry?if=microsoft%20converts%2015%20GEUR%20in%20mistral_ai%20at%2020%20GEUR%20post-money",
    "/registry/azure/global/mistral-large-3",
    pytest.param("/registry/mistral_ai", marks=pytest.mark.long),
    "/applications",
    "/applications/hospital-care",
    pytest.param("/drill", marks=pytest.mark.long),
    "/drill?without=JURISDICTION:US",
    "/reports?report=register&organisation=hospital",
    "/exceptions",
    "/trail",
    "/keys",
    "/usage?period=all",
    "/limits",
    "/login",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_breaks_no_rule_of_accessibility_and_fits_a_phone(readers: Readers, console: Console, path: str) -> None:
    readers.look(console, path)


def test_a_page_that_is_not_there_breaks_no_rule_either(readers: Readers, console: Console) -> None:
    readers.look(console, "/no-such-page", missing=True)


@pytest.mark.parametrize("way", ["refused", "masked", pytest.param("as_is", marks=pytest.mark.long)])
def test_a_decision_breaks_no_rule_of_accessibility_and_fits_a_phone(
    readers: Readers, console: Console, way: str
) -> None:
    address = re.findall(r'href="(/decisions/[0-9a-f]+)"', console.get(f"/decisions?way={way}"))[0]

    def verified(page: Page) -> None:
        page.locator("#verify").click()
        page.locator(".whole").wait_for()

    readers.look(console, address, before=verified)


def test_the_browser_verifies_a_proof_and_sees_a_forged_one(browser: Browser, console: Console) -> None:
    with reading(browser, console, language="en") as page:
        page.goto(f"{console.base}/decisions?way=masked")
        page.locator("tbody th a").first.click()
        page.locator("#verify").click()
        expect(page.locator(".whole")).to_have_text("The proof holds.")
        assert page.locator(".checks .bad").count() == 0
        for forged in ("entry", "path", "note"):
            page.route(
                "**/proof.json", lambda route, part=forged: route.fulfill(json=forge(route.fetch().json(), part))
            )
            page.locator("#verify").click()
            expect(page.locator(".whole")).to_have_text("The proof does NOT hold.")
            page.unroute_all()


def _json(route: Route) -> dict[str, object]:
    found: dict[str, object] = route.fetch().json()
    return found


def forge(proof: dict[str, object], part: str) -> dict[str, object]:
    """Change one letter of one part."""
    if part == "note":
        lines = str(proof["note"]).split("\n")
        return proof | {"note": "\n".join([lines[0], str(int(lines[1]) + 1), *lines[2:]])}
    entries = [dict(one) for one in proof["entries"]]  # type: ignore[attr-defined] # a list
    if part == "path":
        entries[0]["path"] = [*reversed(entries[0]["path"])]
    else:
        text = str(entries[0]["entry"])
        entries[0]["entry"] = text[:40] + ("A" if text[40] != "A" else "B") + text[41:]
    return proof | {"entries": entries}


def test_the_playground_answers_while_one_types(browser: Browser, console: Console) -> None:
    with reading(browser, console) as page:
        page.goto(f"{console.base}/playground")
        page.fill("#text", LETTER)
        expect(page.locator("mark").first).to_have_text("Claire Martin")
        before = page.locator(".matrix .refused").count()
        page.locator("summary", has_text="déclare").click()
        page.get_by_label("diffusion restreinte").check()
        expect(page.locator(".matrix .refused")).not_to_have_count(before)
        assert page.url.endswith("/playground")


def test_destinations_open_as_a_record_is_filled_in(browser: Browser, console: Console) -> None:
    with reading(browser, console, language="en") as page:
        arrive(page, f"{console.base}/applications/bank-mail")
        closed = page.locator("#open .way.refused").count()
        page.get_by_label("an impact assessment").focus()
        page.keyboard.press("Space")
        expect(page.locator("#levels")).to_have_text("What would be open")
        expect(page.locator("#open .way.refused")).not_to_have_count(closed)


def test_the_playground_works_without_scripts(browser: Browser, console: Console) -> None:
    context = browser.new_context(java_script_enabled=False)
    name, _, value = console.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": console.base}])
    page = context.new_page()
    page.goto(f"{console.base}/playground")
    page.fill("#text", LETTER)
    page.locator("button.button").first.click()
    expect(page.locator("mark").first).to_have_text("Claire Martin")
    context.close()


def test_a_band_of_the_flows_leads_to_its_decisions(browser: Browser, console: Console) -> None:
    with reading(browser, console, language="en") as page:
        page.goto(f"{console.base}/flows?period=all")
        band = page.locator('.sankey a[aria-label^="health → refused"]')
        band.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/decisions\?.*principal=health"))
        ways = page.locator("td .way").all_inner_texts()
        assert set(ways) == {"refused"}


def test_a_decision_takes_one_line_until_its_details_are_asked_for(browser: Browser, console: Console) -> None:
    with reading(browser, console, language="en") as page:
        page.goto(f"{console.base}/decisions")
        row = page.locator(".lines tbody tr").first
        tall = [page.locator(".lines tbody tr").nth(n).bounding_box()["height"] for n in range(5)]  # type: ignore[index, unused-ignore] # it is shown
        assert max(tall) < 48
        expect(row.locator(".below").first).to_be_hidden()
        page.get_by_label("Rows in detail").focus()
        page.keyboard.press("Space")
        expect(row.locator(".below").first).to_be_visible()
        assert violations(page) == []


def test_the_entrance_takes_the_token_from_the_address_and_out_of_it(browser: Browser, console: Console) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{console.base}/login?next=/flows#{console.tokens[-1]}")
    page.wait_for_url(f"{console.base}/flows")
    assert "#" not in page.url
    context.close()


def test_everything_is_reached_by_keyboard_alone(browser: Browser, console: Console) -> None:
    with reading(browser, console) as page:
        page.goto(f"{console.base}/playground")
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_class("skip")
        page.keyboard.press("Enter")
        reached = set()
        for _ in range(14):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        assert {"text", "date", "lost", "caller0", "Examiner"} <= reached
        page.focus("#text")
        page.keyboard.type(LETTER)
        page.keyboard.press("Tab")
        expect(page.locator("mark").first).to_be_visible()


def test_the_menu_of_a_phone_opens(browser: Browser, console: Console) -> None:
    with reading(browser, console, width=360, height=740) as page:
        page.goto(f"{console.base}/flows")
        link = page.get_by_role("link", name="Décisions", exact=True)
        expect(link).to_be_hidden()
        page.locator(".toggle summary").click()
        link.click()
        page.wait_for_url(f"{console.base}/decisions")


def test_a_row_of_a_table_is_a_card_on_a_phone_and_says_its_columns(browser: Browser, console: Console) -> None:
    with reading(browser, console, width=390, height=844) as page:
        page.goto(f"{console.base}/decisions")
        row = page.locator("table.cards tbody tr").first
        shown = row.bounding_box()
        assert shown is not None
        assert shown["x"] >= 0
        assert shown["x"] + shown["width"] <= 390
        named = row.locator("td").evaluate_all("cells => cells.map((one) => getComputedStyle(one, '::before').content)")
        assert named == [f'"{one}"' for one in page.locator("table.cards thead th").all_inner_texts()[1:]]


def test_language_and_theme_are_switched_and_kept(browser: Browser, console: Console) -> None:
    with reading(browser, console) as page:
        page.goto(f"{console.base}/flows?period=7")
        for switched, language, theme in (
            ('a[lang="en"]', "en", "light"),
            ('a[href*="theme=dark"]', "en", "dark"),
            ('a[lang="fr"]', "fr", "dark"),
            ('a[href*="theme=light"]', "fr", "light"),
        ):
            page.locator(f".switch {switched}").click()
            for address in ("/flows?period=7", "/decisions"):
                if address == "/decisions":
                    page.goto(console.base + address)
                expect(page.locator(f'html[lang="{language}"][data-theme="{theme}"]')).to_have_count(1)
