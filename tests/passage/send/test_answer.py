"""An answer is a stream or one body, told by its first byte; both are bounded."""

import pytest

from ecluse.domain.errors import ProviderError
from ecluse.passage.send.answer import Answer, read_object


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b" \r\n", b"\n\n"])
def test_a_body_is_one_frame_however_it_arrives(start: bytes) -> None:
    reading = Answer(gathered=False)
    for byte in start + b'{"a":"\xc3\xa9"}\n':
        assert reading.feed(bytes([byte])) == []
    assert [read_object(frame.data) for frame in reading.end()] == [{"a": "é"}]


@pytest.mark.parametrize("body", [b"", b"\n \n", b"\xef\xbb", b"<html>", b"[1]", b"null"])
def test_what_is_neither_has_no_frame(body: bytes) -> None:
    reading = Answer(gathered=False)
    assert [*reading.feed(body), *reading.end()] == []


@pytest.mark.parametrize(
    "data", [b"[1]", b"1", b"{", b'{"a":"\xff"}', b'{"a":' * 5000, b'{"a":"\\ud800 alone, not a pair"}']
)
def test_what_is_no_json_object_refuses(data: bytes) -> None:
    with pytest.raises(ProviderError, match="upstream_malformed"):
        read_object(data)


@pytest.mark.parametrize(("gathered", "start"), [(False, b"{"), (True, b"{"), (True, b"data: {}\n\n")])
def test_an_answer_that_is_held_whole_refuses_beyond_the_cap(
    gathered: bool,  # noqa: FBT001 - a table
    start: bytes,
) -> None:
    reading = Answer(gathered=gathered, limit=1000)
    reading.feed(start + b"\n" * 900)
    with pytest.raises(ProviderError, match="upstream_malformed: body > 1000"):
        reading.feed(b" " * 100)


def test_a_stream_has_no_end_but_its_own() -> None:
    reading = Answer(gathered=False, limit=1000)
    assert sum(len(reading.feed(b"data: {}\n\n" * 100)) for _ in range(5)) == 500


def test_white_space_without_end_refuses() -> None:
    reading = Answer(gathered=False)
    assert reading.feed(b" \n" * 2048) == []
    with pytest.raises(ProviderError, match="upstream_malformed: white space"):
        reading.feed(b" ")
