"""Server-sent events, byte by byte (WHATWG HTML 9.2.6), and from a hostile provider (siege row 28)."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.errors import ProviderError
from ecluse.passage.send.sse import LINE, Frame, Frames

LINES = [b"data: un", b"data:deux", b"data", b": ping", b"", b"", b"event: x", b"id: 3", "data: é🛶".encode(), b"\xff"]


def _all(chunks: list[bytes]) -> list[Frame]:
    frames = Frames()
    return [frame for chunk in chunks for frame in frames.feed(chunk)] + frames.end()


@pytest.mark.parametrize(
    ("written", "data"),
    [
        (b"data: a\n\n", [b"a"]),
        (b"data: a\r\n\r\n", [b"a"]),
        (b"data: a\r\rdata: b\r\r", [b"a", b"b"]),
        (b"data: a\ndata: b\n\n", [b"a\nb"]),
        (b"data:  a\n\n", [b" a"]),
        (b"data\n\n", [b""]),
        (b": comment\n\ndata: a\n\n", [b"a"]),
        (b"\xef\xbb\xbfdata: a\n\n", [b"a"]),
        (b"datum: a\n\n", []),
        (b"data: a", [b"a"]),
        (b"event: error\n\n", []),
    ],
)
def test_an_event_is_what_the_standard_says(written: bytes, data: list[bytes]) -> None:
    assert [frame.data for frame in _all([written])] == data


def test_an_event_has_its_name_and_the_next_one_has_not() -> None:
    assert _all([b"event: error\ndata: a\n\ndata: b\n\n"]) == [Frame(b"error", b"a"), Frame(b"", b"b")]


@given(
    lines=st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from([b"\n", b"\r\n", b"\r"])), max_size=12),
    cuts=st.lists(st.integers(0, 200), max_size=6),
)
def test_any_split_gives_the_same_events(lines: list[tuple[bytes, bytes]], cuts: list[int]) -> None:
    whole = b"".join(line + end for line, end in lines)
    at = sorted({min(cut, len(whole)) for cut in cuts})
    chunks = [whole[start:stop] for start, stop in zip([0, *at], [*at, len(whole)], strict=True)]
    assert _all(chunks) == _all([whole])


@pytest.mark.parametrize(
    ("chunk", "what"),
    [
        (b"x" * 65_536, "line"),
        (b"data: " + b"x" * LINE + b"\n", "line"),
        (b"data: " + b"x" * 65_536 + b"\n", "event"),
        (b"data: of lines that say little\n" * 4096, "event"),
    ],
)
def test_a_line_or_an_event_without_end_refuses(chunk: bytes, what: str) -> None:
    frames = Frames()
    with pytest.raises(ProviderError, match=f"upstream_malformed: {what} > {LINE}"):
        deque((frames.feed(chunk) for _ in range(32)), maxlen=0)


def test_comments_and_blank_lines_without_end_hold_nothing() -> None:
    frames = Frames()
    for _ in range(100):
        assert frames.feed(b": ping\n\n\r" * 1000) == []
    assert frames.end() == []
