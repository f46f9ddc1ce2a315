"""Who sent a request, by whose rules, for which purpose.

Law: what could widen a permit (a purpose, an analysis, a contract) comes from the record, never from the request
(decision 19); a header may raise sensitivity, never lower it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NewType

from ecluse.domain.contest import Contest, same_person
from ecluse.domain.destination import DestinationId
from ecluse.domain.finding import DataClass
from ecluse.domain.masking import PLAIN_STYLE, MaskingStyle
from ecluse.domain.misstated import Misstated
from ecluse.domain.party import ProviderId

OrganisationId = NewType("OrganisationId", str)
TeamId = NewType("TeamId", str)
ApplicationId = NewType("ApplicationId", str)
KeyId = NewType("KeyId", str)
Purpose = NewType("Purpose", str)


class CallerKind(StrEnum):
    """What the law sees in an organisation (decision 18)."""

    STATE_ADMINISTRATION = "state_administration"
    STATE_OPERATOR = "state_operator"
    LISTED_GIP = "listed_gip"
    LOCAL_AUTHORITY = "local_authority"
    HEALTH_ESTABLISHMENT = "health_establishment"
    FINANCIAL_ENTITY = "financial_entity"
    PRIVATE = "private"
    OTHER = "other"


class KeyScope(StrEnum):
    """What an API key may be used for. `all` is everything, also what a later version adds."""

    ALL = "all"
    CHAT = "chat"
    EMBEDDINGS = "embeddings"
    COMPLETIONS = "completions"
    RERANK = "rerank"
    MODERATIONS = "moderations"
    OCR = "ocr"
    TRANSCRIPTION = "transcription"
    SPEECH = "speech"
    CLASSIFY = "classify"
    EXPLAIN = "explain"
    CONTEST = "contest"
    FILES = "files"
    RECEIPTS = "receipts"
    TRAIL = "trail"


EVERYTHING = frozenset({KeyScope.ALL})
"""The scopes of a key that is not narrowed."""


def check_scopes(scopes: frozenset[KeyScope]) -> None:
    """Raise ValueError for scopes that no key can have."""
    if not scopes or (KeyScope.ALL in scopes and scopes != EVERYTHING):
        raise ValueError(f"a key's scopes are {KeyScope.ALL}, or some of the others")


class AnalysisKind(StrEnum):
    """What an owner may put on record for an application. Absent or ended means: not on record."""

    REGISTER_ENTRY = "register_entry"
    IMPACT_ASSESSMENT = "impact_assessment"
    SREN31 = "sren31"
    HDS_CONTRACT = "hds_contract"
    HOMOLOGATION = "homologation"
    TRANSFER_ASSESSMENT = "transfer_assessment"
    MASKING_ASSESSMENT = "masking_assessment"
    DORA_REGISTER = "dora_register"
    STATE_AUTHORISATION = "state_authorisation"
    AI_DISCLOSURE = "ai_disclosure"
    AI_LOGS = "ai_logs"
    AI_CODE = "ai_code"
    DORA_CONTRACT = "dora_contract"
    DORA_EXIT = "dora_exit"
    RETENTION_ASSESSMENT = "retention_assessment"


HDS_ACTIVITIES = frozenset(range(1, 7))
"""The activities of hosting health data: sites, hardware, virtual machines, platform, operation, backup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """One analysis on record, with its reference and its end. No end means until revoked.

    `activities` are those that a contract for hosting health data names; none is unknown, and covers nothing.
    """

    kind: AnalysisKind
    reference: str
    valid_until: date | None = None
    activities: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyException:
    """One rule lifted for one application, towards some destinations, between two days that both count.

    Two persons stand for it, on a ground. It is a dated fact, not a permit: every other rule still holds, and no rule
    of the hard floor is lifted.
    """

    id: str
    rule: str
    ground: str
    requested_by: str
    approved_by: str
    starts: date
    ends: date
    destinations: frozenset[DestinationId]

    def __post_init__(self) -> None:
        """Refuse an exception that one person gives to themselves, or without ground, scope or end."""
        if not all(text.strip() for text in (self.id, self.rule, self.ground, self.requested_by, self.approved_by)):
            raise Misstated(
                f"exception {self.id!r}: id, rule, ground, requested_by and approved_by are all stated",
                f"dérogation {self.id!r} : référence, règle, motif et les deux personnes sont tous à écrire",
            )
        if same_person(self.requested_by, self.approved_by):
            raise Misstated(
                f"exception {self.id!r}: whoever asks for it does not approve it; name two persons",
                f"dérogation {self.id!r} : qui la demande ne l'accorde pas ; nommez deux personnes",
            )
        if self.ends < self.starts:
            raise Misstated(
                f"exception {self.id!r} ends before it starts",
                f"la dérogation {self.id!r} prend fin avant de commencer",
            )
        if not self.destinations:
            raise Misstated(
                f"exception {self.id!r} names no destination; write those that it is for",
                f"la dérogation {self.id!r} ne nomme aucune destination ; choisissez celles qu'elle vise",
            )

    def in_force(self, today: date) -> bool:
        """Say whether it counts on a day."""
        return self.starts <= today <= self.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Whose rules apply. `contracts` are the providers with whom an article 28 contract is on record.

    `modes` overrides the mode of a rule by its id; a rule of the hard floor has none to override.
    """

    id: OrganisationId
    name: str
    kind: CallerKind
    contracts: frozenset[ProviderId] = frozenset()
    modes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """For what an organisation calls models: purposes, declared data classes, analyses on record.

    `owner` answers for its analyses. `team` is the part of the organisation that shares its budget, if there is one.
    `care` says whether the data come from prevention, diagnosis, care or social follow-up (CSP L.1111-8), and
    `hds_activities` which activities of hosting it needs of others: all of them, unless its owner says which.
    """

    id: ApplicationId
    organisation: Organisation
    name: str
    purposes: tuple[Purpose, ...]
    declared: frozenset[DataClass] = frozenset()
    analyses: tuple[Analysis, ...] = ()
    care: bool = False
    hds_activities: frozenset[int] = HDS_ACTIVITIES
    team: TeamId | None = None
    masking: MaskingStyle = PLAIN_STYLE
    owner: str = ""
    exceptions: tuple[PolicyException, ...] = ()
    contests: tuple[Contest, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an application without purpose, or one that needs no activity or one that is none."""
        if not self.purposes:
            raise ValueError(f"application {self.id} has no purpose")
        if not self.hds_activities or not self.hds_activities <= HDS_ACTIVITIES:
            raise ValueError(f"application {self.id}: hds_activities are among 1 to 6, and at least one")

    def on_record(self, today: date) -> frozenset[AnalysisKind]:
        """Return the analyses that have not ended on `today` (the last day counts).

        A contract for hosting health data counts when it names every activity that the application needs.
        """
        return frozenset(
            one.kind
            for one in self.analyses
            if (one.valid_until is None or today <= one.valid_until)
            and (one.kind is not AnalysisKind.HDS_CONTRACT or self.hds_activities <= one.activities)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An application behind one key, and what the key may be used for."""

    application: Application
    key: KeyId
    scopes: frozenset[KeyScope] = EVERYTHING

    def may(self, scope: KeyScope) -> bool:
        """Say whether the key may be used for this."""
        return scope in self.scopes or KeyScope.ALL in self.scopes


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One API key as it is stored: never the key itself, but a keyed hash of it.

    Its scopes are those that it was made with, for good. `used` is when it was last presented, kept coarsely; None is
    never, or longer ago than that is kept. `created` and `used` are RFC 3339, `expires` is its last day.
    """

    id: KeyId
    application: ApplicationId
    index: bytes
    created: str
    expires: str | None = None
    revoked: bool = False
    scopes: frozenset[KeyScope] = EVERYTHING
    used: str | None = None

    def __post_init__(self) -> None:
        """Refuse a key that may be used for nothing, or for everything and something."""
        check_scopes(self.scopes)

    def counts(self, today: date) -> bool:
        """Say whether it opens anything on a day; its last day counts."""
        return not self.revoked and (self.expires is None or today <= date.fromisoformat(self.expires))
