"""Files and batches by the official client: each line is a passage, what is kept is sealed, and ends."""

import io
import json
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

import httpx2
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openai import APIStatusError, BadRequestError, NotFoundError, OpenAI, PermissionDeniedError

from ecluse.domain.caller import ApplicationId, KeyScope
from ecluse.edge.batches.described import kept_paths
from ecluse.edge.clock import SystemClock
from ecluse.edge.keys import Secrets
from ecluse.edge.keys.state import kept, trail
from ecluse.edge.keys.state import keys as key_table
from ecluse.edge.keys.table import KeyTable
from simulators.brain import Echo
from simulators.faults import Fault, FaultKind
from tests.edge.gateway import AZURE, OTHER, OWN, SCALEWAY, Gateway, gateway
from tests.edge.test_masked_wire import LETTER, VALUES

BATCHES = "[batches]\nkeep_hours = 24\nlines = 20\nbytes = 200000\nconcurrent = 2\n" + OTHER
CHAT: Any = "/v1/chat/completions"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(tmp_path_factory.mktemp("batches"), (SCALEWAY, AZURE, OWN), BATCHES, brain=Echo()) as one:
        yield one


@pytest.fixture(scope="module")
def keys(made: Gateway) -> tuple[str, str]:
    return made.key("mail"), made.key("letters")


@pytest.fixture
def client(made: Gateway, keys: tuple[str, str]) -> Iterator[OpenAI]:
    with made.client(keys[0]) as one:
        yield one


def line(custom_id: str, text: str, **more: object) -> dict[str, Any]:
    body = {"model": "gpt-5.4", "max_tokens": 256, "messages": [{"role": "user", "content": text}], **more}
    return {"custom_id": custom_id, "method": "POST", "url": CHAT, "body": body}


def upload(client: OpenAI, lines: Sequence[dict[str, Any]], **more: Any) -> Any:
    data = "\n".join(json.dumps(one) for one in lines).encode()
    return client.files.create(file=("calls.jsonl", io.BytesIO(data)), purpose="batch", **more)


def begin(client: OpenAI, lines: Sequence[dict[str, Any]], **more: Any) -> Any:
    file = upload(client, lines)
    return client.batches.create(input_file_id=file.id, endpoint=CHAT, completion_window="24h", **more)


def until(look: Callable[[], Any], true: Callable[[Any], bool], seconds: float = 15) -> Any:
    deadline = time.monotonic() + seconds
    while not true(found := look()):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def ended(client: OpenAI, id_: str) -> Any:
    return until(lambda: client.batches.retrieve(id_), lambda batch: batch.status not in {"in_progress", "cancelling"})


def rows(client: OpenAI, id_: str | None) -> dict[str, Any]:
    assert id_ is not None
    read = [json.loads(row) for row in client.files.content(id_).text.splitlines()]
    return {row["custom_id"]: row for row in read}


def test_a_masked_line_is_restored_and_a_refused_one_has_its_code(made: Gateway, client: OpenAI) -> None:
    secret = "password: " + "hunter2-hunter2-X9"
    begun = begin(
        client,
        [line("letter", LETTER), line("nowhere", "hello", model="no-such-model"), line("key", f"{LETTER} {secret}")],
        metadata={"project": "letters"},
    )
    batch = ended(client, begun.id)
    assert (batch.status, batch.metadata, batch.endpoint) == ("completed", {"project": "letters"}, CHAT)
    answers, errors = rows(client, batch.output_file_id), rows(client, batch.error_file_id)
    assert (batch.request_counts.total, batch.request_counts.completed) == (3, len(answers))
    said = answers["letter"]["response"]["body"]["choices"][0]["message"]["content"]
    assert all(value in said for value in VALUES)
    assert errors["nowhere"]["error"]["code"] == "model_not_found"
    assert errors["nowhere"]["response"]["status_code"] == 404
    seen = str([one["body"] for one in made.fleet[AZURE].lines("request")])
    assert not [value for value in VALUES if value in seen]
    entry = answers["letter"]["response"]["request_id"]
    assert made.command("trail", "show", entry, "--state-dir", str(made.state)).returncode == 0
    assert client.files.retrieve(batch.output_file_id).purpose == "batch_output"


def test_a_line_that_the_rules_refuse_is_an_error_line(client: OpenAI) -> None:
    batch = ended(client, begin(client, [line("no", "What is a lock?")], extra_headers={"x-ecluse-purpose": "war"}).id)
    [error] = rows(client, batch.error_file_id).values()
    assert (error["error"]["code"], error["response"]["status_code"]) == ("policy_denied", 403)
    assert error["response"]["body"]["error"]["reasons"]
    assert batch.output_file_id is None
    assert batch.request_counts.failed == 1


def test_what_is_kept_lies_sealed_and_is_gone_when_it_is_deleted(made: Gateway, client: OpenAI) -> None:
    file = upload(client, [line("a-custom-name", LETTER)])
    lies = kept(made.state).read_bytes()
    assert kept(made.state).stat().st_mode & 0o077 == 0
    assert not [word for word in (*VALUES, "a-custom-name", "calls.jsonl") if word.encode() in lies]
    assert client.files.content(file.id).text.startswith('{"custom_id": "a-custom-name"')
    assert file.id in [one.id for one in client.files.list()]
    assert client.files.delete(file.id).deleted
    with pytest.raises(NotFoundError):
        client.files.content(file.id)
    assert file.id.encode() not in kept(made.state).read_bytes()


def test_the_ids_of_another_application_do_not_exist(made: Gateway, client: OpenAI, keys: tuple[str, str]) -> None:
    begun = begin(client, [line("mine", "What is a lock?")])
    with made.client(keys[1]) as other:
        asks: list[Callable[[], object]] = [
            lambda: other.files.retrieve(begun.input_file_id),
            lambda: other.files.content(begun.input_file_id),
            lambda: other.files.delete(begun.input_file_id),
            lambda: other.batches.retrieve(begun.id),
            lambda: other.batches.cancel(begun.id),
            lambda: other.batches.create(input_file_id=begun.input_file_id, endpoint=CHAT, completion_window="24h"),
        ]
        for ask in asks:
            with pytest.raises(NotFoundError):
                ask()
        assert begun.id not in [one.id for one in other.batches.list()]
        assert begun.input_file_id not in [one.id for one in other.files.list()]
    assert ended(client, begun.id).status == "completed"


BAD: Any = [
    ([{"custom_id": "a"}], "line 1"),
    ([line("a", "x"), line("a", "y")], "twice"),
    ([{**line("a", "x"), "url": "/v1/moderations"}], "line 1"),
    ([line("a", "x", stream=True)], "stream"),
    ([line("a", "x", tools=[{"type": "web_search"}])], "line 1"),
    ([line(str(n), "x") for n in range(21)], "20 lines"),
    ([], "1 to 20"),
]


@pytest.mark.parametrize(("lines", "why"), BAD)
def test_a_file_that_cannot_be_read_whole_refuses(client: OpenAI, lines: list[dict[str, Any]], why: str) -> None:
    before = [one.id for one in client.files.list()]
    with pytest.raises(BadRequestError) as refused:
        upload(client, lines)
    assert why in str(refused.value)
    assert [one.id for one in client.files.list()] == before


@pytest.mark.parametrize(
    ("asked", "instead"),
    [({"store": True}, "leave it out"), ({"previous_response_id": "resp_1"}, "send every turn in `input`")],
)
def test_a_line_that_a_provider_would_keep_refuses_and_says_what_to_do(
    client: OpenAI, asked: dict[str, Any], instead: str
) -> None:
    body = {"model": "gpt-5.4", "input": "hello", **asked}
    one = {"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": body}
    with pytest.raises(BadRequestError) as refused:
        upload(client, [{**one, "custom_id": "b", "body": {**body, "store": False, "previous_response_id": None}}, one])
    assert refused.value.code == "retention_refused"
    assert "line 2: " in refused.value.message
    assert instead in refused.value.message
    assert "vault" not in refused.value.message


def test_another_purpose_refuses_by_name(client: OpenAI) -> None:
    with pytest.raises(BadRequestError, match="batch"):
        client.files.create(file=("a.pdf", b"%PDF-"), purpose="user_data")


def test_a_file_over_what_an_application_may_keep_refuses(client: OpenAI) -> None:
    with pytest.raises(APIStatusError) as refused:
        upload(client, [line("a", "word " * 50_000)])
    assert (refused.value.status_code, refused.value.code) == (413, "kept_full")


def test_what_the_gateways_place_may_not_hold_refuses_and_is_not_kept(client: OpenAI) -> None:
    before = len(list(client.files.list()))
    with pytest.raises(PermissionDeniedError) as refused:
        upload(client, [line("a", "x")], extra_headers={"x-ecluse-sensitivity": "classified"})
    assert refused.value.code == "policy_denied"
    assert refused.value.response.headers["x-ecluse-entry"]
    assert len(list(client.files.list())) == before


@pytest.mark.parametrize("where", ["custom_id", "a field that would not leave"])
def test_words_beside_what_is_sent_are_searched_too(client: OpenAI, where: str) -> None:
    marked = "TRÈS SECRET DÉFENSE - SPÉCIAL FRANCE"
    one = line(marked, "x") if where == "custom_id" else line("a", "x", user=marked)
    with pytest.raises(PermissionDeniedError) as refused:
        upload(client, [one])
    assert refused.value.code == "policy_denied"


def test_the_trail_says_what_is_kept_and_what_was_forgotten(made: Gateway, client: OpenAI) -> None:
    file = upload(client, [line("a", "x")])
    client.files.delete(file.id)
    with closing(sqlite3.connect(trail(made.state))) as db:
        entries = [str(row[0]) for row in db.execute("SELECT entry FROM entries ORDER BY idx")]
    told = [entry for entry in entries if file.id in entry]
    assert ["file_kept" in told[0], "file_forgotten" in told[-1], len(told)] == [True, True, 2]


def test_a_cancelled_batch_begins_no_more_lines(made: Gateway, client: OpenAI) -> None:
    made.fleet.fault(AZURE, Fault(kind=FaultKind.SLOW, seconds=1.0))
    try:
        begun = begin(client, [line(str(n), "What is a lock?") for n in range(10)])
        assert client.batches.cancel(begun.id).status == "cancelling"
        batch = ended(client, begun.id)
    finally:
        made.fleet.fault(AZURE, None)
    assert batch.status == "cancelled"
    errors = rows(client, batch.error_file_id)
    assert {row["error"]["code"] for row in errors.values()} == {"batch_cancelled"}
    assert len(errors) >= 8


def test_a_line_under_way_at_a_kill_is_told_and_never_sent_again(made: Gateway, client: OpenAI) -> None:
    made.fleet.fault(AZURE, Fault(kind=FaultKind.SLOW, seconds=30.0))
    texts = [f"Which lock is number {n}?" for n in range(6)]
    before = len(made.fleet[AZURE].lines("request"))
    begun = begin(client, [line(str(n), text) for n, text in enumerate(texts)])
    until(lambda: len(made.fleet[AZURE].lines("request")) - before, lambda count: count >= 2)
    made.stop(signal.SIGKILL)
    made.fleet.fault(AZURE, None)
    made.start()
    batch = ended(client, begun.id)
    errors, answers = rows(client, batch.error_file_id), rows(client, batch.output_file_id)
    assert {row["error"]["code"] for row in errors.values()} == {"batch_interrupted"}
    assert (len(errors), len(answers), batch.status) == (2, 4, "completed")
    bodies = str([one["body"] for one in made.fleet[AZURE].lines("request")[before:]])
    assert [bodies.count(text) for text in texts] == [1] * 6


def test_a_revoked_key_sends_nothing_more(made: Gateway, client: OpenAI) -> None:
    table = KeyTable(key_table(made.state), Secrets.open(made.state))
    key, secret = table.create(ApplicationId("mail"), SystemClock().now())
    made.fleet.fault(AZURE, Fault(kind=FaultKind.SLOW, seconds=2.0))
    try:
        with made.client(secret.reveal()) as other:
            begun = begin(other, [line(str(n), "What is a lock?") for n in range(8)])
        table.revoke(key.id)
    finally:
        made.fleet.fault(AZURE, None)
    with client:
        batch = ended(client, begun.id)
        assert {row["error"]["code"] for row in rows(client, batch.error_file_id).values()} == {"invalid_api_key"}


def test_files_and_batches_refuse_a_key_without_their_scope_or_that_of_the_lines(made: Gateway) -> None:
    def key(*scopes: KeyScope) -> str:
        table = KeyTable(key_table(made.state), Secrets.open(made.state))
        return table.create(ApplicationId("mail"), SystemClock().now(), scopes=frozenset(scopes))[1].reveal()

    with made.client(key(KeyScope.CHAT)) as chat, pytest.raises(PermissionDeniedError, match=r"\(files\)"):
        chat.files.list()
    with made.client(key(KeyScope.FILES)) as files, pytest.raises(PermissionDeniedError, match=r"\(chat\)"):
        begin(files, [line("a", "What is a lock?")])
    with made.client(key(KeyScope.FILES, KeyScope.CHAT)) as both:
        assert ended(both, begin(both, [line("a", "What is a lock?")]).id).request_counts.completed == 1


BODIES: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"model": "gpt-5.4", "max_tokens": 256, "messages": [{"role": "user", "content": LETTER}]},
    "/v1/responses": {"model": "gpt-5.4", "max_output_tokens": 256, "input": LETTER, "store": False},
    "/v1/completions": {"model": "smollm2-135m", "max_tokens": 256, "prompt": LETTER},
    "/v1/embeddings": {"model": "smollm2-135m", "input": "What is a lock?"},
}


@pytest.mark.parametrize("endpoint", BODIES)
def test_each_endpoint_is_answered_with_its_originals(made: Gateway, client: OpenAI, endpoint: Any) -> None:
    call = {"custom_id": "one", "method": "POST", "url": endpoint, "body": BODIES[endpoint]}
    file = upload(client, [call])
    begun = client.batches.create(input_file_id=file.id, endpoint=endpoint, completion_window="24h")
    batch = ended(client, begun.id)
    assert batch.output_file_id, rows(client, batch.error_file_id)
    answered = rows(client, batch.output_file_id)["one"]["response"]
    assert answered["status_code"] == 200
    if endpoint == "/v1/embeddings":
        assert answered["body"]["data"][0]["embedding"]
        return
    said = json.dumps(answered["body"], ensure_ascii=False)
    assert all(json.dumps(value, ensure_ascii=False)[1:-1] in said for value in VALUES)
    seen = str([one["body"] for one in made.fleet[AZURE].lines("request")])
    assert not [value for value in VALUES if value in seen]


def test_calls_about_files_and_batches_are_counted(made: Gateway, client: OpenAI) -> None:
    client.files.list()
    with pytest.raises(NotFoundError):
        client.batches.retrieve("batch_none")
    told = httpx2.get(f"{made.url}/metrics", trust_env=False).text
    assert 'surface="files",status="200"' in told or 'status="200",surface="files"' in told
    assert 'surface="batches",status="404"' in told or 'status="404",surface="batches"' in told


def test_the_document_has_their_paths(made: Gateway) -> None:
    told = httpx2.get(f"{made.url}/openapi.json", trust_env=False).json()
    assert set(kept_paths()) <= set(told["paths"])


@pytest.mark.long
def test_no_described_input_ends_in_a_500(made: Gateway, keys: tuple[str, str]) -> None:
    told = httpx2.get(f"{made.url}/openapi.json", trust_env=False).json()
    told["paths"] = kept_paths()
    schema = schemathesis.openapi.from_dict(told)
    with requests.Session() as session:
        session.trust_env = False
        session.headers["authorization"] = f"Bearer {keys[0]}"
        for result in schema.get_all_operations():
            operation: Any = result

            @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))
            @given(case=operation.ok().as_strategy())
            def no_500(case: Any) -> None:
                with session.request(**case.as_transport_kwargs(base_url=made.url), timeout=20) as answer:
                    assert answer.status_code != 500, answer.text

            no_500()
