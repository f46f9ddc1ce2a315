"""`POST /v1/classify`: the same detector and the same keys as a call's, and nothing sent, kept or recorded."""

import base64
import json
from typing import Any

import httpx2

from tests.edge.gateway import Gateway
from tests.scan.made import docx, msip, zipped

IBAN = "FR7630004008210001234567849"


def ask(gateway: Gateway, key: str, body: object) -> httpx2.Response:
    head = {"authorization": f"Bearer {key}"}
    return httpx2.post(f"{gateway.url}/v1/classify", json=body, headers=head, trust_env=False, timeout=20)


def test_a_text_is_classified_and_leaves_no_entry(shared_gateway: Gateway, mail_key: str) -> None:
    def entries() -> int:
        return int(httpx2.get(f"{shared_gateway.url}/ready", trust_env=False).json()["entries"])

    before = entries()
    text = f"Bonjour \U0001f600 IBAN {IBAN}"
    told = ask(shared_gateway, mail_key, {"text": text}).json()
    assert told["classes"] == ["payment"]
    [found] = told["findings"]
    assert text[found["start"] : found["end"]] == IBAN
    assert IBAN not in json.dumps(told)
    assert entries() == before


def test_each_of_several_texts_is_told_by_its_part(shared_gateway: Gateway, mail_key: str) -> None:
    told = ask(shared_gateway, mail_key, {"texts": ["rien", IBAN]}).json()
    assert {one["part"] for one in told["findings"]} == {"texts/1"}


def test_a_body_that_is_not_one_or_a_key_that_is_none_refuses(shared_gateway: Gateway, mail_key: str) -> None:
    file = {"data": base64.b64encode(b"a").decode()}
    bodies: list[object] = [
        {},
        {"text": "a", "texts": []},
        {"text": 1},
        [],
        {"texts": ["a"] * 1001},
        {"text": "a", "file": file},
        {"file": {"data": "%"}},
        {"file": {"data": ""}},
        {"files": []},
        {"files": [file] * 21},
        {"file": file, "with_text": "maybe"},
    ]
    for body in bodies:
        answer = ask(shared_gateway, mail_key, body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_request"), body
    assert ask(shared_gateway, "wrong", {"text": "a"}).status_code == 401


def sent(name: str, data: bytes) -> dict[str, str]:
    return {"filename": name, "data": base64.b64encode(data).decode()}


def test_a_file_is_opened_classified_and_told_without_its_text(shared_gateway: Gateway, mail_key: str) -> None:
    file = zipped({"lettre.docx": docx(f"IBAN {IBAN}", docProps__custom=msip()), "x.bin": b"\0\1"})
    told = ask(shared_gateway, mail_key, {"file": sent("../../a.zip", file)}).json()
    assert told["classes"] == ["payment", "unreadable"]
    assert [one["part"] for one in told["findings"]] == ["files/0/a.zip/lettre.docx/word/document.xml"]
    assert told["unreadable"] == ["files/0/a.zip/x.bin"]
    [one] = told["files"]
    assert (one["name"], one["kind"]) == ("../../a.zip", "zip")
    assert one["unread"] == [{"part": "files/0/a.zip/x.bin", "why": "unknown_format", "detail": ""}]
    assert one["labels"][0]["data_class"] == "unknown"
    assert IBAN not in json.dumps(told)


def test_the_text_of_a_file_is_given_back_where_it_is_asked_for(shared_gateway: Gateway, mail_key: str) -> None:
    body = {"files": [sent("a.txt", b"rien"), sent("b.txt", IBAN.encode())], "with_text": True}
    told = ask(shared_gateway, mail_key, body).json()
    [found] = told["findings"]
    assert told["texts"][found["part"]][found["start"] : found["end"]] == IBAN


def test_a_form_is_taken_too(shared_gateway: Gateway, mail_key: str) -> None:
    def post(files: Any) -> Any:
        head = {"authorization": f"Bearer {mail_key}"}
        url = f"{shared_gateway.url}/v1/classify"
        return httpx2.post(url, files=files, headers=head, trust_env=False, timeout=20).json()

    one = post({"file": ("lettre.docx", docx(f"IBAN {IBAN}"))})
    assert [found["part"] for found in one["findings"]] == ["files/0/lettre.docx/word/document.xml"]
    two = post([("files[]", ("a.txt", IBAN.encode())), ("files[]", ("b.txt", b"rien"))])
    assert [one["kind"] for one in two["files"]] == ["text", "text"]
