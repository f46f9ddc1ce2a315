"""Recorded exchanges: each means what its `.events` file says, however the network cuts its bytes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.passage.send import DIALECTS
from tests.passage.send.exchange import CASES, FOLDER, joined, read, reader

NEEDED = ("plain.json", "accents.sse", "tools.sse", "error.sse")
cases = pytest.mark.parametrize(("dialect", "case"), CASES)


def _bytes(dialect: str, case: str) -> bytes:
    return (FOLDER / dialect / case).read_bytes()


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@pytest.mark.parametrize("case", NEEDED)
def test_each_outbound_dialect_has_an_exchange_of_each_kind(dialect: str, case: str) -> None:
    assert (FOLDER / dialect / case).is_file()


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


@cases
@pytest.mark.parametrize("ending", [b"\r\n", b"\r"])
def test_every_line_ending_gives_the_same_events(dialect: str, case: str, ending: bytes) -> None:
    whole = _bytes(dialect, case)
    plain = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert read(reader(dialect, case), [plain.replace(b"\n", ending)]) == read(reader(dialect, case), [plain])
