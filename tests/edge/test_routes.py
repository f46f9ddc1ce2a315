"""Which path asks for what: explained before any path, refused by name with all that is under it."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from anthropic import Anthropic
from openai import OpenAI

from ecluse.edge.http.routes import Routes
from ecluse.passage.admit import DIALECTS
from tests.edge.gateway import Gateway

TURN: Any = {"role": "user", "content": "Which city is the capital of France?"}
LETTER = "Write to Mr Camille Lefèvre, 06 39 98 41 27."
REFUSED = sorted((path, code) for dialect in DIALECTS.values() for path, code in dialect.refused.items())


@pytest.fixture
def http(shared_gateway: Gateway, mail_key: str) -> Iterator[httpx2.Client]:
    headers = {"authorization": f"Bearer {mail_key}"}
    with httpx2.Client(base_url=shared_gateway.url, headers=headers, trust_env=False, timeout=20) as made:
        yield made


@pytest.mark.parametrize(("path", "code"), REFUSED)
def test_a_path_and_all_under_it_is_refused_by_its_name(path: str, code: str) -> None:
    routes = Routes(DIALECTS)
    assert routes.refused(f"{path}/some/id") == code
    assert routes.refused(path) == code


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/imagesque", "/v1", "/v1/", "/", "", "/v2/images", "//v1/images"),
        *("/v1/chat/completions/", "/v1/responses/", "/v1/messages//"),
    ],
)
def test_what_no_format_names_is_no_refusal(path: str) -> None:
    assert Routes(DIALECTS).refused(path) is None


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", "/v1/images/generations", "image_refused"),
        ("GET", "/v1/realtime", "realtime_refused"),
        ("GET", "/v1/responses/resp_1", "retention_refused"),
        ("DELETE", "/v1/conversations/conv_1", "retention_refused"),
        ("POST", "/v1/agents/completions", "agent_refused"),
        ("POST", "/v1/messages/batches", "batch_refused"),
        ("POST", "/v1/fine_tuning/jobs", "training_refused"),
    ],
)
def test_an_endpoint_that_is_not_served_refuses_by_name(http: httpx2.Client, method: str, path: str, code: str) -> None:
    answer = http.request(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_a_refused_path_needs_a_key_first(shared_gateway: Gateway) -> None:
    assert httpx2.post(f"{shared_gateway.url}/v1/images/generations", trust_env=False).status_code == 401


EXPLAINED: Any = [
    ("/v1/explain/chat/completions", {}, {"messages": [{"role": "user", "content": LETTER}]}),
    ("/v1/explain/v1/chat/completions", {}, {"messages": [{"role": "user", "content": LETTER}]}),
    ("/v1/explain/responses", {}, {"input": LETTER}),
    ("/v1/explain/v1/messages", {}, {"max_tokens": 9, "messages": [{"role": "user", "content": LETTER}]}),
    (
        "/v1/explain",
        {"anthropic-version": "2023-06-01"},
        {"max_tokens": 9, "system": LETTER, "messages": [TURN]},
    ),
    ("/v1/explain/embeddings", {}, {"input": LETTER, "model": "smollm2-135m"}),
]


@pytest.mark.parametrize(("path", "headers", "body"), EXPLAINED)
def test_a_body_of_any_format_is_explained_and_nothing_is_sent(
    shared_gateway: Gateway, http: httpx2.Client, path: str, headers: dict[str, str], body: dict[str, Any]
) -> None:
    fleet = shared_gateway.fleet
    seen = [len(fleet[name].lines("connection")) for name in fleet]
    answer = http.post(path, json={"model": "auto", **body}, headers=headers)
    assert answer.status_code == 200
    assert "personal" in answer.json()["classes"]
    assert [len(fleet[name].lines("connection")) for name in fleet] == seen


def test_explain_refuses_what_it_does_not_know(http: httpx2.Client) -> None:
    assert http.post("/v1/explain/nothing", json={}).status_code == 404
    assert http.post("/v1/explain/v1/messages/count_tokens", json={}).status_code == 404


def test_an_error_in_an_explained_body_is_in_the_format_of_that_body(http: httpx2.Client) -> None:
    answer = http.post("/v1/explain/v1/messages", json={"model": "auto", "messages": [TURN]}).json()
    assert (answer["type"], answer["error"]["param"]) == ("error", "max_tokens")


def test_the_official_clients_explain_by_base_url_alone(shared_gateway: Gateway, mail_key: str) -> None:
    web = httpx2.Client(trust_env=False)
    with OpenAI(base_url=f"{shared_gateway.url}/v1/explain", api_key=mail_key, http_client=web) as client:
        told = client.chat.completions.with_raw_response.create(model="auto", messages=[TURN])
        assert json.loads(told.content)["verdict"] == "permit"
    web = httpx2.Client(trust_env=False)
    with Anthropic(base_url=f"{shared_gateway.url}/v1/explain", api_key=mail_key, http_client=web) as client:
        raw = client.messages.with_raw_response.create(model="auto", max_tokens=9, messages=[TURN])
        assert json.loads(raw.http_response.content)["verdict"] == "permit"


def test_the_responses_format_counts_too(shared_gateway: Gateway, mail_key: str) -> None:
    with shared_gateway.client(mail_key) as client:
        counted = client.responses.input_tokens.count(model="auto", input=str(TURN["content"]))
    assert 8 < counted.input_tokens < 40
