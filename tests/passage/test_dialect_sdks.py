"""For each pair of dialects: what an official client sends leaves whole, and what comes back is what it reads."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import httpx2
import pytest
from anthropic import Anthropic
from openai import OpenAI

from ecluse.domain.dialect import Envelope
from ecluse.domain.event import Event, Finish, Text, ToolArgs, Usage
from ecluse.domain.request import Request, Surface
from ecluse.passage.admit import DIALECTS as INBOUND
from ecluse.passage.send import DIALECTS as OUTBOUND
from tests.passage.send.exchange import answer, destination, read
from tests.passage.test_dialect_pairs import CALLS, SCHEMA, pairs

Answering = Callable[[httpx2.Request], httpx2.Response]
FORM = {"type": "json_schema", "name": "lock", "schema": SCHEMA, "strict": True}
STRUCTURED: Mapping[str, dict[str, Any]] = {
    "openai_chat": {"response_format": {"type": "json_schema", "json_schema": {k: FORM[k] for k in list(FORM)[1:]}}},
    "openai_responses": {"text": {"format": FORM}},
    "anthropic_messages": {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
}
"""What asks for an answer in a form, in each inbound dialect."""
BITS = (1, 1 << 20)
"""Sizes of the network's pieces."""


def _openai(answering: Answering) -> OpenAI:
    http = httpx2.Client(transport=httpx2.MockTransport(answering))
    return OpenAI(api_key="k", base_url="http://gateway.test/v1", http_client=http, max_retries=0)


def _anthropic(answering: Answering) -> Anthropic:
    http = httpx2.Client(transport=httpx2.MockTransport(answering))
    return Anthropic(api_key="k", base_url="http://gateway.test", http_client=http, max_retries=0)


def _worded(call: dict[str, Any]) -> dict[str, Any]:
    """Put what this client has no word for any more where its callers put it."""
    rest = {name: value for name, value in call.items() if name != "temperature"}
    return {**rest, "extra_body": {"temperature": call["temperature"]}}


SENDS: Mapping[str, Callable[[Answering, dict[str, Any]], object]] = {
    "openai_chat": lambda answering, call: _openai(answering).chat.completions.create(**call),
    "openai_responses": lambda answering, call: _openai(answering).responses.create(**call),
    "anthropic_messages": lambda answering, call: _anthropic(answering).messages.create(**_worded(call)),
}


@cache
def sent_by_the_client(inbound: str, more: str = "") -> bytes:
    """Return the body that an official client sends for the call, and what `more` adds to it."""
    seen: list[bytes] = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.content)
        return httpx2.Response(418, json={"error": {"message": "caught", "type": "caught"}})

    call = {**CALLS[inbound], **(STRUCTURED[inbound] if more else {})}
    with pytest.raises(Exception, match="caught"):
        SENDS[inbound](refuse, call)
    (body,) = seen
    return body


@pytest.mark.parametrize("inbound", sorted(CALLS))
def test_the_matrix_starts_from_what_official_clients_send(inbound: str) -> None:
    assert json.loads(sent_by_the_client(inbound)) == CALLS[inbound]


@pairs
def test_a_form_of_the_answer_leaves_whole(inbound: str, outbound: str) -> None:
    asked = INBOUND[inbound].admit(Surface.CHAT, sent_by_the_client(inbound, "a form"))
    assert "response_format" not in OUTBOUND[outbound].unsupported(asked)
    body = OUTBOUND[outbound].call(asked, destination(), "a").body
    without = (
        OUTBOUND[outbound]
        .call(INBOUND[inbound].admit(Surface.CHAT, sent_by_the_client(inbound)), destination(), "a")
        .body
    )
    stated, plain = (raw.decode().replace('\\"', '"').count('"required"') for raw in (body, without))
    assert stated == plain + 1


# ------------------------------------------------------------------ the way back
def _events(outbound: str, case: str, asked: Request, size: int) -> list[Event]:
    raw = answer(outbound, case)
    bits = [raw[a:b] for a, b in pairwise([*range(0, len(raw), size), len(raw)])]
    return read(OUTBOUND[outbound].reader(asked), bits)


def _said(events: Sequence[Event]) -> tuple[list[tuple[str, Any]], str, tuple[int | None, int | None] | None]:
    """Return calls, reason and usage as the provider meant them."""
    calls: dict[int, tuple[str, str]] = {}
    for event in events:
        if isinstance(event, ToolArgs):
            name, args = calls.get(event.index, ("", ""))
            calls[event.index] = (name + (event.name or ""), args + event.s)
    (reason,) = [event.reason for event in events if isinstance(event, Finish)]
    counted = [(event.tokens_in, event.tokens_out) for event in events if isinstance(event, Usage)]
    return [(n, json.loads(a or "{}")) for n, a in calls.values()], reason, counted[-1] if counted else None


def _chat(answering: Answering, call: dict[str, Any]) -> Any:
    final: dict[int, tuple[str, str]] = {}
    reason, usage, ids = "", None, set()
    stream: Any = _openai(answering).chat.completions.create(
        **call, stream=True, stream_options={"include_usage": True}
    )
    for chunk in stream:
        usage = (chunk.usage.prompt_tokens, chunk.usage.completion_tokens) if chunk.usage else usage
        for choice in chunk.choices:
            reason = choice.finish_reason or reason
            for part in choice.delta.tool_calls or ():
                ids |= {part.id} - {None}
                name, args = final.get(part.index, ("", ""))
                final[part.index] = (name + (part.function.name or ""), args + (part.function.arguments or ""))
    return [(n, json.loads(a or "{}")) for n, a in final.values()], reason, usage, ids


def _messages(answering: Answering, call: dict[str, Any]) -> Any:
    with _anthropic(answering).messages.stream(**_worded(call)) as stream:
        final = stream.get_final_message()
    uses = [block for block in final.content if block.type == "tool_use"]
    reason = {"tool_use": "tool_calls"}.get(str(final.stop_reason), str(final.stop_reason))
    told = final.usage  # this format counts what was remembered apart from what was read
    read = told.input_tokens + (told.cache_read_input_tokens or 0) + (told.cache_creation_input_tokens or 0)
    usage = (read, told.output_tokens)
    return [(use.name, use.input) for use in uses], reason, usage, {use.id for use in uses}


def _responses(answering: Answering, call: dict[str, Any]) -> Any:
    final: Any = None
    numbers = []
    for event in _openai(answering).responses.create(**call, stream=True):
        numbers.append(event.sequence_number)
        final = event.response if event.type == "response.completed" else final
    assert numbers == sorted(set(numbers))
    uses = [item for item in final.output if item.type == "function_call"]
    usage = (final.usage.input_tokens, final.usage.output_tokens) if final.usage else None
    return (
        [(use.name, json.loads(use.arguments or "{}")) for use in uses],
        "tool_calls",
        usage,
        {u.call_id for u in uses},
    )


READS: Mapping[str, Callable[[Answering, dict[str, Any]], Any]] = {
    "openai_chat": _chat,
    "anthropic_messages": _messages,
    "openai_responses": _responses,
}


def _answering(inbound: str, asked: Request, events: Sequence[Event]) -> Answering:
    writer = INBOUND[inbound].writer(asked, Envelope(id="i", model="m", created=1))
    pieces = [*map(writer.write, events), writer.close()]
    kind = {"content-type": writer.content_type}
    return lambda _: httpx2.Response(200, headers=kind, content=iter(pieces))


@pairs
@pytest.mark.parametrize("size", BITS)
def test_a_client_reads_the_calls_the_end_and_the_tokens_of_a_stream(inbound: str, outbound: str, size: int) -> None:
    usage = {"stream_options": {"include_usage": True}} if inbound == "openai_chat" else {}
    body = json.dumps({**json.loads(sent_by_the_client(inbound)), "stream": True, **usage}).encode()
    asked = INBOUND[inbound].admit(Surface.CHAT, body)
    events = _events(outbound, "tools", asked, size)
    calls, reason, counted = _said(events)
    read_calls, read_reason, read_usage, ids = READS[inbound](_answering(inbound, asked, events), CALLS[inbound])
    assert read_calls == calls
    assert len(ids) == len(calls)
    assert read_reason == reason
    if counted is not None:
        assert read_usage == counted


@pairs
def test_every_split_of_a_stream_is_written_the_same(inbound: str, outbound: str) -> None:
    asked = INBOUND[inbound].admit(Surface.CHAT, json.dumps({**CALLS[inbound], "stream": True}).encode())

    def written(size: int) -> bytes:
        writer = INBOUND[inbound].writer(asked, Envelope(id="i", model="m", created=1))
        events = _events(outbound, "accents", asked, size)
        assert any(isinstance(event, Text) for event in events)
        return b"".join([*map(writer.write, events), writer.close()])

    assert {written(size) for size in range(1, 64)} == {written(1 << 20)}


def test_dialects_answer_two_calls_at_once_but_one_whose_recording_has_one() -> None:
    asked = INBOUND["openai_chat"].admit(Surface.CHAT, json.dumps({**CALLS["openai_chat"], "stream": True}).encode())
    numbers = {outbound: len(_said(_events(outbound, "tools", asked, 1 << 20))[0]) for outbound in OUTBOUND}
    assert {outbound for outbound, number in numbers.items() if number < 2} <= {
        "azure_classic",
        "azure_openai",
        "azure_inference",
    }
