"""Amazon's binary event stream: our reader and botocore's read the same, and what is damaged is malformed."""

import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.errors import ProviderError
from ecluse.passage.send.event_stream import MESSAGE, Messages
from tests.passage.send.exchange import frame, recorded

WORDS = st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=1, max_size=30)


@given(WORDS, WORDS, st.text(max_size=200))
def test_our_reader_and_botocores_read_the_same(kind: str, name: str, payload: str) -> None:
    raw = frame(kind, name, payload)
    theirs = EventStreamBuffer()
    theirs.add_data(raw)
    (told,) = list(theirs)
    (ours,) = Messages().feed(raw)
    assert (dict(ours.headers), ours.payload) == (told.headers, told.payload)


def test_a_recorded_answer_is_one_that_botocore_reads() -> None:
    theirs = EventStreamBuffer()
    theirs.add_data(recorded("bedrock_converse", "tools.frames"))
    assert next(iter(theirs)).headers[":event-type"] == "messageStart"


def test_any_damaged_byte_is_malformed() -> None:
    raw = bytearray(frame("event", "messageStop", '{"stopReason":"end_turn"}'))
    for at in range(len(raw)):
        damaged = bytes(raw[:at]) + bytes([raw[at] ^ 1]) + bytes(raw[at + 1 :])
        with pytest.raises(ProviderError, match="upstream_malformed"):
            read_whole(damaged)


def read_whole(raw: bytes) -> None:
    messages = Messages()
    messages.feed(raw)
    messages.end()


def test_a_message_over_the_limit_refuses_before_its_bytes_come() -> None:
    raw = frame("event", "contentBlockDelta", "x" * MESSAGE)
    with pytest.raises(ProviderError, match="length"):
        Messages().feed(raw[:12])
