"""The loss of a provider, a jurisdiction or an attestation, rehearsed: which applications keep a destination.

Law: the same rules and the same decision as the data plane, asked before and after; what is lost is named, and so is
what may be lost because the record leaves it open.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ecluse.domain.caller import Application, ApplicationId
from ecluse.domain.destination import DestinationId, PlaceId
from ecluse.domain.finding import MASKED_FORM, DataClass
from ecluse.domain.request import Capability
from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.domain.verdict import Action, Choice, Permit, Question
from ecluse.passage.decide import decide
from ecluse.prove.hosted import able, tools_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What an application sends: data classes, and whether they were declared or seen in the trail.

    `recipients` are those of the hosted tools that were seen with them, asked for in `dialect`.
    """

    application: ApplicationId
    classes: frozenset[DataClass]
    seen: bool
    recipients: frozenset[DestinationId] = frozenset()
    dialect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """One profile before and after: where it may go, in the written order. `place` refuses it, if one does."""

    profile: Profile
    before: tuple[Choice, ...]
    after: tuple[Choice, ...]
    place: PlaceId | None

    @property
    def lost(self) -> bool:
        """Say whether the loss takes the last destination away."""
        return bool(self.before) and not self.after


def rehearse(
    before: Snapshot,
    after: Snapshot,
    applications: Mapping[ApplicationId, Application],
    profiles: Iterable[Profile],
    *,
    now: Instant,
) -> tuple[Rehearsal, ...]:
    """Decide every profile before and after. Raises GatewayError when the rules cannot answer."""
    found: list[Rehearsal] = []
    for profile in profiles:
        application = applications[profile.application]
        (was, _), (kept, place) = (_decided(one, application, profile, now) for one in (before, after))
        found.append(Rehearsal(profile=profile, before=was, after=kept, place=place))
    return tuple(found)


def declared(applications: Iterable[Application]) -> list[Profile]:
    """Return the profile that each application declares."""
    return [Profile(application=one.id, classes=one.declared, seen=False) for one in applications]


def without(snapshot: Snapshot, lost: Iterable[DestinationId]) -> Snapshot:
    """Return the snapshot without some destinations and recipients of hosted tools."""
    gone = set(lost)
    kept = {id_: one for id_, one in snapshot.destinations.items() if id_ not in gone}
    receiving = tuple(one for one in snapshot.recipients if one.id not in gone)
    return replace(snapshot, destinations=kept, recipients=receiving)


def _decided(
    snapshot: Snapshot, application: Application, profile: Profile, now: Instant
) -> tuple[tuple[Choice, ...], PlaceId | None]:
    """Return the choices of a profile. What is declared is of the whole text, so no mask covers it."""
    candidates: Sequence[DestinationId] = [
        one.id for one in snapshot.destinations.values() if Capability.CHAT in one.capabilities
    ]
    tools = tools_of(snapshot, profile.recipients, profile.dialect)
    if tools is None or not (candidates := able(snapshot, tools, candidates)):
        return (), None
    question = Question(
        application=application,
        action=Action.INFER,
        purpose=application.purposes[0],
        classes=application.declared | profile.classes,
        covered=frozenset(profile.classes & MASKED_FORM.keys()) - application.declared,
        tools=tools,
    )
    verdict = decide(snapshot, question, candidates, now=now)
    if isinstance(verdict, Permit):
        return verdict.choices, None
    return (), verdict.place
