"""Files in calls by the official clients: read here, they go byte for byte where the rules permit what they hold."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from anthropic import Anthropic, PermissionDeniedError
from openai import OpenAI
from openai import PermissionDeniedError as Denied

from simulators.brain import Echo
from tests.edge.gateway import CLAUDE, GPT, GPT_CHAT, OCR, SMALL, Gateway, gateway
from tests.scan.made import GUID, docx, msip, pdf

PRESS = f"""
[[organisations]]
id = "press"
name = "A press"
kind = "private"
contracts = ["openai", "anthropic", "mistral"]

[[organisations.applications]]
id = "desk"
name = "Desk"
purposes = ["drafting"]
analyses = [
  {{ kind = "register_entry", reference = "REG-3" }},
  {{ kind = "masking_assessment", reference = "MASK-3" }},
]

[classification.labels]
"{GUID}" = "restricted"
"""
"""Its contracts open OpenAI's European address to personal data, and addresses of the world to masked data alone."""
IBAN = "FR7630004008210001234567849"
LONG = b"% A comment of a length that real files have.\n" * 200
PUBLIC = pdf("The river rose in May.", more=LONG)
ACCOUNT = pdf(f"Account {IBAN}", more=LONG)
WORLD = (CLAUDE, GPT)
"""Where personal data may go masked only."""
CLAUDE_MODEL = "claude-sonnet-4.6"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(tmp_path_factory.mktemp("files"), (GPT_CHAT, GPT, CLAUDE, OCR, SMALL), PRESS, Echo()) as running:
        yield running


@pytest.fixture(scope="module")
def key(made: Gateway) -> str:
    return made.key("desk")


@pytest.fixture
def openai(made: Gateway, key: str) -> Iterator[OpenAI]:
    with made.client(key) as client:
        yield client


@pytest.fixture
def anthropic(made: Gateway, key: str) -> Iterator[Anthropic]:
    http = httpx2.Client(trust_env=False, timeout=20.0)
    with Anthropic(base_url=made.url, api_key=key, max_retries=0, http_client=http) as client:
        yield client


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def url(data: bytes, media: str = "application/pdf") -> str:
    return f"data:{media};base64,{b64(data)}"


def bodies(made: Gateway, name: str) -> list[str]:
    return [str(line["body"]) for line in made.fleet[name].lines("request")]


def sent(made: Gateway, name: str) -> str:
    return bodies(made, name)[-1]


def asked(text: str, data: bytes, media: str = "application/pdf") -> Any:
    file = {"type": "file", "file": {"filename": "a.pdf", "file_data": url(data, media)}}
    return [{"role": "user", "content": [{"type": "text", "text": text}, file]}]


def shown(text: str, data: bytes) -> Any:
    source = {"type": "base64", "media_type": "application/pdf", "data": b64(data)}
    return [{"role": "user", "content": [{"type": "document", "source": source}, {"type": "text", "text": text}]}]


# ------------------------------------------------------------------ a file in which nothing is found
def test_a_public_file_goes_byte_for_byte_from_the_openai_client(made: Gateway, openai: OpenAI) -> None:
    answer = openai.chat.completions.with_raw_response.create(model=CLAUDE_MODEL, messages=asked("Sum up", PUBLIC))
    assert answer.headers["x-ecluse-files"] == 'messages/0/parts/1; read=whole; classes=""'
    assert b64(PUBLIC) in sent(made, CLAUDE)


def test_a_public_file_goes_byte_for_byte_from_the_anthropic_client(made: Gateway, anthropic: Anthropic) -> None:
    answer = anthropic.messages.with_raw_response.create(
        model=CLAUDE_MODEL, max_tokens=64, messages=shown("Sum up", PUBLIC)
    )
    assert answer.headers["x-ecluse-files"] == 'messages/0/parts/0; read=whole; classes=""'
    assert b64(PUBLIC) in sent(made, CLAUDE)


def test_a_public_document_goes_byte_for_byte_in_the_responses_format(made: Gateway, openai: OpenAI) -> None:
    letter = docx("The river rose in May.")
    content = [{"type": "input_file", "filename": "a.docx", "file_data": url(letter, DOCX)}]
    asking: Any = [{"role": "user", "content": content}]
    answer = openai.responses.with_raw_response.create(model="gpt-5.4", input=asking)
    assert "read=whole" in answer.headers["x-ecluse-files"]
    assert answer.headers["x-ecluse-destination"] == GPT
    assert b64(letter) in sent(made, GPT)


def test_a_document_that_is_no_pdf_never_goes_to_a_chat_which_would_refuse_it(made: Gateway, openai: OpenAI) -> None:
    letter = docx("The river sank in June.")
    answer = openai.chat.completions.with_raw_response.create(model="gpt-5.4", messages=asked("Sum up", letter, DOCX))
    assert answer.headers["x-ecluse-destination"] == GPT
    assert not any(b64(letter) in body for body in bodies(made, GPT_CHAT))


def test_a_name_in_the_question_is_masked_and_the_public_file_goes_as_it_is(made: Gateway, openai: OpenAI) -> None:
    question = "Sum this up for Mr Camille Lefevre"
    answer = openai.chat.completions.with_raw_response.create(model=CLAUDE_MODEL, messages=asked(question, PUBLIC))
    assert answer.headers["x-ecluse-verdict"] == "permit_masked"
    assert b64(PUBLIC) in sent(made, CLAUDE)
    assert "Lefevre" not in sent(made, CLAUDE)


# ------------------------------------------------------------------ a file that holds something
def test_a_file_with_an_account_is_refused_where_only_masked_data_may_go(
    made: Gateway, openai: OpenAI, anthropic: Anthropic
) -> None:
    with pytest.raises(Denied) as first:
        openai.chat.completions.create(model=CLAUDE_MODEL, messages=asked("Sum up", ACCOUNT))
    with pytest.raises(PermissionDeniedError) as second:
        anthropic.messages.create(model=CLAUDE_MODEL, max_tokens=64, messages=shown("Sum up", ACCOUNT))
    for refused in (first.value, second.value):
        assert refused.response.headers["x-ecluse-files"].endswith('read=whole; classes="payment"')
        assert IBAN not in refused.response.text
    assert not any(b64(ACCOUNT) in body for name in WORLD for body in bodies(made, name))


def test_a_file_with_an_account_goes_byte_for_byte_where_it_may_and_nowhere_else(made: Gateway, openai: OpenAI) -> None:
    answer = openai.chat.completions.with_raw_response.create(model="gpt-5.4", messages=asked("Sum up", ACCOUNT))
    assert answer.headers["x-ecluse-destination"] == GPT_CHAT
    assert answer.headers["x-ecluse-verdict"] == "permit"
    assert b64(ACCOUNT) in sent(made, GPT_CHAT)
    assert not any(b64(ACCOUNT) in body for name in WORLD for body in bodies(made, name))


HIDDEN = {
    "in a pdf": (pdf("For Mr Camille Lefevre, 06 39 98 41 27"), "application/pdf"),
    "as the question has it, in small letters": (pdf("to lefevre, c."), "application/pdf"),
    "spelt out": (pdf("L E F E V R E"), "application/pdf"),
    "in a form's field": (pdf("x", more=b"7 0 obj\n<< /V (camille lefevre) >>\nendobj\n"), "application/pdf"),
    "in a word file": (docx("Camille Lefevre"), DOCX),
    "in a header of a word file": (docx("x", word__header1="<w:hdr>Lefevre Camille</w:hdr>"), DOCX),
    "in a text": (b"camille.lefevre", "text/plain"),
    "in a page's comment": (b"<html><!-- Camille Lefevre -->x</html>", "text/html"),
    "under a lying name": (docx("Camille Lefevre"), "application/pdf"),
    "in a picture": (PNG, "image/png"),
    "in what cannot be opened": (b"\x00\x01\x02Lefevre", "application/pdf"),
    "in a format that nobody reads": (b"Lefevre", "application/x-thing"),
    "behind a picture of a page": (pdf("x", picture=(60, 40)), "application/pdf"),
    "under a label": (docx("x", docProps__custom=msip()), DOCX),
}


QUESTION = "Sum this up for Mr Camille Lefevre"
HOLD_NOTHING = {
    "a pdf": (PUBLIC, "application/pdf"),
    "a small pdf": (pdf("The river rose in May."), "application/pdf"),
    "a word file": (docx(*(f"The river rose by {n} cm." for n in range(900))), DOCX),
    "a text": (b"The river rose in May. " * 200, "text/plain"),
    "a page": (b"<html><!-- in May -->The river rose</html>", "text/html"),
}


@pytest.mark.parametrize("name", HOLD_NOTHING)
def test_a_file_that_holds_nothing_may_go_beside_a_masked_question(made: Gateway, key: str, name: str) -> None:
    choices = explained(made, key, asked(QUESTION, *HOLD_NOTHING[name]))["choices"]
    assert {"destination": GPT, "masked": True} in choices


@pytest.mark.parametrize("name", HIDDEN)
def test_no_destination_for_masked_data_is_a_choice_for_a_file_that_may_hold_what_was_masked(
    made: Gateway, key: str, name: str
) -> None:
    messages = asked(QUESTION, *HIDDEN[name])
    choices = explained(made, key, messages)["choices"]
    assert not any(choice["destination"] in WORLD or choice["masked"] for choice in choices)
    before = {one: len(bodies(made, one)) for one in WORLD}
    for model in (CLAUDE_MODEL, "gpt-5.4"):
        body = {"model": model, "messages": messages}
        answer = made.caller.post(f"{made.url}/v1/chat/completions", json=body, headers=bearer(key))
        assert answer.headers.get("x-ecluse-destination") not in WORLD
    assert {one: len(bodies(made, one)) for one in WORLD} == before


def test_a_file_with_a_label_is_what_the_label_says(made: Gateway, key: str) -> None:
    told = explained(made, key, asked("Sum up", docx("x", docProps__custom=msip()), DOCX))
    assert told["classes"] == ["restricted"]
    assert told["files"] == [{"part": "messages/0/parts/1", "read": "whole", "classes": ["restricted"], "why": []}]


def test_a_picture_is_unreadable(made: Gateway, key: str) -> None:
    picture = {"type": "image_url", "image_url": {"url": url(PNG, "image/png")}}
    told = explained(made, key, [{"role": "user", "content": [{"type": "text", "text": "x"}, picture]}])
    assert told["classes"] == ["unreadable"]
    assert told["files"] == [{"part": "messages/0/parts/1", "read": "not", "classes": [], "why": ["picture"]}]


def explained(made: Gateway, key: str, messages: Any) -> dict[str, Any]:
    body = {"model": "gpt-5.4", "messages": messages}
    answer = made.caller.post(f"{made.url}/v1/explain", json=body, headers=bearer(key))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_document_to_read_is_read_here_first(made: Gateway, key: str) -> None:
    for data, status in ((PUBLIC, 200), (ACCOUNT, 403)):
        document = {"type": "document_url", "document_url": url(data), "document_name": "a.pdf"}
        body = {"model": "mistral-ocr", "document": document}
        answer = made.caller.post(f"{made.url}/v1/ocr", json=body, headers=bearer(key))
        assert (answer.status_code, "read=whole" in answer.headers["x-ecluse-files"]) == (status, True), answer.text
    assert b64(PUBLIC) in sent(made, OCR)
    assert not any(b64(ACCOUNT) in body for body in bodies(made, OCR))


def test_the_trail_counts_files_and_has_neither_their_names_nor_what_is_in_them(made: Gateway, key: str) -> None:
    body = {"model": CLAUDE_MODEL, "messages": asked("Sum up", pdf(f"Zanzibar {IBAN}"))}
    body["messages"][0]["content"][1]["file"]["filename"] = "Quixotic.pdf"
    answer = made.caller.post(f"{made.url}/v1/chat/completions", json=body, headers=bearer(key))
    assert answer.status_code == 403
    kept = b"".join(path.read_bytes() for path in made.state.rglob("*") if path.is_file())
    assert b'"files":{"whole":1}' in kept
    assert not any(word in kept for word in (b"Quixotic", b"Zanzibar", IBAN.encode()))
    assert not any(word in made.log for word in ("Quixotic", "Zanzibar", IBAN))
