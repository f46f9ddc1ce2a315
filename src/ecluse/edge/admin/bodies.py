"""What the admin API takes and gives, as types: the document describes these, and nothing else is read or written.

Law: a field that is not here refuses; no type has room for a secret but the one that shows a key once.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec

from ecluse.domain.caller import CallerKind, KeyScope
from ecluse.domain.finding import DataClass
from ecluse.edge.footprint import Unknown
from ecluse.edge.shared.counters import Measure
from ecluse.edge.usage import By

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=160)]


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a call takes."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a call gives."""


class Nothing(Asked, frozen=True):
    """A call that takes nothing."""


# ------------------------------------------------------------------ what is asked
class NewKey(Asked, frozen=True):
    """A key to make, for an application of the settings; `expires` is the last day on which it counts.

    `scopes` are what it may be used for: `all`, or some of the others.
    """

    application: Name
    expires: date | None = None
    scopes: Annotated[tuple[KeyScope, ...], msgspec.Meta(min_length=1, max_length=len(KeyScope))] = (KeyScope.ALL,)


class Rotation(Asked, frozen=True):
    """For how many days after today the old key counts beside the new one, which has its last day or another."""

    overlap_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 7
    expires: date | None = None


class NewException(Asked, frozen=True):
    """A rule to lift for an application, towards some destinations, between two days that both count."""

    application: Name
    rule: Name
    destinations: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1, max_length=100)]
    ground: Text
    ends: date
    starts: date | None = None


class NamesOf(StrEnum):
    """Whose names may be shown."""

    EXCEPTIONS = "exceptions"
    CONTESTS = "contests"
    APPLICATIONS = "applications"
    DRAFTS = "drafts"


class NamesAsked(Asked, frozen=True):
    """Of what names are to be shown, and why: a reference, such as CASE-7, which stays on the trail."""

    of: NamesOf
    why: Name


class Until(Asked, frozen=True):
    """The last day on which a decision counts."""

    ends: date


class UsageAsked(Asked, frozen=True):
    """By what sums are told apart, for which days and whom."""

    by: By = By.DESTINATION
    since: date | None = None
    until: date | None = None
    organisation: Name | None = None
    application: Name | None = None


# ------------------------------------------------------------------ what is told
class KeyTold(Told, frozen=True):
    """One key, without what is secret. `used` is when it was last used, to ten minutes; null where none was seen."""

    id: str
    application: str
    organisation: str | None
    team: str | None
    created: str
    expires: str | None
    revoked: bool
    counts: bool
    scopes: list[KeyScope]
    used: str | None


class KeysTold(Told, frozen=True):
    """Every key, the oldest first."""

    keys: list[KeyTold]


class KeyShown(Told, frozen=True):
    """A key that was made. `secret` is shown this once."""

    key: KeyTold
    secret: str
    replaces: str | None = None


class TeamTold(Told, frozen=True):
    """A team of an organisation."""

    id: str
    name: str


class ApplicationTold(Told, frozen=True):
    """An application on record."""

    id: str
    name: str
    team: str | None
    owner: str
    purposes: list[str]
    declared: list[DataClass]


class OrganisationTold(Told, frozen=True):
    """An organisation on record."""

    id: str
    name: str
    kind: CallerKind
    teams: list[TeamTold]
    applications: list[ApplicationTold]


class OrganisationsTold(Told, frozen=True):
    """Every organisation of the settings that are in force."""

    organisations: list[OrganisationTold]


class LimitTold(Told, frozen=True):
    """One limit or budget; `used` and `left` are null while the counters do not answer. Budgets are in euros."""

    scope: str
    measure: Measure
    limit: float
    used: float | None
    left: float | None


class LimitsTold(Told, frozen=True):
    """Every limit and budget that the settings state."""

    limits: list[LimitTold]


class UsageLine(Told, frozen=True):
    """Sums under one name. `currency` is null where nothing had a price; cost is in millionths of it."""

    name: str
    currency: str | None
    passages: int
    refused: int
    failed: int
    simulated: int
    tokens_in: int
    tokens_out: int
    uncounted: int
    cost_micro: int
    unpriced: int


class BoundsTold(Told, frozen=True):
    """From `low` to `high`."""

    low: float
    high: float


class EstimateTold(Told, frozen=True):
    """Wh and grams of CO2e of one destination's output tokens; null is unknown, and `unknown` says why."""

    destination: str
    tokens_out: int
    simulated: bool
    energy_wh: BoundsTold | None
    carbon_g: BoundsTold | None
    unknown: list[Unknown]


class FootprintTold(Told, frozen=True):
    """Energy and carbon, estimated by `method`: sums of what is known. `whole` where every destination is in both."""

    energy_wh: BoundsTold | None
    carbon_g: BoundsTold | None
    whole: bool
    method: str
    destinations: list[EstimateTold]


class UsageTold(Told, frozen=True):
    """The sums, from the trail, and what they are estimated to have cost in energy and carbon."""

    by: By
    usage: list[UsageLine]
    footprint: FootprintTold


class MatterTold(Told, frozen=True):
    """One exception or contest. It counts once it is granted and `on_trail`."""

    id: str
    state: str
    on_trail: bool
    application: str
    rule: str
    destinations: list[str]
    findings: dict[str, int]
    ground: str
    asked_by: str
    asked_as: str
    asked_at: str
    decided_by: str | None
    decided_as: str | None
    ended_by: str | None
    starts: date | None
    ends: date | None


class MattersTold(Told, frozen=True):
    """Every matter of a kind, the oldest first."""

    matters: list[MatterTold]


class NamesTold(Told, frozen=True):
    """The names behind pseudonyms. `look` is what the trail calls this view of them."""

    look: str
    names: dict[str, str]


class CheckpointTold(Told, frozen=True):
    """The newest signed head of the trail, with its cosignatures; null while there is none."""

    checkpoint: str | None


class Fault(Told, frozen=True):
    """What went wrong, and what to do."""

    code: str
    message: str
    what_to_do: str


class FaultTold(Told, frozen=True):
    """The one shape of an error."""

    error: Fault
