"""What Cedar is told of a question: the caller's standing, the thing asked of, the data classes.

Law: everything a verdict may depend on is here, so that it is also the key under which a verdict is remembered. The
names are the schema's; a value that the schema does not have is an error, never a no.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeAlias

from ecluse.domain.caller import AnalysisKind, CallerKind, Purpose
from ecluse.domain.destination import Destination, Established, Place
from ecluse.domain.finding import DataClass
from ecluse.domain.party import ProviderId
from ecluse.domain.verdict import Action, Question, RuleId

Json: TypeAlias = dict[str, object]
NOBODY = ProviderId("")
"""Who provides the gateway's own places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the rules know of a caller: its class, not its name."""

    kind: CallerKind
    contracts: frozenset[ProviderId]
    purposes: frozenset[Purpose]
    analyses: frozenset[AnalysisKind]
    care: bool

    @classmethod
    def nobody(cls) -> "Standing":
        """Return a caller of whom nothing is on record."""
        return cls(kind=CallerKind.OTHER, contracts=frozenset(), purposes=frozenset(), analyses=frozenset(), care=False)

    @property
    def entity(self) -> Json:
        """The caller as Cedar's principal."""
        return _entity(
            "Application",
            "caller",
            {
                "kind": _ref("CallerKind", self.kind),
                "contracts": _refs("Provider", self.contracts),
                "purposes": sorted(self.purposes),
                "analyses": _refs("Analysis", self.analyses),
                "care": self.care,
            },
        )


def standing(question: Question, today: date) -> Standing:
    """Return the caller's standing on a day. An analysis that has ended is not on record."""
    application = question.application
    return Standing(
        kind=application.organisation.kind,
        contracts=application.organisation.contracts,
        purposes=frozenset(application.purposes),
        analyses=application.on_record(today),
        care=application.care,
    )


class Fired(NamedTuple):
    """Which rules hold for one question, sorted by id: the permits, and the forbids whatever their mode."""

    permits: tuple[RuleId, ...]
    forbids: tuple[RuleId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question to Cedar. `kind` is `Destination` or `Place`."""

    kind: str
    name: str
    action: Action
    purpose: Purpose
    classes: frozenset[DataClass]

    @property
    def request(self) -> Json:
        """The question as Cedar's request."""
        return {
            "principal": {"type": "Application", "id": "caller"},
            "action": {"type": "Action", "id": self.action.value},
            "resource": {"type": self.kind, "id": self.name},
            "context": {"classes": _refs("DataClass", self.classes), "purpose": self.purpose},
        }


def destination_entity(destination: Destination) -> Json:
    """Return a destination as Cedar's resource."""
    provider = {"provider": _ref("Provider", destination.provider)}
    return _entity("Destination", destination.id, provider | _standing_of(destination))


def place_entity(place: Place) -> Json:
    """Return a place as Cedar's resource."""
    return _entity("Place", place.id, _standing_of(place))


def keeper_entity(place: Place) -> Json:
    """Return a place as who keeps on demand: `store` is asked of it as of any destination."""
    return _entity("Destination", place.id, {"provider": _ref("Provider", NOBODY)} | _standing_of(place))


def _standing_of(thing: Destination | Place) -> Json:
    established: Iterable[Established] = thing.established
    return {"established": _refs("Established", established), "non_eu_share_max": thing.non_eu_share_max}


def _entity(kind: str, name: str, attributes: Json) -> Json:
    return {"uid": {"type": kind, "id": name}, "parents": [], "attrs": attributes}


def _refs(kind: str, names: Iterable[str]) -> list[Json]:
    return [_ref(kind, name) for name in sorted(names)]


def _ref(kind: str, name: str) -> Json:
    return {"__entity": {"type": kind, "id": str(name)}}
