"""What an application may send where, class by class, and what each analysis that is not on record would open.

Law: the same rules and the same decision as the data plane, asked of the record as it is or as it is being filled in;
more on record never permits by itself what another rule refuses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from ecluse.domain.caller import HDS_ACTIVITIES, Analysis, AnalysisKind, Application
from ecluse.domain.finding import DataClass
from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.prove.ceiling import Level, ceiling

SUPPOSED = "supposed"
"""The reference of an analysis that is only ticked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What one analysis more would open: for each class the destinations that are closed without it."""

    kind: AnalysisKind
    opens: Sequence[tuple[DataClass | None, Sequence[str]]]


def filled(
    application: Application, today: date, analyses: frozenset[AnalysisKind], declared: frozenset[DataClass]
) -> Application:
    """Return an application as a form fills it in: what is on record keeps its reference and its end."""
    kept = [one for one in application.analyses if one.kind in analyses]
    known = {one.kind for one in kept if one.valid_until is None or today <= one.valid_until}
    more = [Analysis(kind=kind, reference=SUPPOSED, activities=HDS_ACTIVITIES) for kind in sorted(analyses - known)]
    return replace(application, analyses=(*kept, *more), declared=declared)


def gains(snapshot: Snapshot, application: Application, levels: Sequence[Level], *, now: Instant) -> Sequence[Gain]:
    """Ask for each analysis that is not on record what it alone would open."""
    today = date.fromisoformat(snapshot.today)
    on_record = application.on_record(today)
    before = [_destinations(level) for level in levels]
    found = []
    for kind in AnalysisKind:
        if kind in on_record:
            continue
        more = replace(
            application,
            analyses=(*application.analyses, Analysis(kind=kind, reference=SUPPOSED, activities=HDS_ACTIVITIES)),
        )
        opens = [
            (level.data_class, sorted(_destinations(level) - known))
            for level, known in zip(ceiling(snapshot, more, now=now), before, strict=True)
            if _destinations(level) - known
        ]
        found.append(Gain(kind=kind, opens=opens))
    return found


def _destinations(level: Level) -> set[str]:
    return {choice.destination for choice in level.choices}
