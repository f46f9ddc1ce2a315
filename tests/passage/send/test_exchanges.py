"""Recorded exchanges: each means what its `.events` file says, however the network cuts its bytes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.passage.send import DIALECTS
from tests.passage.send.exchange import CASES, FOLDER, STREAMS, joined, read, reader, recorded, request, same_as

NEEDED = ("accents", "tools", "error")
cases = pytest.mark.parametrize(("dialect", "case"), CASES)


def _bytes(dialect: str, case: str) -> bytes:
    return recorded(dialect, case)


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@pytest.mark.parametrize("case", NEEDED)
def test_each_outbound_dialect_has_an_exchange_of_each_kind(dialect: str, case: str) -> None:
    other = same_as(dialect)
    assert any((FOLDER / other / case).with_suffix(suffix).is_file() for suffix in STREAMS)
    assert (FOLDER / other / "plain.json").is_file()


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@pytest.mark.parametrize("stream", [True, False])
def test_a_dialect_with_the_answers_of_another_reads_them_with_the_same_reader(dialect: str, stream: bool) -> None:  # noqa: FBT001 - a table
    own, other = (DIALECTS[name].reader(request(stream=stream)) for name in (dialect, same_as(dialect)))
    assert type(own) is type(other)


@cases
def test_an_exchange_means_what_its_events_say(dialect: str, case: str) -> None:
    expected = (FOLDER / dialect / case).with_suffix(".events").read_text()
    assert "\n".join(joined(read(reader(dialect, case), [_bytes(dialect, case)]))) + "\n" == expected


@cases
def test_every_single_split_gives_the_same_events(dialect: str, case: str) -> None:
    whole = _bytes(dialect, case)
    expected = read(reader(dialect, case), [whole])
    for at in range(1, len(whole)):
        assert read(reader(dialect, case), [whole[:at], whole[at:]]) == expected, at


@cases
def test_byte_by_byte_gives_the_same_events(dialect: str, case: str) -> None:
    whole = _bytes(dialect, case)
    assert read(reader(dialect, case), (bytes([byte]) for byte in whole)) == read(reader(dialect, case), [whole])


@cases
@settings(max_examples=10)
@given(data=st.data())
def test_any_splits_give_the_same_events(dialect: str, case: str, data: st.DataObject) -> None:
    whole = _bytes(dialect, case)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), max_size=8)))
    chunks = [whole[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert read(reader(dialect, case), chunks) == read(reader(dialect, case), [whole])


@pytest.mark.parametrize(("dialect", "case"), [(d, c) for d, c in CASES if not c.endswith((".frames", ".ndjson"))])
@pytest.mark.parametrize("ending", [b"\r\n", b"\r"])
def test_every_line_ending_gives_the_same_events(dialect: str, case: str, ending: bytes) -> None:
    whole = _bytes(dialect, case)
    plain = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert read(reader(dialect, case), [plain.replace(b"\n", ending)]) == read(reader(dialect, case), [plain])


@cases
@settings(max_examples=30)
@given(data=st.data())
def test_no_damaged_answer_does_more_than_be_refused(dialect: str, case: str, data: st.DataObject) -> None:
    whole = bytearray(_bytes(dialect, case))
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=4)):
        whole[at] = data.draw(st.integers(0, 255))
    read(reader(dialect, case), [bytes(whole)])
