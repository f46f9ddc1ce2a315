"""Answers that our writers write, read by the official `openai` client."""

import base64
import struct
from typing import Any

import httpx2
import openai as sdk
import pytest

from ecluse.domain.dialect import Listed
from ecluse.domain.errors import CallerError, EcluseError, GatewayError, PolicyDenied, ProviderError
from ecluse.domain.event import Begin, Channel, Event, Finish, Opaque, Text, ToolArgs, UpstreamError, Usage, Vector
from ecluse.domain.request import Json, Request, Surface
from ecluse.domain.verdict import Basis, Reason, Refusal, RuleId
from ecluse.passage.admit.openai_chat import DIALECT
from tests.passage.admit.sdk import ENVELOPE, answering, client

ASK: Any = {"model": "m", "messages": [{"role": "user", "content": "?"}]}
EVENTS: list[Event] = [
    Begin(id="upstream-id", model="upstream-model", created=1, raw={"system_fingerprint": "fp_1", "model": "upstream"}),
    Opaque(raw={"prompt_filter_results": [{"prompt_index": 0}]}),
    Text(choice=0, channel=Channel.REASONING, s="Il demande…"),
    Text(
        choice=0, channel=Channel.CONTENT, s="Voi", raw={"logprobs": {"content": []}, "delta": {"citations": ["une"]}}
    ),
    Text(choice=1, channel=Channel.REFUSAL, s="Non."),
    Text(choice=0, channel=Channel.CONTENT, s="là 🛶"),
    ToolArgs(choice=0, index=0, s="", id="call_1", name="meteo"),
    ToolArgs(choice=0, index=0, s='{"ville":'),
    ToolArgs(choice=0, index=1, s="{}", name="niveau"),
    ToolArgs(choice=0, index=0, s='"Sète"}'),
    Finish(choice=1, reason="stop"),
    Finish(choice=0, reason="tool_calls"),
    Opaque(raw={"choices": [{"index": 0, "content_filter_offsets": {"check_offset": 9}}]}),
    Usage(tokens_in=3, tokens_out=1),
    Usage(tokens_in=3, tokens_out=7, raw={"prompt_tokens_details": {"cached_tokens": 2}}),
]


def _request(*, stream: bool = False, usage: bool = False, options: dict[str, Json] | None = None) -> Request:
    return Request(surface=Surface.CHAT, model="m", stream=stream, include_usage=usage, options=options or {})


def test_a_whole_answer() -> None:
    answer = answering(_request(), EVENTS).chat.completions.create(**ASK)
    assert (answer.id, answer.model, answer.created) == (ENVELOPE.id, ENVELOPE.model, ENVELOPE.created)
    assert answer.system_fingerprint == "fp_1"
    first, second = answer.choices
    message = first.message
    assert (message.content, message.refusal, first.finish_reason) == ("Voilà 🛶", None, "tool_calls")
    assert message.model_extra is not None
    assert message.model_extra["reasoning_content"] == "Il demande…"
    assert message.tool_calls is not None
    assert [call.to_dict() for call in message.tool_calls] == [
        {"id": "call_1", "type": "function", "function": {"name": "meteo", "arguments": '{"ville":"Sète"}'}},
        {"id": "call_passage-0001_0_1", "type": "function", "function": {"name": "niveau", "arguments": "{}"}},
    ]
    assert (second.message.content, second.message.refusal, second.finish_reason) == (None, "Non.", "stop")
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (3, 7, 10)
    assert answer.usage.prompt_tokens_details is not None


@pytest.mark.parametrize("usage", [True, False])
def test_a_streamed_answer(usage: bool) -> None:  # noqa: FBT001 - a table
    chunks = list(answering(_request(stream=True, usage=usage), EVENTS).chat.completions.create(**ASK, stream=True))
    assert {(chunk.id, chunk.model, chunk.object) for chunk in chunks} == {
        (ENVELOPE.id, ENVELOPE.model, "chat.completion.chunk")
    }
    assert [chunk.usage.total_tokens for chunk in chunks if chunk.usage] == ([10] if usage else [])
    assert [len(chunk.choices) for chunk in chunks if not chunk.choices] == ([0] if usage else [])
    deltas = [(choice.index, choice.delta) for chunk in chunks for choice in chunk.choices]
    for index in (0, 1):
        roles = [delta.role for i, delta in deltas if i == index]
        assert roles == ["assistant"] + [None] * (len(roles) - 1)
    assert "".join(delta.content or "" for index, delta in deltas if index == 0) == "Voilà 🛶"
    assert "".join(delta.refusal or "" for index, delta in deltas if index == 1) == "Non."
    finishes = [(c.index, c.finish_reason) for chunk in chunks for c in chunk.choices if c.finish_reason]
    assert finishes == [(1, "stop"), (0, "tool_calls")]


def test_a_stream_gathered_by_the_sdk_is_the_whole_answer() -> None:
    ask = {"model": "m", "messages": ASK["messages"]}
    with answering(_request(stream=True), EVENTS).chat.completions.stream(**ask) as stream:
        final = stream.get_final_completion()
    calls = final.choices[0].message.tool_calls
    assert calls is not None
    assert [(call.function.name, call.function.arguments) for call in calls] == [
        ("meteo", '{"ville":"Sète"}'),
        ("niveau", "{}"),
    ]
    assert final.choices[0].message.content == "Voilà 🛶"


def test_what_anthropic_remembered_is_told_under_openais_name() -> None:
    counted = Usage(tokens_in=20, tokens_out=1, raw={"cache_read_input_tokens": 15})
    answer = answering(_request(), [*EVENTS[:-1], counted]).chat.completions.create(**ASK)
    assert answer.usage is not None
    assert answer.usage.prompt_tokens_details is not None
    assert answer.usage.prompt_tokens_details.cached_tokens == 15


@pytest.mark.parametrize("stream", [True, False])
def test_usage_that_the_provider_did_not_count_is_left_out(stream: bool) -> None:  # noqa: FBT001 - a table
    request = _request(stream=stream, usage=True)
    events: list[Event] = [
        Text(choice=0, channel=Channel.CONTENT, s="a"),
        Finish(choice=0, reason="stop"),
        Usage(tokens_in=1, tokens_out=None),
    ]
    writer = DIALECT.writer(request, ENVELOPE)
    written = b"".join([*map(writer.write, events), writer.close()])
    assert b"total_tokens" not in written


def test_an_answer_without_text_is_an_empty_one() -> None:
    answer = answering(_request(), [Finish(choice=0, reason="length")]).chat.completions.create(**ASK)
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("", "length")


# ------------------------------------------------------------------ what breaks on the way
def test_a_stream_that_breaks_says_so_and_has_no_closing_mark() -> None:
    writer = DIALECT.writer(_request(stream=True), ENVELOPE)
    said = writer.write(Text(choice=0, channel=Channel.CONTENT, s="Voi"))
    broken = said + writer.fail(ProviderError("upstream_timeout")) + writer.close()
    assert b"[DONE]" not in broken
    assert writer.write(Text(choice=0, channel=Channel.CONTENT, s="là")) == b""
    with client(
        lambda _: httpx2.Response(200, headers={"content-type": writer.content_type}, content=broken)
    ) as openai:
        stream = openai.chat.completions.create(**ASK, stream=True)
        assert next(stream).choices[0].delta.content == "Voi"
        with pytest.raises(sdk.APIError, match="The provider took too long"):
            next(stream)


@pytest.mark.parametrize("message", ["Restored words of the provider.", ""])
def test_a_providers_error_inside_a_stream_ends_it(message: str) -> None:
    events: list[Event] = [
        Text(choice=0, channel=Channel.CONTENT, s="Voi"),
        UpstreamError(code="upstream_content_filter", message=message),
        Usage(tokens_in=1, tokens_out=1),
    ]
    stream = answering(_request(stream=True, usage=True), events).chat.completions.create(**ASK, stream=True)
    next(stream)
    with pytest.raises(sdk.APIError, match=message or "content filter refused"):
        next(stream)


@pytest.mark.parametrize(
    ("surface", "options"), [(Surface.CHAT, {}), (Surface.EMBEDDINGS, {"encoding_format": "base64"})]
)
def test_a_whole_answer_that_breaks_is_an_error_body(surface: Surface, options: dict[str, Json]) -> None:
    request = Request(surface=surface, model="m", options=options)
    writer = DIALECT.writer(request, ENVELOPE)
    assert writer.write(UpstreamError(code="upstream_error", message="words")) == b""
    assert (
        writer.close() == b'{"error":{"message":"words","type":"upstream_error","param":null,"code":"upstream_error"}}'
    )
    assert b'"code":"internal_error"' in writer.fail(GatewayError("internal_error"))


# ------------------------------------------------------------------ embeddings
def _packed(*values: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


VECTORS: list[Event] = [
    Begin(model="upstream"),
    Vector(index=1, values=(0.5, -0.25)),
    Vector(index=0, values=_packed(0.125, 2.0)),
    Usage(tokens_in=4, tokens_out=0),
]


@pytest.mark.parametrize(
    ("options", "first", "second"),
    [
        ({}, [0.125, 2.0], [0.5, -0.25]),
        ({"encoding_format": "float"}, [0.125, 2.0], [0.5, -0.25]),
        ({"encoding_format": "base64"}, _packed(0.125, 2.0), _packed(0.5, -0.25)),
    ],
)
def test_embeddings_come_in_the_form_that_was_asked(options: dict[str, Json], first: object, second: object) -> None:
    request = Request(surface=Surface.EMBEDDINGS, model="m", options=options)
    answer = answering(request, VECTORS).embeddings.create(
        model="m",
        input=["un", "deux"],
        encoding_format=options.get("encoding_format", "float"),  # type: ignore[arg-type] # a table
    )
    assert [(item.index, item.embedding) for item in answer.data] == [(0, first), (1, second)]
    assert (answer.model, answer.usage.prompt_tokens, answer.usage.total_tokens) == (ENVELOPE.model, 4, 4)


def test_embeddings_as_the_sdk_asks_by_default_are_read_back_as_floats() -> None:
    request = Request(surface=Surface.EMBEDDINGS, model="m", options={"encoding_format": "base64"})
    answer = answering(request, VECTORS).embeddings.create(model="m", input=["un", "deux"])
    assert [item.embedding for item in answer.data] == [[0.125, 2.0], [0.5, -0.25]]


# ------------------------------------------------------------------ errors and models
def _reply(error: EcluseError, language: str = "en") -> sdk.OpenAI:
    return client(lambda _: httpx2.Response(error.status, content=DIALECT.error(error, language)))


@pytest.mark.parametrize(
    ("error", "kind", "type_"),
    [
        (CallerError("invalid_request", "n: 1..128"), sdk.BadRequestError, "invalid_request_error"),
        (CallerError("invalid_api_key"), sdk.AuthenticationError, "authentication_error"),
        (CallerError("model_not_found"), sdk.NotFoundError, "invalid_request_error"),
        (ProviderError("upstream_rate_limited"), sdk.RateLimitError, "rate_limit_error"),
        (ProviderError("upstream_error"), sdk.InternalServerError, "upstream_error"),
        (GatewayError("facts_expired"), sdk.InternalServerError, "server_error"),
    ],
)
def test_an_error_is_raised_as_the_sdk_has_it(error: EcluseError, kind: type[sdk.APIStatusError], type_: str) -> None:
    with pytest.raises(kind) as raised:
        _reply(error).chat.completions.create(**ASK)
    assert (raised.value.code, raised.value.type, raised.value.param) == (error.code, type_, error.param)
    assert error.sentence("en") in str(raised.value)


REASON = Reason(
    rule=RuleId("hds/host"),
    en="Care data needs a certified host.",
    fr="Les données de soins exigent un hébergeur certifié.",
    source="CSP L.1111-8",
    basis=Basis.LAW,
)


@pytest.mark.parametrize(
    ("language", "sentence", "first"), [("en", REASON.en, "Ecluse does not"), ("fr", REASON.fr, "Ecluse ne")]
)
def test_a_refusal_says_why_what_would_help_and_what_is_not_checked(language: str, sentence: str, first: str) -> None:
    with pytest.raises(sdk.PermissionDeniedError) as raised:
        _reply(PolicyDenied(Refusal(reasons=(REASON,))), language).chat.completions.create(**ASK)
    body: Any = raised.value.body
    assert (body["message"], body["type"], body["code"]) == (sentence, "policy_refusal", "policy_denied")
    assert body["reasons"] == [{"rule": "hds/host", "reason": sentence, "source": "CSP L.1111-8", "basis": "law"}]
    assert body["would_help"] == []
    assert len(body["not_checked"]) == 5
    assert body["not_checked"][0].startswith(first)


def test_models_are_listed() -> None:
    listed = DIALECT.models([Listed(name="auto", owner="ecluse"), Listed(name="mistral-large", owner="mistral_ai")])
    with client(lambda _: httpx2.Response(200, content=listed)) as openai:
        found = [(model.id, model.owned_by, model.created, model.object) for model in openai.models.list()]
    assert found == [("auto", "ecluse", 0, "model"), ("mistral-large", "mistral_ai", 0, "model")]
