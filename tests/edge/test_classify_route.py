"""`POST /v1/classify`: the same detector and the same keys as a call's, and nothing sent, kept or recorded."""

import json

import httpx2

from tests.edge.gateway import Gateway

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
    bodies: list[object] = [{}, {"text": "a", "texts": []}, {"text": 1}, [], {"texts": ["a"] * 1001}]
    for body in bodies:
        answer = ask(shared_gateway, mail_key, body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_request")
    assert ask(shared_gateway, "wrong", {"text": "a"}).status_code == 401
