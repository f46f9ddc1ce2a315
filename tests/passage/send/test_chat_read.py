"""What a chat answer may not be, and that nothing a provider sends does more than end in ProviderError."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.event import Channel, Event, Finish, Opaque, Text, UpstreamError, Usage
from ecluse.passage.send import DIALECTS
from ecluse.passage.send.chat_read import CHOICES, ChatReader
from tests.passage.send.exchange import read, request


def _events(*chunks: object, done: bool = True) -> list[Event]:
    stream = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks)
    return read(ChatReader(gathered=False), [(stream + ("data: [DONE]\n\n" if done else "")).encode()])


def _choice(delta: object, finish: object = None, index: object = 0) -> object:
    return {"choices": [{"index": index, "delta": delta, "finish_reason": finish}]}


def test_an_answer_that_finished_needs_no_closing_mark() -> None:
    assert isinstance(_events(_choice({"content": "a"}), _choice({}, "stop"), done=False)[-1], Finish)


def test_a_closing_mark_ends_an_answer_that_said_no_finish() -> None:
    assert isinstance(_events(_choice({"content": "a"}))[-1], Text)


@pytest.mark.parametrize("chunks", [[_choice({"content": "a"})], [{"choices": []}], []])
def test_an_answer_cut_short_refuses(chunks: list[object]) -> None:
    assert _events(*chunks, done=False)[-1] == Opaque(raw="raises upstream_malformed: cut short")


def test_one_of_two_choices_cut_short_refuses() -> None:
    events = _events(_choice({"content": "a"}), _choice({"content": "b"}, "stop", 1), done=False)
    assert events[-1] == Opaque(raw="raises upstream_malformed: cut short")


def test_nothing_is_read_after_the_closing_mark_or_an_error() -> None:
    after = _choice({"content": "late"}, "stop")
    whole = b'data: {"error":{"message":"x"}}\n\ndata: ' + json.dumps(after).encode() + b"\n\n"
    assert read(ChatReader(gathered=False), [whole]) == [UpstreamError(code="upstream_error", message="x")]
    marked = _events(_choice({"content": "a"}, "stop"))
    assert [event for event in marked if isinstance(event, Text)][-1].s == "a"


@pytest.mark.parametrize(
    "body", ['{"error":"busy"}', '{"object":"error","message":"busy"}', 'event: error\ndata: {"message":"busy"}\n\n']
)
def test_an_error_under_status_200_is_one_event(body: str) -> None:
    assert read(ChatReader(gathered=False), [body.encode()]) == [UpstreamError(code="upstream_error", message="busy")]


def test_a_whole_body_answers_a_stream() -> None:
    body = {
        "choices": [{"index": 0, "message": {"content": "a"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1},
    }
    assert read(ChatReader(gathered=False), [json.dumps(body).encode()])[1:] == [
        Text(choice=0, channel=Channel.CONTENT, s="a"),
        Finish(choice=0, reason="stop"),
        Usage(tokens_in=1, tokens_out=None),
    ]


@pytest.mark.parametrize(
    "chunk",
    [
        {"choices": {}},
        {"choices": [1]},
        {"choices": [{}] * (CHOICES + 1)},
        _choice({}, index=CHOICES),
        _choice({}, index=-1),
        _choice({}, index="0"),
        _choice({}, index=True),
        _choice([]),
        _choice({"content": 1}),
        _choice({"content": [1]}),
        _choice({"content": [{"type": "text"}]}),
        _choice({"content": [{"type": "thinking", "thinking": 1}]}),
        _choice({"tool_calls": {}}),
        _choice({}, finish=1),
        _choice({}, finish="x" * 33),
        {"deep": json.loads("[" * 40 + "]" * 40), "choices": []},
    ],
)
def test_a_malformed_chunk_refuses(chunk: object) -> None:
    assert "upstream_malformed" in str(_events(chunk)[-1])


@pytest.mark.parametrize("counted", [-1, 1.5, "3", True, 2**60])
def test_a_count_that_is_none_is_unknown_not_zero(counted: object) -> None:
    usage = _events(_choice({}, "stop"), {"choices": [], "usage": {"prompt_tokens": counted}})[-1]
    assert usage == Usage(tokens_in=None, tokens_out=None)


def test_a_million_choices_in_pieces_refuse() -> None:
    events = _events(*(_choice({"content": "x"}, index=index) for index in range(CHOICES + 1)))
    assert events == [Opaque(raw="raises upstream_malformed: choice not in 0..127")]


# ------------------------------------------------------------------ never more than ProviderError
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    *(
                        "choices",
                        "index",
                        "delta",
                        "message",
                        "finish_reason",
                        "usage",
                        "prompt_tokens",
                        "error",
                        "code",
                    ),
                    *("content", "type", "text", "thinking", "refusal", "reasoning_content", "logprobs"),
                    *("tool_calls", "function", "name", "arguments", "id", "data", "embedding", "object", "code"),
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=70)
@given(value=_json, dialect=st.sampled_from(sorted(DIALECTS)), streamed=st.booleans())
def test_no_json_does_more_than_refuse(value: object, dialect: str, streamed: bool) -> None:  # noqa: FBT001 - drawn
    written = json.dumps(value).encode()
    read(DIALECTS[dialect].reader(request()), [b"data: " + written + b"\n\n" if streamed else written])


@settings(max_examples=70)
@given(delta=_json, finish=_json, dialect=st.sampled_from(sorted(DIALECTS)))
def test_no_delta_does_more_than_refuse(delta: object, finish: object, dialect: str) -> None:
    written = json.dumps(_choice(delta, finish)).encode()
    read(DIALECTS[dialect].reader(request()), [b"data: " + written + b"\n\n"])


@given(
    written=st.binary(max_size=64),
    dialect=st.sampled_from(sorted(DIALECTS)),
    start=st.sampled_from([b"", b"data: ", b"{"]),
)
def test_no_bytes_do_more_than_refuse(written: bytes, dialect: str, start: bytes) -> None:
    read(DIALECTS[dialect].reader(request()), [start + written])
