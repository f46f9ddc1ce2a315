"""Usage is what the trail says, whenever it is read and however often."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from time import perf_counter

import pytest

from ecluse.domain.trail import Entry, OutcomeStatus
from ecluse.edge.usage import By, Line, Sums, UsageBook, regrouped
from ecluse.passage import record
from ecluse.passage.record import canonical
from ecluse.passage.record.merkle import leaf_hash
from ecluse.prove.verify import Row
from tests.passage.record import samples


class Kept:
    """A trail in memory."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._rows = [(i, canonical(e), leaf_hash(canonical(e))) for i, e in enumerate(entries)]

    def size(self) -> int:
        return len(self._rows)

    def rows(self, start: int, stop: int) -> Iterator[Row]:
        return iter(self._rows[max(0, start) : stop])


@pytest.fixture
def book(tmp_path: Path) -> Iterator[UsageBook]:
    made = UsageBook(tmp_path / "usage.db")
    yield made
    made.close()


def names(lines: Sequence[Line]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for line in lines:
        found[line.name] += line.sums.passages + line.sums.refused
    return dict(found)


ENTRIES = [
    samples.intent(1),
    samples.intent(2),
    samples.outcome(1),
    samples.refusal(3),
    samples.intent(2, attempt=2, choice=samples.MASKED),
    samples.outcome(2, destination=samples.THERE),
]
ONE = Sums(passages=1, simulated=1, tokens_in=12, tokens_out=34, cost_micro=17)


def test_passages_count_where_they_went_and_refusals_where_they_did_not(book: UsageBook) -> None:
    assert book.catch_up(Kept(ENTRIES)) == 6
    lines = {(line.name, line.currency): line.sums for line in book.by(By.DESTINATION)}
    assert lines == {
        ("", ""): Sums(refused=1),
        (samples.HERE, "EUR"): ONE,
        (samples.THERE, "EUR"): ONE,
    }


def test_a_passage_counts_once_in_each_of_its_data_classes(book: UsageBook) -> None:
    book.catch_up(Kept(ENTRIES))
    assert names(book.by(By.DATA_CLASS)) == {"health": 1, "national_id": 2, "personal": 2}
    assert names(book.by(By.APPLICATION)) == {"courrier": 3}
    assert names(book.by(By.DAY)) == {"2026-11-24": 3}
    assert names(book.by(By.KEY)) == {samples.CALLER.key: 3}


def test_days_and_applications_choose(book: UsageBook) -> None:
    book.catch_up(Kept(ENTRIES))
    day = date(2026, 11, 24)
    assert names(book.by(By.ORGANISATION, since=day, until=day, organisation="ville")) == {"ville": 3}
    assert book.by(By.ORGANISATION, since=date(2026, 11, 25)) == []
    assert book.by(By.ORGANISATION, application="other") == []


def test_reading_in_pieces_is_reading_at_once(book: UsageBook, tmp_path: Path) -> None:
    other = UsageBook(tmp_path / "other.db")
    for size in range(len(ENTRIES) + 1):
        other.catch_up(Kept(ENTRIES[:size]))
        assert other.catch_up(Kept(ENTRIES[:size])) == 0
    book.catch_up(Kept(ENTRIES))
    assert [other.by(dimension) for dimension in By] == [book.by(dimension) for dimension in By]
    other.close()


def test_another_trail_in_its_place_is_counted_anew(book: UsageBook) -> None:
    book.catch_up(Kept(ENTRIES))
    assert book.catch_up(Kept([samples.refusal(9)])) == 1
    assert names(book.by(By.DESTINATION)) == {"": 1}


def test_what_nobody_counted_is_counted_as_such_and_never_as_zero(book: UsageBook) -> None:
    lost = record.outcome(
        id=samples.id_of(1, "lost"),
        passage=samples.passage_of(1),
        now=samples.NOW,
        status=OutcomeStatus.INTERRUPTED,
        destination=samples.HERE,
    )
    book.catch_up(Kept([samples.intent(1), lost]))
    (line,) = book.by(By.DESTINATION)
    assert (line.sums.uncounted, line.sums.unpriced, line.sums.failed, line.currency) == (1, 1, 1, "")


def test_lines_are_grouped_under_each_of_other_names(book: UsageBook) -> None:
    book.catch_up(Kept(ENTRIES))
    grouped = regrouped(book.by(By.DESTINATION), {samples.HERE: ["US", "CN"], samples.THERE: ["US"]}, "none")
    assert names(grouped) == {"US": 2, "CN": 1, "none": 1}


def test_a_reader_does_not_wait_for_the_entries(book: UsageBook) -> None:
    entries = [entry for number in range(3_000) for entry in (samples.intent(number), samples.outcome(number))]
    book.catch_up(Kept(entries))
    best = min(_seconds(book) for _ in range(5))
    assert best < 0.05


def _seconds(book: UsageBook) -> float:
    began = perf_counter()
    for dimension in By:
        book.by(dimension)
    return perf_counter() - began
