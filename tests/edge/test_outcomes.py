"""Outcomes that the trail cannot take at first."""

import asyncio

import pytest

from ecluse.domain.errors import GatewayError
from ecluse.domain.trail import Entry, EntryId, EntryKind, Opening, PassageId
from ecluse.edge import outcomes
from ecluse.edge.outcomes import Outcomes

SOONER = (0.01,) * 8


class Away:
    """A trail that takes nothing for a number of tries."""

    def __init__(self, tries: int) -> None:
        self.tries = tries
        self.written: list[EntryId] = []

    async def append(self, entry: Entry, opening: Opening | None = None) -> None:
        del opening
        await asyncio.sleep(0)
        self.tries -= 1
        if self.tries >= 0:
            raise GatewayError("trail_unavailable")
        self.written.append(entry.id)

    def index_of(self, _entry: EntryId) -> int | None:
        return None

    def rows(self, _start: int, _stop: int) -> list[bytes]:
        return []

    def size(self) -> int:
        return 0


def ended(number: int) -> Entry:
    return Entry(
        kind=EntryKind.OUTCOME,
        id=EntryId(f"{number:032x}"),
        passage=PassageId("2" * 32),
        at="2026-11-24T12:00:01.000Z",
    )


def test_an_outcome_is_written_once_the_trail_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "PAUSES", SOONER)

    async def work() -> None:
        trail = Away(5)
        writes = Outcomes(trail)
        await writes.append(ended(1))
        await writes.append(ended(2))
        assert trail.written == []
        async with asyncio.timeout(10):
            while len(trail.written) < 2:
                await asyncio.sleep(0.01)
        await writes.close()
        assert sorted(trail.written) == [ended(1).id, ended(2).id]

    asyncio.run(work())


def test_what_waits_at_the_end_is_tried_once_more_and_what_is_still_refused_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def work(tries: int) -> list[EntryId]:
        trail = Away(tries)
        writes = Outcomes(trail)
        await writes.append(ended(1))
        await writes.close()
        return trail.written

    assert asyncio.run(work(1)) == [ended(1).id]
    assert "outcomes could not be written" not in capsys.readouterr().err
    assert asyncio.run(work(9)) == []
    assert "1 outcomes could not be written" in capsys.readouterr().err


def test_a_trail_that_stays_away_refuses_no_more_than_some_and_forgets_them_in_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(outcomes, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(outcomes, "MOST", 2)

    async def work() -> int:
        trail = Away(100)
        writes = Outcomes(trail)
        for number in range(3):
            await writes.append(ended(number))
        async with asyncio.timeout(10):
            while writes._waiting:
                await asyncio.sleep(0.01)
        await writes.close()
        return 100 - trail.tries

    assert asyncio.run(work()) == 3 + 2 * 2
    assert capsys.readouterr().err.count("for minutes") == 2
