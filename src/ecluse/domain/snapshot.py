"""Everything a decision rests on, frozen and named by its hash (decision 10).

Law: past `valid_until` there is no decision until it is rebuilt. A passage pins its snapshot; every attempt is decided
again under the pinned and the current one, and both must permit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NewType, Protocol, TypeAlias

from ecluse.domain.behind import Evidence, no_evidence
from ecluse.domain.caching import Caching
from ecluse.domain.caller import Application, ApplicationId
from ecluse.domain.destination import Destination, DestinationId, ModelId, Place
from ecluse.domain.finding import Classification
from ecluse.domain.recipient import Recipient
from ecluse.domain.request import Slot
from ecluse.domain.routing import Routes
from ecluse.domain.verdict import Choice, Question, Reason, Ruling, Verdict

SnapshotId = NewType("SnapshotId", str)
Instant = NewType("Instant", int)
"""Milliseconds since 1970-01-01T00:00:00Z."""


def never() -> bool:
    """Say that a search may go on."""
    return False


class Memory(Protocol):
    """What was found in texts before. It changes what a search costs, never what it finds."""

    def recall(self, version: str, text: str) -> object | None:
        """Return what was kept of a text under the version that searched it, None when it is not known."""

    def keep(self, version: str, text: str, found: object) -> None:
        """Keep what was found in a text; it may be forgotten at any time."""


class Detector(Protocol):
    """Recognises data classes in text. Pure: the same text and version give the same findings."""

    @property
    def version(self) -> str:
        """A hash of everything that the findings depend on."""

    def classify(
        self, slots: Sequence[Slot], stopped: Callable[[], bool] = never, memory: Memory | None = None
    ) -> Classification:
        """Search every slot. Raises GatewayError(classification_unavailable); never returns less than it searched.

        `stopped` is asked now and then, from the thread that searches; when it says so, the search raises.
        `memory` spares searching a text again.
        """


class Rulebook(Protocol):
    """The compiled rules. Pure: what errs raises PolicyUnavailable, it never permits."""

    def rule(self, question: Question, choices: Sequence[Choice]) -> tuple[Ruling, ...]:
        """Rule on each choice, in the order given."""

    def hold(self, question: Question, place: Place) -> tuple[Reason, ...]:
        """Return the rules that fired for `place` and these data.

        It may not hold them if one of the reasons has the mode `enforce`; the others are told and refuse nothing.
        """

    @property
    def is_folded(self) -> bool:
        """Whether the fast evaluator decides, which was held against the reference engine."""

    def confirm(self, question: Question, choices: Sequence[Choice], places: Sequence[Place]) -> bool:
        """Ask the reference engine about some of it again, and say whether it says the same. Slow."""

    def distrust(self) -> None:
        """Let the reference engine decide from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A public name for an ordered list of models."""

    name: str
    models: tuple[ModelId, ...]


Answered: TypeAlias = dict[tuple[object, ...], tuple[Application, list[tuple[Sequence[DestinationId], Verdict]]]]
"""Verdicts by question, each with the record of the application that it was given for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a decision rests on. `destinations` stand in the owner's written order.

    `valid_until` is the next moment at which a fact begins or ends; `today` is the date the facts were taken at.
    `applications` are the records as they were then: one request sees one of them. `detectors` are those of the
    applications that have one of their own.
    """

    id: SnapshotId
    today: str
    valid_until: Instant
    destinations: Mapping[DestinationId, Destination]
    aliases: Mapping[str, Alias]
    places: tuple[Place, ...]
    rulebook: Rulebook
    detector: Detector
    routes: Routes = field(default_factory=Routes)
    applications: Mapping[ApplicationId, Application] = field(default_factory=dict)
    caching: Caching = field(default_factory=Caching)
    detectors: Mapping[ApplicationId, Detector] = field(default_factory=dict)
    evidence: Evidence = field(default=no_evidence, compare=False, repr=False)
    recipients: tuple[Recipient, ...] = ()
    """Who receives what hosted tools and remote servers are sent; the rulebook knows them as destinations."""
    answered: Answered = field(init=False, default_factory=dict, compare=False, repr=False)
    """Verdicts that were given: each follows from its question and this snapshot alone. `decide` bounds it."""

    def detector_of(self, application: ApplicationId | None) -> Detector:
        """Return the detector that searches an application's texts."""
        return self.detectors.get(application, self.detector) if application is not None else self.detector
