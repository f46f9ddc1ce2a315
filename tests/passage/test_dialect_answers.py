"""Every recorded answer of every provider, read by every official client: what it says is what the provider meant."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from anthropic import Anthropic
from openai import OpenAI

from ecluse.domain.dialect import Envelope
from ecluse.domain.errors import error_of
from ecluse.domain.event import Channel, Event, Finish, Opaque, Text, ToolArgs, UpstreamError, Usage
from ecluse.domain.request import Request, Surface
from ecluse.passage.admit import DIALECTS as INBOUND
from ecluse.passage.send import DIALECTS as OUTBOUND
from tests.passage.send.exchange import CASES, read, recorded
from tests.passage.test_dialect_pairs import CALLS

ANSWERS = [(dialect, case) for dialect, case in CASES if not case.startswith("embeddings")]
FAILED = (openai.APIError, anthropic.APIError, httpx2.TransportError)


@dataclass
class Said:
    """What an answer says, in words that every format has."""

    text: str = ""
    thought: str = ""
    calls: list[tuple[str, Any]] = field(default_factory=list)
    reason: str = ""
    usage: tuple[int, int] | None = None
    ids: list[str] = field(default_factory=list)


def meant(events: Sequence[Event]) -> Said | None:
    """Return what a provider meant by its first answer, None if it failed."""
    said, calls = Said(), dict[int, tuple[str, str]]()
    for event in events:
        match event:
            case Text(choice=0, channel=Channel.CONTENT | Channel.REFUSAL, s=s):
                said.text += s
            case Text(choice=0, s=s):
                said.thought += s
            case ToolArgs(choice=0, index=index, s=s, name=name):
                before = calls.get(index, ("", ""))
                calls[index] = (before[0] + (name or ""), before[1] + s)
            case Finish(choice=0, reason=reason):
                said.reason = reason
            case Usage(tokens_in=int() as read_in, tokens_out=int() as written):
                said.usage = (read_in, written)
            case UpstreamError() | Opaque(raw=str()):
                return None
            case _:
                pass
    said.calls = [(name, json.loads(args or "{}")) for name, args in calls.values()]
    return said


def given(inbound: str, asked: Request, events: Sequence[Event]) -> httpx2.Client:
    """Return what stands for the gateway: it gives an answer as the writer of the caller's format has it."""
    writer = INBOUND[inbound].writer(asked, Envelope(id="i", model="m", created=1))

    def pieces() -> Iterator[bytes]:
        for event in events:
            if isinstance(event, UpstreamError):  # the walk never hands one on: it fails the answer
                yield writer.fail(error_of(event.code))
                return
            if isinstance(event, Opaque) and isinstance(event.raw, str):
                yield writer.fail(error_of("upstream_malformed"))
                return
            yield writer.write(event)
        yield writer.close()

    body = b"".join(pieces())
    status = 200 if asked.stream or b'"error":{' not in body else 502
    answering = lambda _: httpx2.Response(status, headers={"content-type": writer.content_type}, content=body)  # noqa: E731 - an answer
    return httpx2.Client(transport=httpx2.MockTransport(answering))


# ------------------------------------------------------------------ the clients
def _chat(http: httpx2.Client, *, stream: bool) -> Said:
    client = OpenAI(api_key="k", base_url="http://gateway.test/v1", http_client=http, max_retries=0)
    call = CALLS["openai_chat"]
    if not stream:
        whole: Any = client.chat.completions.create(**call)
        choice = whole.choices[0]
        calls = choice.message.tool_calls or ()
        return Said(
            text=(choice.message.content or "") + (choice.message.refusal or ""),
            thought=getattr(choice.message, "reasoning_content", None) or "",
            calls=[(one.function.name, json.loads(one.function.arguments or "{}")) for one in calls],
            reason=choice.finish_reason,
            usage=(whole.usage.prompt_tokens, whole.usage.completion_tokens) if whole.usage else None,
            ids=[one.id for one in calls],
        )
    said, found, ids = Said(), dict[int, tuple[str, str]](), dict[int, str]()
    opened: Any = client.chat.completions.create(**call, stream=True, stream_options={"include_usage": True})
    for chunk in opened:
        if chunk.usage:
            said.usage = (chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
        for choice in chunk.choices:
            if choice.index:
                continue
            said.text += (choice.delta.content or "") + (choice.delta.refusal or "")
            said.thought += getattr(choice.delta, "reasoning_content", None) or ""
            said.reason = choice.finish_reason or said.reason
            for part in choice.delta.tool_calls or ():
                name, args = found.get(part.index, ("", ""))
                found[part.index] = (name + (part.function.name or ""), args + (part.function.arguments or ""))
                ids[part.index] = part.id or ids[part.index]
    assert said.reason, "the stream broke off without a word"
    said.calls, said.ids = [(name, json.loads(args or "{}")) for name, args in found.values()], [*ids.values()]
    return said


def _messages(http: httpx2.Client, *, stream: bool) -> Said:
    client = Anthropic(api_key="k", base_url="http://gateway.test", http_client=http, max_retries=0)
    call = {name: value for name, value in CALLS["anthropic_messages"].items() if name != "temperature"}
    if stream:
        with client.messages.stream(**call) as opened:
            final: Any = opened.get_final_message()
    else:
        final = client.messages.create(**call)
    of = {kind: [one for one in final.content if one.type == kind] for kind in ("text", "thinking", "tool_use")}
    reasons = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "tool_use": "tool_calls"}
    counted = (final.usage.input_tokens, final.usage.output_tokens)
    cached = (final.usage.cache_read_input_tokens or 0) + (final.usage.cache_creation_input_tokens or 0)
    known = counted[0] is not None and counted[1] is not None
    return Said(
        text="".join(one.text for one in of["text"]),
        thought="".join(one.thinking for one in of["thinking"]),
        calls=[(one.name, one.input) for one in of["tool_use"]],
        reason={**reasons, "refusal": "content_filter"}.get(final.stop_reason, final.stop_reason),
        usage=(counted[0] + cached, counted[1]) if known else None,
        ids=[one.id for one in of["tool_use"]],
    )


def _responses(http: httpx2.Client, *, stream: bool) -> Said:
    client = OpenAI(api_key="k", base_url="http://gateway.test/v1", http_client=http, max_retries=0)
    call = CALLS["openai_responses"]
    final: Any = None
    if stream:
        for event in client.responses.create(**call, stream=True):
            assert event.type != "response.failed" or final is None
            final = (
                event if event.type.startswith(("response.completed", "response.incomplete", "response.fai")) else None
            )
        if final.type == "response.failed":
            raise openai.APIError("failed", httpx2.Request("POST", "http://gateway.test"), body=None)
        final = final.response
    else:
        final = client.responses.create(**call)
    of = {kind: [one for one in final.output if one.type == kind] for kind in ("message", "reasoning", "function_call")}
    said = [part for one in of["message"] for part in one.content]
    why = final.incomplete_details.reason if final.incomplete_details else ""
    ended = "tool_calls" if of["function_call"] else "stop"
    return Said(
        text="".join(part.text if part.type == "output_text" else part.refusal for part in said),
        thought="".join(part.text for one in of["reasoning"] for part in one.content or ()),
        calls=[(one.name, json.loads(one.arguments or "{}")) for one in of["function_call"]],
        reason={"max_output_tokens": "length", "content_filter": "content_filter", "": ended}[why],
        usage=(final.usage.input_tokens, final.usage.output_tokens) if final.usage else None,
        ids=[one.call_id for one in of["function_call"]],
    )


READS: Mapping[str, Callable[..., Said]] = {
    "openai_chat": _chat,
    "anthropic_messages": _messages,
    "openai_responses": _responses,
}


@pytest.mark.parametrize("inbound", sorted(READS))
@pytest.mark.parametrize(("outbound", "case"), ANSWERS)
def test_a_client_reads_what_the_provider_meant(inbound: str, outbound: str, case: str) -> None:
    stream = not case.endswith(".json")
    usage = {"stream_options": {"include_usage": True}} if inbound == "openai_chat" and stream else {}
    body = json.dumps({**CALLS[inbound], "stream": stream, **usage}).encode()
    asked = INBOUND[inbound].admit(Surface.CHAT, body)
    events = read(OUTBOUND[outbound].reader(asked), [recorded(outbound, case)])
    expected = meant(events)
    with given(inbound, asked, events) as http:
        if expected is None:
            with pytest.raises(FAILED):
                READS[inbound](http, stream=stream)
            return
        got = READS[inbound](http, stream=stream)
    assert (got.text, got.thought, got.calls) == (expected.text, expected.thought, expected.calls)
    assert got.usage == expected.usage or (expected.usage is None and inbound == "anthropic_messages")
    assert got.reason == expected.reason
    assert len(set(got.ids)) == len(got.calls)
