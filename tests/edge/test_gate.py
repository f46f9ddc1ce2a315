"""The gate over real sockets: limits, who may ask, what is never told."""

import json
from collections.abc import Iterator

import httpx2
import pytest

from tests.edge.gateway import SCALEWAY, Gateway

BODY = {"model": "auto", "messages": [{"role": "user", "content": "Which city is the capital of France?"}]}


@pytest.fixture
def http(shared_gateway: Gateway, mail_key: str) -> Iterator[httpx2.Client]:
    headers = {"authorization": f"Bearer {mail_key}"}
    with httpx2.Client(base_url=shared_gateway.url, headers=headers, trust_env=False, timeout=20) as made:
        yield made


def code(answer: httpx2.Response) -> str:
    return str(answer.json()["error"]["code"])


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer x", "Basic eDp5", "Bearer ecl_live_" + "a" * 49, "Bearer ' OR 1=1--"]
)
def test_a_bad_key_refuses_with_one_body_whatever_is_wrong(shared_gateway: Gateway, header: str | None) -> None:
    headers = {} if header is None else {"authorization": header}
    answer = httpx2.post(f"{shared_gateway.url}/v1/chat/completions", json=BODY, headers=headers, trust_env=False)
    assert answer.status_code == 401
    expected = httpx2.post(f"{shared_gateway.url}/v1/chat/completions", json=BODY, trust_env=False)
    assert answer.content == expected.content


def test_x_api_key_is_a_key_too(shared_gateway: Gateway, mail_key: str) -> None:
    answer = httpx2.get(f"{shared_gateway.url}/v1/models", headers={"x-api-key": mail_key}, trust_env=False)
    assert answer.status_code == 200


def test_unknown_paths_and_methods(http: httpx2.Client) -> None:
    assert (http.get("/v2/anything").status_code, code(http.get("/v2/anything"))) == (404, "not_found")
    assert code(http.get("/v1/chat/completions")) == "method_not_allowed"
    assert code(http.post("/v1/models", json={})) == "method_not_allowed"


def test_a_body_over_the_limit_refuses_declared_or_not(http: httpx2.Client) -> None:
    big = b"x" * (8 * 1024 * 1024 + 1)
    assert code(http.post("/v1/chat/completions", content=big)) == "body_too_large"

    def chunks() -> object:
        for start in range(0, len(big), 65536):
            yield big[start : start + 65536]

    answer = http.post("/v1/chat/completions", content=chunks())  # type: ignore[arg-type] # a generator of bytes
    assert (answer.status_code, code(answer)) == (413, "body_too_large")


def test_a_compressed_body_refuses(http: httpx2.Client) -> None:
    answer = http.post("/v1/chat/completions", content=b"x", headers={"content-encoding": "gzip"})
    assert (answer.status_code, code(answer)) == (415, "unsupported_encoding")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", "invalid_json"),
        (b'{"model": "a", "model": "b", "messages": []}', "duplicate_key"),
        (b'{"messages": [{"role": "user", "content": "x"}]}', "invalid_request"),
        (b"[" * 100_000, "invalid_json"),
        (b'{"model": "auto", "messages": [{"role": "user", "content": "\xff"}]}', "invalid_json"),
        (json.dumps({**BODY, "tools": [{"type": "web_search"}]}).encode(), "hosted_tool_refused"),
        (json.dumps({**BODY, "base_url": "http://169.254.169.254"}).encode(), "unsupported_field"),
        (json.dumps({**BODY, "model": "http://127.0.0.1"}).encode(), "model_not_found"),
    ],
)
def test_bad_requests_are_told_apart(http: httpx2.Client, body: bytes, expected: str) -> None:
    assert code(http.post("/v1/chat/completions", content=body)) == expected


def test_explain_says_what_the_walk_would_do_and_sends_nothing(shared_gateway: Gateway, http: httpx2.Client) -> None:
    seen = {name: len(shared_gateway.fleet[name].lines("connection")) for name in shared_gateway.fleet}
    told = http.post("/v1/explain", json=BODY).json()
    assert told["verdict"] == "permit"
    first = told["choices"][0]
    answer = http.post("/v1/chat/completions", json=BODY)
    assert answer.headers["x-ecluse-destination"] == first["destination"] == SCALEWAY
    assert {n: len(shared_gateway.fleet[n].lines("connection")) for n in seen if n != SCALEWAY} == {
        n: count for n, count in seen.items() if n != SCALEWAY
    }


def test_a_header_raises_sensitivity_and_an_unknown_word_refuses(http: httpx2.Client) -> None:
    raised = http.post("/v1/explain", json=BODY, headers={"x-ecluse-sensitivity": "health"}).json()
    assert "health" in raised["classes"]
    answer = http.post("/v1/chat/completions", json=BODY, headers={"x-ecluse-sensitivity": "none"})
    assert (answer.status_code, code(answer)) == (400, "invalid_request")


def test_explain_tells_the_facts_behind_each_ruling_with_their_sources(http: httpx2.Client) -> None:
    rulings = http.post("/v1/explain", json=BODY, headers={"x-ecluse-sensitivity": "health"}).json()["rulings"]
    facts = [fact for ruling in rulings for fact in ruling["facts"]]
    assert all(ruling["facts"] for ruling in rulings if ruling["permitted_by"] or ruling["reasons"])
    assert {fact["holds"] for fact in facts} == {True, False}
    assert {"title", "url", "as_of", "confidence"} == set.union(*(set(s) for fact in facts for s in fact["sources"]))
    words = {"x-ecluse-sensitivity": "health", "accept-language": "fr"}
    french = http.post("/v1/explain", json=BODY, headers=words).json()["rulings"]
    assert {f["fact"] for ruling in french for f in ruling["facts"]} == {fact["fact"] for fact in facts}
    assert "vous l'exploitez vous-même" in {f["says"] for ruling in french for f in ruling["facts"]}


def test_a_purpose_that_is_not_on_record_refuses(http: httpx2.Client) -> None:
    answer = http.post("/v1/chat/completions", json=BODY, headers={"x-ecluse-purpose": "marketing"})
    assert (answer.status_code, code(answer)) == (403, "policy_denied")
    assert http.post("/v1/chat/completions", json=BODY, headers={"x-ecluse-purpose": "summaries"}).status_code == 200


def test_health_ready_and_metrics_tell_nothing_of_callers(shared_gateway: Gateway, http: httpx2.Client) -> None:
    http.post("/v1/chat/completions", json=BODY)
    assert httpx2.get(f"{shared_gateway.url}/health", trust_env=False).json() == {"status": "up"}
    ready = httpx2.get(f"{shared_gateway.url}/ready", trust_env=False).json()
    assert (ready["status"], ready["date"]) == ("ready", "2026-11-24")
    metrics = httpx2.get(f"{shared_gateway.url}/metrics", trust_env=False).text
    assert "ecluse_requests_total" in metrics
    assert "region" not in metrics
    assert "mail" not in metrics


def test_no_content_in_the_log(shared_gateway: Gateway, http: httpx2.Client) -> None:
    canary = "Zoé Canarivel"
    letter = {"model": "auto", "messages": [{"role": "user", "content": f"Mme {canary}, zoe@canarivel.fr"}]}
    http.post("/v1/chat/completions", json=letter)
    http.post("/v1/chat/completions", json={**letter, "model": canary})
    assert "canarivel" not in shared_gateway.log.lower()
    for file in shared_gateway.state.iterdir():
        assert b"canarivel" not in file.read_bytes().lower()


def test_a_repeated_sensitivity_adds_up_and_a_repeated_purpose_refuses(http: httpx2.Client) -> None:
    twice = [("x-ecluse-sensitivity", "health"), ("x-ecluse-sensitivity", "personal")]
    asked = http.post("/v1/explain", json=BODY, headers=[*http.headers.items(), *twice])
    assert {"health", "personal"} <= set(asked.json()["classes"])
    purposes = [("x-ecluse-purpose", "drafting"), ("x-ecluse-purpose", "summaries")]
    answer = http.post("/v1/explain", json=BODY, headers=[*http.headers.items(), *purposes])
    assert (answer.status_code, code(answer)) == (400, "invalid_request")


def test_a_whole_number_written_as_a_float_is_read(http: httpx2.Client) -> None:
    body = json.dumps({**BODY, "metadata": {"card": 4539578763621486.0}})
    told = http.post("/v1/explain", content=body).json()
    assert "payment" in told.get("classes", []) or told["error"]["code"] == "unsupported_field"
    called = {"id": "c1", "type": "function", "function": {"name": "pay", "arguments": '{"card": 4539578763621486.0}'}}
    turns = [{"role": "user", "content": "pay"}, {"role": "assistant", "content": None, "tool_calls": [called]}]
    turns.append({"role": "tool", "tool_call_id": "c1", "content": "done"})
    assert "payment" in http.post("/v1/explain", json={"model": "auto", "messages": turns}).json()["classes"]
