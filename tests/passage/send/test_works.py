"""The answers of the other kinds of work: every split gives the same events, what is cut or odd refuses."""

import json
from typing import Any

import pytest

from ecluse.domain.errors import ProviderError
from ecluse.domain.event import Channel, Event, Finish, Item, Sound, Text, UpstreamError, Usage
from ecluse.domain.request import Request, Surface
from ecluse.packs.registry import load
from ecluse.passage.send import DIALECTS

SPEAKS = frozenset({"openai_chat", "azure_openai", "mistral_chat"})
WIDER = frozenset({"completions", "fim", "rerank", "moderations", "ocr", "transcription", "speech"})


def asked(surface: Surface, *inputs: str, stream: bool = False, **options: Any) -> Request:
    return Request(surface=surface, model="m", inputs=inputs, stream=stream, options=options)


def body(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def chunk(text: str, reason: str | None = None) -> bytes:
    choice = {"index": 0, "text": text, "finish_reason": reason, "logprobs": None}
    return b"data: " + body({"id": "c", "model": "m", "choices": [choice]}) + b"\n\n"


USED = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
STREAM = b"".join(
    [
        chunk("été "),
        chunk("à Paris"),
        chunk("", "stop"),
        b"data: " + body({"choices": [], "usage": USED}) + b"\n\n",
        b"data: [DONE]\n\n",
    ]
)
WHOLE = body({"choices": [{"index": 0, "text": "été à Paris", "finish_reason": "stop"}], "usage": USED})
RANKS = body({"results": [{"index": 1, "relevance_score": 0.5}, {"index": 0, "relevance_score": 1}]})
JUDGED = body({"id": "x", "model": "m", "results": [{"flagged": True, "categories": {"pii": True}}]})
PAGES = body({"pages": [{"index": 0, "markdown": "# Été", "images": []}], "model": "m", "usage_info": {"pages": 1}})
CASES: dict[str, tuple[str, Request, bytes]] = {
    "completion, streamed": ("openai_chat", asked(Surface.COMPLETIONS, "x", stream=True), STREAM),
    "completion, whole": ("openai_chat", asked(Surface.COMPLETIONS, "x"), WHOLE),
    "ranks": ("openai_chat", asked(Surface.RERANK, "q", "a", "b"), RANKS),
    "judgements": ("mistral_chat", asked(Surface.MODERATIONS, "x"), JUDGED),
    "pages": ("mistral_chat", asked(Surface.OCR), PAGES),
    "transcript": ("openai_chat", asked(Surface.TRANSCRIPTION), body({"text": "Été", "usage": USED})),
    "transcript, text": ("openai_chat", asked(Surface.TRANSCRIPTION, response_format="text"), "Été\n".encode()),
}


def read(case: tuple[str, Request, bytes], cut: int | None = None) -> list[Event]:
    dialect, request, data = case
    reader = DIALECTS[dialect].reader(request)
    pieces = [data] if cut is None else [data[:cut], data[cut:]]
    events = [event for piece in pieces for event in reader.feed(piece)]
    return [*events, *reader.end()]


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_split_gives_the_same_events(name: str) -> None:
    case = CASES[name]
    once = read(case)
    assert all(read(case, cut) == once for cut in range(len(case[2]) + 1))


def test_a_completion_says_the_same_streamed_and_whole() -> None:
    for name in ("completion, streamed", "completion, whole"):
        events = read(CASES[name])
        assert "".join(event.s for event in events if isinstance(event, Text)) == "été à Paris"
        assert [event.reason for event in events if isinstance(event, Finish)] == ["stop"]
        assert [(e.tokens_in, e.tokens_out) for e in events if isinstance(e, Usage)] == [(3, 2)]


def test_ranks_keep_the_order_of_the_provider() -> None:
    assert [event.index for event in read(CASES["ranks"]) if isinstance(event, Item)] == [1, 0]


def test_a_sound_passes_as_it_came() -> None:
    reader = DIALECTS["openai_chat"].reader(asked(Surface.SPEECH, "x", voice="alto"))
    assert [*reader.feed(b"ab"), *reader.feed(b""), *reader.feed(b"c")] == [Sound(data=b"ab"), Sound(data=b"c")]
    assert list(reader.end()) == [Finish(choice=0, reason="stop")]


ODD: list[tuple[str, Request, bytes]] = [
    ("openai_chat", asked(Surface.COMPLETIONS, "x", stream=True), chunk("cut")),
    ("openai_chat", asked(Surface.COMPLETIONS, "x"), b""),
    ("openai_chat", asked(Surface.COMPLETIONS, "x"), body({"choices": [{"index": -1, "text": "x"}]})),
    ("openai_chat", asked(Surface.COMPLETIONS, "x"), body({"choices": [{"index": 0, "text": 1}]})),
    ("openai_chat", asked(Surface.RERANK, "q", "a"), body({"results": [{"index": 1, "relevance_score": 1}]})),
    ("openai_chat", asked(Surface.RERANK, "q", "a"), body({"results": [{"index": 0, "relevance_score": True}]})),
    ("openai_chat", asked(Surface.RERANK, "q", "a"), body({"results": [{"index": 0, "relevance_score": 1}] * 2})),
    ("openai_chat", asked(Surface.MODERATIONS, "a", "b"), JUDGED),
    ("mistral_chat", asked(Surface.OCR), body({"pages": [{"index": 0}]})),
    ("openai_chat", asked(Surface.TRANSCRIPTION), body({"no": "text"})),
    ("openai_chat", asked(Surface.TRANSCRIPTION, response_format="text"), b"\xff"),
    ("openai_chat", asked(Surface.SPEECH, "x"), b""),
]


@pytest.mark.parametrize("case", ODD, ids=range(len(ODD)))
def test_an_answer_that_is_cut_or_odd_refuses(case: tuple[str, Request, bytes]) -> None:
    with pytest.raises(ProviderError) as refused:
        read(case)
    assert refused.value.code == "upstream_malformed"


@pytest.mark.parametrize("surface", [Surface.COMPLETIONS, Surface.RERANK, Surface.MODERATIONS, Surface.TRANSCRIPTION])
def test_an_error_under_status_200_is_one(surface: Surface) -> None:
    case = ("openai_chat", asked(surface, "q", "a"), body({"error": {"message": "no", "code": "x"}}))
    assert read(case) == [UpstreamError(code="upstream_error", message="no")]


def test_text_of_a_transcript_is_content() -> None:
    assert Text(choice=0, channel=Channel.CONTENT, s="Été\n") in read(CASES["transcript, text"])


@pytest.mark.parametrize("surface", [Surface.RERANK, Surface.OCR])
def test_a_dialect_refuses_the_work_that_it_does_not_do(surface: Surface) -> None:
    assert DIALECTS["azure_openai"].unsupported(asked(surface, "q", "a")) == (surface.value,)


def test_a_destination_of_the_registry_claims_no_work_that_its_dialect_has_no_word_for() -> None:
    claims = {d.id: d.dialect for d in load().destinations.values() if d.capabilities & WIDER}
    assert set(claims.values()) <= SPEAKS
