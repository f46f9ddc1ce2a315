"""The ceiling of a gateway: for each data class alone, whether its places may hold it and where it could go.

Law: the same rules and the same decision as the data plane, asked of what the application declares and one class more.
More classes in a request never open more (the rules are antitone), so nothing above this ceiling is ever permitted;
what lies under it may still be refused for the rest of a request.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ecluse.domain.caller import Application
from ecluse.domain.destination import DestinationId, PlaceId
from ecluse.domain.finding import MASKED_CLASSES, MASKED_FORM, DataClass
from ecluse.domain.request import Capability
from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.domain.verdict import Action, Choice, Permit, Question, Reason
from ecluse.passage.decide import decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What one application may do here with one data class, and what it declares besides.

    `data_class` is None for text in which nothing was found. `place` is the gateway's own place that may not hold it,
    if one may not: then nothing of it passes. `choices` are where it could go; empty is a refusal, by `reasons`.
    """

    application: Application
    data_class: DataClass | None
    place: PlaceId | None
    choices: tuple[Choice, ...]
    reasons: tuple[Reason, ...]


CLASSES: Sequence[DataClass | None] = (None, *(c for c in DataClass if c not in MASKED_CLASSES))
"""Every class that text can have; the masked forms are what a mask makes of three of them."""


def ceiling(snapshot: Snapshot, application: Application, *, now: Instant) -> tuple[Level, ...]:
    """Ask the rules about each class alone. Raises GatewayError when the facts expired or the rules cannot answer."""
    candidates = [one.id for one in snapshot.destinations.values() if Capability.CHAT in one.capabilities]
    return tuple(_level(snapshot, application, data_class, candidates, now) for data_class in CLASSES)


def _level(
    snapshot: Snapshot,
    application: Application,
    data_class: DataClass | None,
    candidates: Sequence[DestinationId],
    now: Instant,
) -> Level:
    found = frozenset[DataClass]() if data_class is None else frozenset({data_class})
    question = Question(
        application=application,
        action=Action.INFER,
        purpose=application.purposes[0],
        classes=application.declared | found,
        covered=(found & frozenset(MASKED_FORM)) - application.declared,
    )
    verdict = decide(snapshot, question, candidates, now=now)
    if isinstance(verdict, Permit):
        return Level(application=application, data_class=data_class, place=None, choices=verdict.choices, reasons=())
    return Level(
        application=application, data_class=data_class, place=verdict.place, choices=(), reasons=verdict.reasons
    )
