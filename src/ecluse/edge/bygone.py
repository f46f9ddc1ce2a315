"""What counted at a moment of the past: the facts and rules of its day, and the records as persons had decided by then.

Law: what has days on record (attestations, analyses, exceptions, contests, rules) counts on its days; what has none is
as it is on record now. Every command and page that asks about the past asks here. Days between which nothing begins or
ends share one snapshot, so that a month is quick.
"""

import threading
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

import msgspec

from ecluse.domain.caller import Application, ApplicationId
from ecluse.domain.snapshot import Snapshot
from ecluse.edge.clock import day_of, start_of
from ecluse.edge.decided import at_moment, lay_over
from ecluse.edge.docket import Matter
from ecluse.edge.snapshots import Grounds, activate, build
from ecluse.prove.past import Asked, Passed, Then

BUSY = 200
"""Moments that are asked of one snapshot before its rules are folded, which takes a good part of a second."""


def moments_of(matters: Iterable[Matter]) -> Callable[[str], str]:
    """Return what tells of a moment since when everything stood as it did then: its day's start, or a step after it."""
    steps = _steps(matters)

    def since(moment: str) -> str:
        number = bisect_right(steps, moment)
        return max(moment[:10], steps[number - 1]) if number else moment[:10]

    return since


def counted(matters: Iterable[Matter], entries: Iterable[Passed]) -> Counter[Asked]:
    """Count what asked the same while everything stood the same."""
    since = moments_of(matters)
    return Counter((since(one.at), one.past) for one in entries)


class Bygone:
    """The past over some grounds. Threads may share it."""

    def __init__(self, base: Grounds) -> None:
        """Keep the grounds, and build nothing yet."""
        granted = [msgspec.structs.replace(matter, ended=None) for matter in base.matters]
        self._base = base
        self._ever = replace(base, applications=lay_over(base.applications, granted))
        self._steps = _steps(base.matters)
        self._lock = threading.Lock()
        self._days: dict[str, Snapshot] = {}
        self._beginning = lru_cache(maxsize=None)(self._beginning_on)
        self._thens: dict[tuple[str, int], Then] = {}
        self._asked: Counter[str] = Counter()
        self._records = lru_cache(maxsize=None)(self._records_at)
        self._exact = lru_cache(maxsize=24)(self._exactly)

    def at(self, moment: str) -> Then:
        """Return what counted, the same object where nothing differs. Raises SettingsError or DocketUnusable."""
        with self._lock:
            snapshot = self._snapshot(moment[:10])
            self._asked[snapshot.today] += 1
            if self._asked[snapshot.today] == BUSY:
                activate(snapshot, lambda: False)
            key = snapshot.today, bisect_right(self._steps, moment)
            if key not in self._thens:
                self._thens[key] = _then(snapshot, self._records(key[1]))
            return self._thens[key]

    def exactly(self, moment: str) -> Then:
        """Return what counted, with a snapshot of that very day: it has the id that the trail has, if nothing changed.

        Raises SettingsError or DocketUnusable.
        """
        with self._lock:
            return self._exact(moment[:10], bisect_right(self._steps, moment))

    # ------------------------------------------------------------------ building
    def _snapshot(self, day: str) -> Snapshot:
        """Return the snapshot of the first day of the month, or since something began or ended, until this day."""
        if day not in self._days:
            asked = date.fromisoformat(day)
            found = self._beginning(asked.replace(day=1))
            while found.valid_until <= start_of(asked):
                found = self._beginning(day_of(found.valid_until))
            self._days[day] = found
        return self._days[day]

    def _beginning_on(self, day: date) -> Snapshot:
        return build(self._ever, day, past=True)

    def _exactly(self, day: str, number: int) -> Then:
        records = self._records(number)
        base = replace(self._base, applications=records)
        return _then(build(base, date.fromisoformat(day), past=True), records)

    def _records_at(self, number: int) -> Mapping[ApplicationId, Application]:
        """Return the records after so many steps of persons."""
        moment = self._steps[number - 1] if number else ""
        return lay_over(self._base.applications, at_moment(self._base.matters, moment))


def _then(snapshot: Snapshot, records: Mapping[ApplicationId, Application]) -> Then:
    """Leave out what had ended: the gateway would at each request, and a record stays one object here."""
    day = date.fromisoformat(snapshot.today)
    return Then(
        snapshot=snapshot,
        applications={id_: _lasting(one, day) for id_, one in records.items()},
        now=start_of(day),
    )


def _lasting(application: Application, day: date) -> Application:
    analyses = tuple(one for one in application.analyses if one.valid_until is None or day <= one.valid_until)
    exceptions = tuple(one for one in application.exceptions if day <= one.ends)
    return replace(application, analyses=analyses, exceptions=exceptions)


def _steps(matters: Iterable[Matter]) -> list[str]:
    """List the moments at which a decision of persons began or ended to count."""
    steps = (step.at for one in matters if one.trailed for step in (one.decided, one.ended) if step is not None)
    return sorted(set(steps))
