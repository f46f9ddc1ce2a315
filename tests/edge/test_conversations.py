"""The official openai client has conversation objects kept in the gateway's vault, where the rules permit it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import openai
import pytest
from openai import OpenAI
from typing_extensions import override

from ecluse.domain.trail import EntryKind
from ecluse.edge.stores.reader import TrailReader
from ecluse.passage.record import parse
from simulators.brain import STEADY_TOKENS, Ending, Piece, Question
from tests.edge.gateway import Gateway
from tests.edge.keeping import KEEPER, LETTER, MODEL, NAME, NIR, PUBLIC, Remembering, ask, keeping_gateway, stored

SECRET = "password = Tr0ub4dor&3-xk29"


@dataclass(frozen=True, slots=True)
class Prompted(Remembering):
    """Repeats what it was told, unless it is told what to say; meanwhile others may do something."""

    says: list[str] = field(default_factory=list)
    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    @override
    async def answer(self, question: Question) -> AsyncGenerator[Piece, None]:
        """Answer."""
        if self.meanwhile:
            await asyncio.to_thread(self.meanwhile.pop())
        if self.says:
            yield self.says.pop()
            yield Ending(reason="stop", tokens_in=STEADY_TOKENS, tokens_out=1)
            return
        async for piece in Remembering.answer(self, question):
            yield piece


BRAIN = Prompted()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with keeping_gateway(tmp_path_factory.mktemp("conversations"), brain=BRAIN) as running:
        yield running


@pytest.fixture
def desk(made: Gateway) -> Iterator[OpenAI]:
    with made.client(made.key("desk")) as client:
        yield client


def user(text: str) -> Any:
    return {"type": "message", "role": "user", "content": text}


def sent(made: Gateway) -> list[str]:
    return [str(line["body"]) for line in made.fleet[KEEPER].lines("request")]


def told(made: Gateway) -> list[Any]:
    """Return the intents, refusals and admin entries of the trail."""
    with closing(TrailReader.open(made.state / "trail.db")) as trail:
        found = [parse(entry) for _, entry, _ in trail.rows(0, trail.size())]
    return [one.body for one in found if one.kind is not EntryKind.OUTCOME]


def texts(client: OpenAI, conversation: str, **options: Any) -> list[str]:
    items: Any = client.conversations.items.list(conversation, order="asc", **options)
    return [part.text for item in items for part in item.content]


def refused(code: str, call: Callable[[], object]) -> openai.APIStatusError:
    with pytest.raises(openai.APIStatusError) as error:
        call()
    assert error.value.code == code
    return error.value


def test_a_conversation_is_gone_on_from_with_its_originals_and_none_leaves(made: Gateway, desk: OpenAI) -> None:
    conversation = desk.conversations.create(items=[user(LETTER)], metadata={"case": "42"})
    assert (conversation.object, conversation.metadata) == ("conversation", {"case": "42"})
    first = ask(desk, "Et son numéro ?", conversation=conversation.id)
    second = ask(desk, "Et son nom ?", conversation={"id": conversation.id})
    assert LETTER in first.output_text
    assert LETTER in second.output_text
    assert first.conversation.id == second.conversation.id == conversation.id
    assert first.store is False
    said = [LETTER, "Et son numéro ?", first.output_text, "Et son nom ?", second.output_text]
    assert texts(desk, conversation.id) == said
    leaving = " ".join(sent(made)[-2:])
    assert conversation.id.removeprefix("conv_") not in leaving
    assert json.loads(sent(made)[-1])["store"] is False
    for original in (NIR, "Lefèvre", "2850369"):
        assert original not in leaving
    assert stored(made) == {}
    begun, turn, _ = told(made)[-3:]
    assert (begun["action"], begun["subject"]) == ("conversation_begun", conversation.id.removeprefix("conv_"))
    assert (turn["converses"], "keeps" in turn) == (begun["subject"], False)


def test_a_streamed_turn_is_kept_before_it_is_told_that_it_ended(desk: OpenAI) -> None:
    conversation = desk.conversations.create()
    with desk.responses.stream(model=MODEL, input=LETTER, conversation=conversation.id) as stream:
        kinds = [event.type for event in stream]
        whole: Any = stream.get_final_response()
    assert kinds[-1] == "response.completed"
    assert whole.conversation.id == conversation.id
    assert texts(desk, conversation.id) == [LETTER, whole.output_text]


def test_items_are_listed_in_pages_added_shown_and_deleted(made: Gateway, desk: OpenAI) -> None:
    conversation = desk.conversations.create(items=[user(f"{n}.") for n in range(3)])
    call: Any = {"type": "function_call", "call_id": "c1", "name": "find", "arguments": json.dumps({"who": LETTER})}
    output: Any = {"type": "function_call_output", "call_id": "c1", "output": "found"}
    made_: Any = desk.conversations.items.create(conversation.id, items=[call, output])
    assert [item.type for item in made_.data] == ["function_call", "function_call_output"]
    assert [item.status for item in made_.data] == ["completed", "completed"]
    page: Any = desk.conversations.items.list(conversation.id, limit=2)
    assert [item.id for item in page.data] == [made_.data[1].id, made_.data[0].id]
    assert (page.has_more, page.first_id, page.last_id) == (True, page.data[0].id, page.data[1].id)
    every: list[Any] = list(desk.conversations.items.list(conversation.id, limit=2))
    assert [item.type for item in every] == ["function_call_output", "function_call", *["message"] * 3]
    shown: Any = desk.conversations.items.retrieve(made_.data[0].id, conversation_id=conversation.id)
    assert (shown.arguments, shown.call_id) == (call["arguments"], "c1")
    assert desk.conversations.items.delete(every[-1].id, conversation_id=conversation.id).id == conversation.id
    assert ask(desk, "Go on.", conversation=conversation.id)
    leaving = sent(made)[-1]
    assert '"0."' not in leaving
    assert '"1."' in leaving
    assert "Lef" not in leaving
    refused(
        "conversation_not_found",
        lambda: desk.conversations.items.retrieve(every[-1].id, conversation_id=conversation.id),
    )


def test_a_tool_is_answered_in_a_turn_without_its_call(made: Gateway, desk: OpenAI) -> None:
    call: Any = {"type": "function_call", "call_id": "c9", "name": "find", "arguments": "{}"}
    conversation = desk.conversations.create(items=[user(PUBLIC), call])
    BRAIN.says.extend(["Then Paris.", "It is Paris."])
    output: Any = [{"type": "function_call_output", "call_id": "c9", "output": "Paris"}]
    desk.responses.create(model=MODEL, input=output, conversation=conversation.id)
    assert [item.get("type", "message") for item in json.loads(sent(made)[-1])["input"]] == [
        "message",
        "function_call",
        "function_call_output",
    ]
    again = desk.responses.create(model=MODEL, conversation=conversation.id)  # nothing new: the conversation alone
    assert again.status == "completed"


def test_metadata_are_changed_searched_and_shown(desk: OpenAI) -> None:
    conversation = desk.conversations.create(metadata={"case": "42"})
    assert desk.conversations.update(conversation.id, metadata={"case": "43"}).metadata == {"case": "43"}
    shown = desk.conversations.retrieve(conversation.id)
    assert (shown.metadata, shown.created_at) == ({"case": "43"}, conversation.created_at)
    error = refused("policy_denied", lambda: desk.conversations.update(conversation.id, metadata={"note": SECRET}))
    assert "base.kept_never" in str(error.body)
    assert desk.conversations.retrieve(conversation.id).metadata == {"case": "43"}


def test_what_is_deleted_is_gone_and_does_not_come_back(made: Gateway, desk: OpenAI) -> None:
    conversation = desk.conversations.create(items=[user(LETTER)])
    there = len(list((made.folder / "vault").iterdir()))
    gone = desk.conversations.delete(conversation.id)
    assert (gone.deleted, gone.object, gone.id) == (True, "conversation.deleted", conversation.id)
    assert len(list((made.folder / "vault").iterdir())) == there - 1
    assert told(made)[-1]["action"] == "conversation_forgotten"
    number = len(sent(made))
    for call in (
        lambda: desk.conversations.retrieve(conversation.id),
        lambda: desk.conversations.delete(conversation.id),
        lambda: desk.conversations.items.create(conversation.id, items=[user(PUBLIC)]),
        lambda: ask(desk, PUBLIC, conversation=conversation.id),
        lambda: ask(desk, PUBLIC, conversation="conv_"),
    ):
        assert refused("conversation_not_found", call).status_code == 404
    assert len(sent(made)) == number
    other = desk.conversations.create(items=[user(PUBLIC)])
    BRAIN.meanwhile.append(lambda: desk.conversations.delete(other.id))
    refused("conversation_not_found", lambda: ask(desk, "Go on.", conversation=other.id))
    refused("conversation_not_found", lambda: desk.conversations.retrieve(other.id))
    third = desk.conversations.create(items=[user(PUBLIC)])
    BRAIN.meanwhile.append(lambda: desk.conversations.delete(third.id))
    events: list[Any] = list(desk.responses.create(model=MODEL, input="Go on.", conversation=third.id, stream=True))
    assert events[-1].type == "response.failed"
    assert "conversation_not_found" in events[-1].response.error.message


def test_another_organisation_or_application_finds_nothing(made: Gateway, desk: OpenAI) -> None:
    conversation = desk.conversations.create(items=[user(LETTER)])
    (item,) = desk.conversations.items.list(conversation.id).data
    number = len(sent(made))
    for other in ("sales", "unassessed"):
        with made.client(made.key(other)) as client:
            for call in (
                lambda: client.conversations.retrieve(conversation.id),
                lambda: client.conversations.update(conversation.id, metadata={}),
                lambda: client.conversations.delete(conversation.id),
                lambda: client.conversations.items.list(conversation.id),
                lambda: client.conversations.items.create(conversation.id, items=[user(PUBLIC)]),
                lambda: client.conversations.items.retrieve(item.id or "", conversation_id=conversation.id),
                lambda: client.conversations.items.delete(item.id or "", conversation_id=conversation.id),
                lambda: ask(client, PUBLIC, conversation=conversation.id),
            ):
                refused("conversation_not_found", call)
    assert len(sent(made)) == number
    assert texts(desk, conversation.id) == [LETTER]


def test_a_kept_answer_is_no_conversation_nor_the_other_way_round(desk: OpenAI) -> None:
    conversation = desk.conversations.create()
    kept = ask(desk, PUBLIC, store=True)
    name = conversation.id.removeprefix("conv_")
    for id_ in (name, f"resp_{name}", conversation.id):
        refused("response_not_found", partial(desk.responses.retrieve, id_))
        refused("response_not_found", partial(ask, desk, PUBLIC, previous_response_id=id_))
    refused("conversation_not_found", lambda: desk.conversations.retrieve(kept.id.removeprefix("resp_")))
    error = refused(
        "invalid_request", lambda: ask(desk, "x", conversation=conversation.id, previous_response_id=kept.id)
    )
    assert "previous_response_id" in error.message
    desk.responses.delete(kept.id)


def test_the_rules_decide_what_is_kept(made: Gateway, desk: OpenAI) -> None:
    there = len(list((made.folder / "vault").iterdir()))
    assert "base.kept_never" in str(
        refused("policy_denied", lambda: desk.conversations.create(items=[user(SECRET)])).body
    )
    assert told(made)[-1]["refusing_place"] == "own_premises"
    with made.client(made.key("unassessed")) as client:
        error = refused("policy_denied", lambda: client.conversations.create(items=[user(LETTER)]))
        assert "base.kept_assessment" in str(error.body)
        assert len(list((made.folder / "vault").iterdir())) == there
        conversation = client.conversations.create(items=[user(PUBLIC)])
        number = len(sent(made))
        for call in (
            lambda: ask(client, LETTER, conversation=conversation.id),
            lambda: client.conversations.items.create(conversation.id, items=[user(LETTER)]),
        ):
            refused("policy_denied", call)
        assert len(sent(made)) == number
        assert ask(client, LETTER)  # what may be sent and not kept is sent without a conversation
        assert texts(client, conversation.id) == [PUBLIC]


def test_an_answer_is_searched_before_it_is_kept(desk: OpenAI) -> None:
    conversation = desk.conversations.create(items=[user(PUBLIC)])
    BRAIN.says.append(SECRET)
    error = refused("policy_denied", lambda: ask(desk, "Make one up.", conversation=conversation.id))
    assert "base.kept_never" in str(error.body)
    BRAIN.says.append(SECRET)
    events: list[Any] = list(
        desk.responses.create(model=MODEL, input="Another.", conversation=conversation.id, stream=True)
    )
    assert events[-1].type == "response.failed"
    assert "policy_denied" in events[-1].response.error.message
    assert texts(desk, conversation.id) == [PUBLIC]


def test_what_a_caller_stated_of_it_counts_for_every_turn_after(made: Gateway, desk: OpenAI) -> None:
    raised = {"x-ecluse-sensitivity": "trade_secret"}
    conversation = desk.conversations.create(items=[user(PUBLIC)], extra_headers=raised)
    number = len(sent(made))
    refused("policy_denied", lambda: ask(desk, "Go on.", conversation=conversation.id))
    assert "trade_secret" in told(made)[-1]["declared"]
    assert len(sent(made)) == number
    assert ask(desk, "Go on.")


def test_a_value_split_over_items_and_turns_is_covered(made: Gateway, desk: OpenAI) -> None:
    conversation = desk.conversations.create(items=[user("Son numéro commence par 2 85 03 69")])
    desk.conversations.items.create(conversation.id, items=[user("123 456 56")])
    ask(desk, ", c'est tout.", conversation=conversation.id)
    assert "123 456" not in sent(made)[-1]
    other = desk.conversations.create()
    BRAIN.says.append("D'accord.")
    ask(desk, "Son numéro commence par 2 85 03 69", conversation=other.id)
    ask(desk, "123 456 56", conversation=other.id)
    assert "123 456" not in sent(made)[-1]


def test_of_two_turns_at_once_none_is_lost(desk: OpenAI) -> None:
    conversation = desk.conversations.create(items=[user(PUBLIC)])

    def between() -> None:
        BRAIN.says.append("Second.")
        ask(desk, "The other turn.", conversation=conversation.id)

    BRAIN.meanwhile.append(between)
    first = ask(desk, "One turn.", conversation=conversation.id)
    said = texts(desk, conversation.id)
    assert said == [PUBLIC, "The other turn.", "Second.", "One turn.", first.output_text]


def test_a_turn_that_its_provider_failed_is_not_in_it(made: Gateway, desk: OpenAI) -> None:
    conversation = desk.conversations.create(items=[user(PUBLIC)])
    provider: Any = made.fleet[KEEPER].simulator.provider
    provider.fails = True
    try:
        with pytest.raises(openai.APIStatusError):
            desk.responses.create(model=MODEL, input="Go on.", conversation=conversation.id, stream=True)
    finally:
        provider.fails = False
    assert texts(desk, conversation.id) == [PUBLIC]
    assert ask(desk, "Go on.", conversation=conversation.id)


def test_a_sealed_record_shows_nothing_and_one_that_was_changed_refuses(made: Gateway, desk: OpenAI) -> None:
    conversation = desk.conversations.create(items=[user(LETTER)])
    newest = max((made.folder / "vault").iterdir(), key=lambda path: path.stat().st_mtime)
    data = newest.read_bytes()
    assert b"Lef" not in data
    assert conversation.id.removeprefix("conv_") not in newest.name
    newest.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    number = len(sent(made))
    for call in (
        lambda: ask(desk, PUBLIC, conversation=conversation.id),
        lambda: desk.conversations.retrieve(conversation.id),
    ):
        assert refused("vault_unavailable", call).status_code == 503
    assert len(sent(made)) == number
    newest.write_bytes(data)
    assert ask(desk, PUBLIC, conversation=conversation.id)
    assert NAME not in made.log


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"items": [{"type": "item_reference", "id": "msg_1"}]}, "retention_refused"),
        ({"items": [{"type": "web_search_call", "id": "w"}]}, "invalid_request"),
        ({"items": [user("x")] * 21}, "invalid_request"),
        ({"items": [{"role": "user", "content": "x", "note": "y"}]}, "unsupported_field"),
        ({"items": [{"role": "user", "content": [{"type": "input_file", "file_id": "f"}]}]}, "remote_content_refused"),
        ({"items": "x"}, "invalid_request"),
        ({"metadata": {"a": 1}}, "invalid_request"),
        ({"metadata": {"a" * 65: "x"}}, "invalid_request"),
        ({"extra_body": {"expires_after": 1}}, "unsupported_field"),
    ],
)
def test_what_is_not_served_is_refused_by_name(desk: OpenAI, fields: Any, code: str) -> None:
    refused(code, lambda: desk.conversations.create(**fields))


def test_what_a_page_or_a_turn_cannot_have_is_refused(made: Gateway, desk: OpenAI) -> None:
    conversation = desk.conversations.create(items=[user(PUBLIC)])
    pages = desk.conversations.items
    for options, code in (
        ({"limit": 0}, "invalid_request"),
        ({"limit": 101}, "invalid_request"),
        ({"after": "msg_none"}, "invalid_request"),
        ({"order": "up"}, "invalid_request"),
        ({"include": ["message.output_text.logprobs"]}, "unsupported_field"),
        ({"extra_query": {"filter": "x"}}, "unsupported_field"),
    ):
        wrong: Any = options
        refused(code, partial(pages.list, conversation.id, **wrong))
    assert pages.list(conversation.id, include=["message.input_image.image_url"]).data
    for given in (7, {"id": ""}, {"id": conversation.id, "more": 1}, {}, ""):
        with pytest.raises(openai.BadRequestError):
            ask(desk, PUBLIC, conversation=given)
    refused("retention_refused", lambda: ask(desk, PUBLIC, conversation=conversation.id, background=True))
    for method, path in (
        ("PUT", conversation.id),
        ("DELETE", f"{conversation.id}/items"),
        ("GET", ""),
        ("GET", "a/b/c"),
    ):
        answer = made.caller.request(
            method, f"{made.url}/v1/conversations/{path}", headers={"authorization": f"Bearer {desk.api_key}"}
        )
        assert answer.json()["error"]["code"] == "retention_refused"


def test_explain_and_counts_are_of_the_whole_conversation(made: Gateway, desk: OpenAI) -> None:
    conversation = desk.conversations.create(items=[user(f"Madame {NAME} habite ici. " * 40)])
    call = {"model": MODEL, "input": PUBLIC, "conversation": conversation.id}
    headers = {"authorization": f"Bearer {desk.api_key}"}
    shown = made.caller.post(f"{made.url}/v1/explain/responses", json=call, headers=headers)
    assert "personal" in shown.json()["classes"]
    counted = made.caller.post(f"{made.url}/v1/responses/input_tokens", json=call, headers=headers)
    assert counted.json()["input_tokens"] > 200
    assert len(texts(desk, conversation.id)) == 1
