"""The official openai client has a provider keep its conversations, where the rules permit it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import httpx2
import openai
import pytest
from openai import OpenAI

from ecluse.domain.trail import Entry, EntryKind
from ecluse.edge.stores.reader import TrailReader
from ecluse.passage.record import parse
from tests.edge.gateway import Gateway
from tests.edge.keeping import KEEPER, LETTER, NAME, NIR, PUBLIC, ask, keeping_gateway, stored


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with keeping_gateway(tmp_path_factory.mktemp("kept")) as running:
        yield running


@pytest.fixture
def desk(made: Gateway) -> Iterator[OpenAI]:
    with made.client(made.key("desk")) as client:
        yield client


def bodies(made: Gateway) -> list[dict[str, Any]]:
    lines = made.fleet[KEEPER].lines("request")
    return [json.loads(str(line["body"])) for line in lines if line["method"] == "POST"]


def entries(made: Gateway) -> list[Entry]:
    """Return the intents and admin entries of the trail, once all is written."""
    with closing(TrailReader.open(made.state / "trail.db")) as trail:
        found = [parse(entry) for _, entry, _ in trail.rows(0, trail.size())]
    return [one for one in found if one.kind in {EntryKind.INTENT, EntryKind.ADMIN}]


def intents(made: Gateway) -> list[Mapping[str, Any]]:
    return [one.body for one in entries(made)]


def test_a_kept_answer_is_gone_on_from_with_its_originals_and_none_leaves(made: Gateway, desk: OpenAI) -> None:
    first = ask(desk, LETTER, store=True)
    second = ask(desk, "Et son numéro ?", store=True, previous_response_id=first.id)
    assert NAME in first.output_text
    assert LETTER in second.output_text
    assert (first.store, second.store, second.previous_response_id) == (True, True, first.id)
    assert first.id.startswith("resp_")
    assert first.id not in stored(made)
    sent = bodies(made)[-1]
    assert sent["store"] is True
    assert sent["previous_response_id"] in stored(made)
    told = [(one.get("keeps"), one.get("continues")) for one in intents(made)]
    assert told[-2:] == [(True, None), (True, first.id.removeprefix("resp_"))]
    for original in (NIR, "Lefèvre", "LEFÈVRE", "2850369"):
        assert original not in json.dumps(bodies(made)[-2:], ensure_ascii=False)


def test_a_name_said_again_in_a_later_turn_has_the_surrogate_of_the_first(made: Gateway, desk: OpenAI) -> None:
    first = ask(desk, LETTER, store=True)
    ask(desk, LETTER, store=True, previous_response_id=first.id)
    texts = [item["content"] for body in bodies(made)[-2:] for item in body["input"] if item["role"] == "user"]
    assert texts[0] == texts[1]
    assert NIR not in str(texts)


def test_a_streamed_answer_is_kept_too(desk: OpenAI) -> None:
    with desk.responses.stream(model="keeper-1", input=LETTER, store=True) as stream:
        events = list(stream)
        whole = stream.get_final_response()
    begun = events[0]
    assert begun.type == "response.created"
    assert begun.response.id == whole.id
    again = ask(desk, "Encore.", previous_response_id=whole.id)
    assert LETTER in again.output_text
    assert again.store is False


def test_instructions_of_a_turn_are_not_kept_with_it(made: Gateway, desk: OpenAI) -> None:
    first = ask(desk, PUBLIC, store=True, instructions="Be brief.")
    ask(desk, PUBLIC, previous_response_id=first.id)
    before, after = bodies(made)[-2:]
    assert before["instructions"] == "Be brief."
    assert "Be brief." not in json.dumps(before["input"])
    assert "instructions" not in after


def test_an_absent_store_keeps_nothing(made: Gateway, desk: OpenAI) -> None:
    before = stored(made)
    answer = ask(desk, PUBLIC)
    assert answer.store is False
    assert bodies(made)[-1]["store"] is False
    assert stored(made) == before
    with pytest.raises(openai.NotFoundError) as refused:
        desk.responses.retrieve(answer.id)
    assert refused.value.code == "response_not_found"


def test_a_kept_answer_is_fetched_with_its_originals_and_then_deleted(made: Gateway, desk: OpenAI) -> None:
    kept = ask(desk, LETTER, store=True)
    fetched = desk.responses.retrieve(kept.id)
    assert (fetched.id, fetched.output_text, fetched.model) == (kept.id, kept.output_text, kept.model)
    there = len(stored(made))
    desk.responses.delete(kept.id)
    assert len(stored(made)) == there - 1
    told = made.fleet[KEEPER].lines("request")[-1]
    assert (told["method"], told["body"], str(told["path"]).rpartition("/")[0]) == ("DELETE", "", "/v1/responses")
    assert set(told["headers"]) <= {"host", "accept", "x-request-id", "authorization", "user-agent", "content-length"}  # type: ignore[arg-type] # a mapping
    *_, fetch, withdrawn = intents(made)
    assert (fetch["fetches"], fetch["keeps"]) == (kept.id.removeprefix("resp_"), False)
    assert (withdrawn["action"], withdrawn["subject"]) == ("response_withdrawn", kept.id.removeprefix("resp_"))
    for gone in (lambda: desk.responses.retrieve(kept.id), lambda: ask(desk, PUBLIC, previous_response_id=kept.id)):
        with pytest.raises(openai.NotFoundError) as refused:
            gone()
        assert refused.value.code == "response_not_found"


def test_another_organisation_or_application_finds_nothing(made: Gateway, desk: OpenAI) -> None:
    kept = ask(desk, LETTER, store=True)
    sent = len(made.fleet[KEEPER].lines("request"))
    for other in ("sales", "unassessed"):
        with made.client(made.key(other)) as client:
            with pytest.raises(openai.NotFoundError):
                client.responses.retrieve(kept.id)
            with pytest.raises(openai.NotFoundError):
                client.responses.delete(kept.id)
            with pytest.raises(openai.NotFoundError):
                ask(client, PUBLIC, previous_response_id=kept.id)
    assert len(made.fleet[KEEPER].lines("request")) == sent
    assert desk.responses.retrieve(kept.id).output_text == kept.output_text


def test_another_conversation_finds_nothing(desk: OpenAI) -> None:
    kept = ask(desk, PUBLIC, store=True, extra_headers={"x-ecluse-conversation": "one"})
    assert ask(desk, PUBLIC, previous_response_id=kept.id, extra_headers={"x-ecluse-conversation": "one"})
    with pytest.raises(openai.NotFoundError):
        ask(desk, PUBLIC, previous_response_id=kept.id, extra_headers={"x-ecluse-conversation": "two"})


@pytest.mark.parametrize("text", [LETTER, f"Bonjour {NAME}, née le 3 mars 1985."])
def test_personal_data_are_not_kept_without_an_assessment(made: Gateway, text: str) -> None:
    before = stored(made)
    with made.client(made.key("unassessed")) as client:
        assert ask(client, text)
        with pytest.raises(openai.PermissionDeniedError) as refused:
            ask(client, text, store=True)
        assert ask(client, PUBLIC, store=True).store is True
    assert "base.kept_assessment" in str(refused.value.body)
    assert "`store` false" in str(refused.value.body)
    assert len(stored(made)) == len(before) + 1


def test_what_lies_at_the_provider_counts_for_the_next_turn(made: Gateway, desk: OpenAI) -> None:
    first = ask(desk, f"Madame {NAME} habite ici.", store=True)
    shown = httpx2.post(
        f"{made.url}/v1/explain/responses",
        json={"model": "keeper-1", "input": PUBLIC, "store": True, "previous_response_id": first.id},
        headers={"authorization": f"Bearer {desk.api_key}"},
        trust_env=False,
        timeout=20.0,
    )
    assert "personal" in shown.json()["classes"]
    ask(desk, PUBLIC, previous_response_id=first.id)
    assert "personal" in intents(made)[-1]["found"]  # so a simulation of the past asks the same
    assert [choice["destination"] for choice in shown.json()["choices"]] == [KEEPER]


def test_a_credential_is_never_kept(desk: OpenAI) -> None:
    with pytest.raises(openai.PermissionDeniedError) as refused:
        ask(desk, "password = Tr0ub4dor&3-xk29", store=True)
    assert "base.kept_never" in str(refused.value.body)


@pytest.mark.parametrize("fields", [{"background": True}, {"prompt": {"id": "pmpt_1"}}])
def test_what_else_a_provider_would_keep_is_refused_by_name(desk: OpenAI, fields: dict[str, Any]) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        ask(desk, PUBLIC, store=True, **fields)
    assert (refused.value.code, refused.value.param) == ("retention_refused", next(iter(fields)))


def test_a_dead_provider_keeps_what_is_sealed_and_says_so(made: Gateway, desk: OpenAI) -> None:
    kept = ask(desk, PUBLIC, store=True)
    made.fleet.down(KEEPER)
    try:
        with pytest.raises(openai.APIStatusError) as refused:
            desk.responses.delete(kept.id)
        assert refused.value.status_code >= 500
    finally:
        made.fleet.up(KEEPER)
    desk.responses.delete(kept.id)


def test_a_sealed_record_shows_nothing_and_one_that_was_changed_refuses(made: Gateway, desk: OpenAI) -> None:
    kept = ask(desk, LETTER, store=True)
    records = sorted((made.folder / "vault").iterdir(), key=lambda path: path.stat().st_mtime)
    assert all(kept.id.removeprefix("resp_") not in path.name for path in records)
    newest = records[-1]
    data = newest.read_bytes()
    assert b"Lef" not in data
    newest.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(openai.InternalServerError) as refused:
        ask(desk, PUBLIC, previous_response_id=kept.id)
    assert (refused.value.status_code, refused.value.code) == (503, "vault_unavailable")
    newest.write_bytes(data)
    assert ask(desk, PUBLIC, previous_response_id=kept.id)


def provider(made: Gateway) -> Any:
    return made.fleet[KEEPER].simulator.provider


def test_the_prefix_alone_names_no_answer_and_nothing_is_sent(made: Gateway, desk: OpenAI) -> None:
    sent = len(made.fleet[KEEPER].lines("request"))
    with pytest.raises(openai.NotFoundError) as refused:
        ask(desk, PUBLIC, previous_response_id="resp_")
    assert refused.value.code == "response_not_found"
    for method in ("GET", "DELETE"):
        for name in ("resp_", ""):
            told = made.caller.request(
                method,
                f"{made.url}/v1/responses/{name}",
                json={"model": "keeper-1", "input": PUBLIC},
                headers={"authorization": f"Bearer {desk.api_key}"},
            )
            assert told.status_code == 404
    assert len(made.fleet[KEEPER].lines("request")) == sent


def test_what_its_provider_has_lost_is_not_found(made: Gateway, desk: OpenAI) -> None:
    kept = ask(desk, PUBLIC, store=True)
    provider(made).stored.clear()
    for call in (lambda: desk.responses.retrieve(kept.id), lambda: ask(desk, PUBLIC, previous_response_id=kept.id)):
        with pytest.raises(openai.NotFoundError) as refused:
            call()
        assert refused.value.code == "response_not_found"
    desk.responses.delete(kept.id)


@pytest.mark.parametrize("name", ["", "../../admin/keys", "x" * 300, "é"])
def test_a_provider_s_name_that_could_not_be_deleted_refuses(made: Gateway, desk: OpenAI, name: str) -> None:
    sent = len(bodies(made))
    provider(made).name = name
    try:
        with pytest.raises(openai.APIStatusError) as refused:
            ask(desk, PUBLIC, store=True)
    finally:
        provider(made).name = None
    assert refused.value.code == "upstream_malformed"
    assert len(bodies(made)) == sent + 1


def test_an_answer_that_failed_after_its_name_was_told_is_not_asked_for_again(made: Gateway, desk: OpenAI) -> None:
    sent, there = len(bodies(made)), len(stored(made))
    provider(made).fails = True
    try:
        with pytest.raises(openai.APIStatusError) as refused:
            desk.responses.create(model="keeper-1", input=LETTER, store=True, stream=True)
    finally:
        provider(made).fails = False
    assert refused.value.status_code == 502
    assert (len(bodies(made)), len(stored(made))) == (sent + 1, there + 1)
    passage = entries(made)[-1].passage
    desk.responses.delete(f"resp_{passage}")  # the trail says under which name it can still be deleted
    assert len(stored(made)) == there


@pytest.mark.parametrize("again", ["123 456 56", "123 456 56, c'est la suite."])
def test_a_value_that_a_turn_cuts_in_two_is_covered_where_it_goes_on(made: Gateway, desk: OpenAI, again: str) -> None:
    first = ask(desk, "Son numéro commence par 2 85 03 69", store=True)
    ask(desk, again, store=True, previous_response_id=first.id)
    assert "123 456" not in json.dumps(bodies(made)[-1]["input"], ensure_ascii=False)
    other = ask(desk, "Son numéro commence par", store=True)
    ask(desk, "Il a 12 ans.", store=True, previous_response_id=other.id)
    assert "12 ans" in json.dumps(bodies(made)[-1]["input"], ensure_ascii=False)
