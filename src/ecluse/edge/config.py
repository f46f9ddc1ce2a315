"""The settings file, read once and checked whole.

Law: an unknown word is an error that names it; a secret is named, never written; what is dangerous has `unsafe_` in its
name. docs/reference/settings.md has a row for each field (tested).
"""

import tomllib
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec

from ecluse.domain.caller import (
    HDS_ACTIVITIES,
    Analysis,
    Application,
    ApplicationId,
    CallerKind,
    Organisation,
    OrganisationId,
    PolicyException,
    Purpose,
    TeamId,
)
from ecluse.domain.destination import DestinationId
from ecluse.domain.finding import MASKED_CLASSES, DataClass
from ecluse.domain.masking import FORMS, Form, MaskingStyle, Quasi
from ecluse.domain.party import ProviderId
from ecluse.domain.routing import Strategy
from ecluse.domain.verdict import Mode
from ecluse.edge.admin_settings import AdminSettings
from ecluse.edge.batch_settings import BatchSettings
from ecluse.edge.caching import CacheSettings
from ecluse.edge.capture_settings import CaptureSettings
from ecluse.edge.classification_settings import ClassificationSettings
from ecluse.edge.ground_settings import FactSettings, RuleSettings
from ecluse.edge.identity_settings import IdentitySettings
from ecluse.edge.recognition_settings import RecognitionSettings
from ecluse.edge.record_settings import Activity, AnalysisSettings
from ecluse.edge.telemetry_settings import TelemetrySettings
from ecluse.edge.tls_settings import TlsSettings
from ecluse.edge.trail_settings import TrailSettings
from ecluse.edge.vault_settings import VaultSettings
from ecluse.packs.misread import misread


class SettingsError(ValueError):
    """The settings cannot be used; says where and what to write."""


class ServerSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Where the gateway listens."""

    host: str = "127.0.0.1"
    port: int = 8088


class ConsoleSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The web console: off beside the gateway unless it has a port.

    `origin` is the address that browsers see, when a proxy stands before it; `contact` is whom to write to about a
    refusal; `tokens` is a CSS file of one's own design tokens.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    origin: str | None = None
    contact: str | None = None
    tokens: str | None = None


class GatewaySettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Where the gateway runs and keeps its state. A place is an offer of the registry, `own_premises` or `unknown`."""

    hosted_on: str = "unknown"
    stores_on: str | None = None
    backs_up_on: str | None = None
    country: str | None = None
    state_dir: str = ".ecluse/state"
    unsafe_pinned_date: date | None = None


class EgressSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """How the gateway reaches providers. Proxies of the environment are ignored."""

    proxy: str | None = None
    ca_bundle: str | None = None
    tls: dict[str, TlsSettings] = {}


class LimitSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Bounds on what one caller can make the gateway do. Times in seconds, sizes in bytes."""

    body_bytes: int = 8 * 1024 * 1024
    body_seconds: float = 30.0
    header_bytes: int = 32 * 1024
    header_seconds: float = 10.0
    concurrent: int = 512
    connect_seconds: float = 5.0
    head_seconds: float = 120.0
    first_seconds: float = 120.0
    idle_seconds: float = 120.0
    write_seconds: float = 60.0
    answer_bytes: int = 64 * 1024 * 1024


class DestinationSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Which destinations are in use, in the owner's order; all of the registry in its order when `order` is empty.

    A remote destination needs its credential (`env:NAME` or `file:PATH`), what one runs oneself its base URL, and an
    address of the registry with `{resource}` in it the name of one's own resource there.
    """

    order: list[str] = []
    credentials: dict[str, str] = {}
    base_urls: dict[str, str] = {}
    resources: dict[str, str] = {}


class StrategySettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """In which order permitted destinations are tried, for one alias or one organisation."""

    strategy: Strategy = Strategy.WRITTEN
    weights: dict[str, Annotated[int, msgspec.Meta(ge=0, le=1000)]] = {}


class RoutingSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """In which order permitted destinations are tried, and how often. A strategy never adds a destination."""

    strategy: Strategy = Strategy.WRITTEN
    weights: dict[str, Annotated[int, msgspec.Meta(ge=0, le=1000)]] = {}
    aliases: dict[str, StrategySettings] = {}
    attempts: Annotated[int, msgspec.Meta(ge=1, le=8)] = 2
    extra_percent: Annotated[int, msgspec.Meta(ge=0, le=100)] = 10
    longest_wait_seconds: Annotated[float, msgspec.Meta(ge=0, le=30)] = 2.0
    probe_seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    euro_rates: dict[str, Annotated[float, msgspec.Meta(gt=0)]] = {}


class AllowanceSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """How much may be used. What is absent is not limited here; every level that applies must have room."""

    requests_per_minute: Annotated[int, msgspec.Meta(ge=0)] | None = None
    tokens_per_minute: Annotated[int, msgspec.Meta(ge=0)] | None = None
    concurrent: Annotated[int, msgspec.Meta(ge=0)] | None = None
    euros_per_day: Annotated[float, msgspec.Meta(ge=0)] | None = None
    euros_per_month: Annotated[float, msgspec.Meta(ge=0)] | None = None


class PriceSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What the owner pays, in euros per million tokens: stands before the registry's list price.

    What a provider remembered, or wrote to remember it, counts as input unless it has a price of its own here.
    """

    per_million_in: Annotated[float, msgspec.Meta(ge=0)]
    per_million_out: Annotated[float, msgspec.Meta(ge=0)]
    per_million_cached: Annotated[float, msgspec.Meta(ge=0)] | None = None
    per_million_written: Annotated[float, msgspec.Meta(ge=0)] | None = None
    per_million_written_hour: Annotated[float, msgspec.Meta(ge=0)] | None = None


class UnknownPrice(StrEnum):
    """What a budget in euros does with a call whose price is unknown."""

    REFUSE = "refuse"
    COUNT_TOKENS = "count_tokens"


class BudgetSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What budgets reckon with. `rates` are euros for one unit of another currency."""

    unknown_price: UnknownPrice = UnknownPrice.REFUSE
    answer_tokens: Annotated[int, msgspec.Meta(ge=1)] = 8192
    prices: dict[str, PriceSettings] = {}
    rates: dict[str, float] = {}


class WhenAway(StrEnum):
    """What happens while the shared counters do not answer."""

    REFUSE = "refuse"
    LOCAL_SHARE = "local_share"


class SharedSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Where limits and budgets are counted: this process, or a Valkey or Redis that replicas share."""

    url: str | None = None
    when_away: WhenAway = WhenAway.REFUSE
    replicas: Annotated[int, msgspec.Meta(ge=1)] = 1
    seconds: Annotated[float, msgspec.Meta(gt=0)] = 0.5


class StoreSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Where the trail is kept: a file of the state directory for one process, or PostgreSQL for replicas."""

    url: str | None = None
    schema: str = "ecluse"


class TeamSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A part of an organisation that answers for applications."""

    id: str
    name: str
    allowance: AllowanceSettings = AllowanceSettings()


class MaskingSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What the surrogates of an application look like, and what is made coarser instead."""

    forms: dict[str, Form] = {}
    generalise: list[Quasi] = []


class ExceptionSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A rule lifted for an application, for a time, by two persons."""

    id: str
    rule: str
    ground: str
    requested_by: str
    approved_by: str
    starts: date
    ends: date
    destinations: list[str]


class ApplicationSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """An application on record."""

    id: str
    name: str
    purposes: list[str]
    declared: list[DataClass] = []
    analyses: list[AnalysisSettings] = []
    care: bool = False
    hds_activities: Annotated[list[Activity], msgspec.Meta(min_length=1)] | None = None
    masking: MaskingSettings = MaskingSettings()
    owner: str = ""
    exceptions: list[ExceptionSettings] = []
    team: str | None = None
    allowance: AllowanceSettings = AllowanceSettings()
    each_key: AllowanceSettings = AllowanceSettings()


class OrganisationSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """An organisation on record."""

    id: str
    name: str
    kind: CallerKind
    contracts: list[str] = []
    modes: dict[str, Mode] = {}
    routing: StrategySettings | None = None
    allowance: AllowanceSettings = AllowanceSettings()
    retention_days: Annotated[int, msgspec.Meta(ge=1)] | None = None
    teams: list[TeamSettings] = []
    applications: list[ApplicationSettings] = []


class Settings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The whole file."""

    server: ServerSettings = ServerSettings()
    console: ConsoleSettings = ConsoleSettings()
    admin: AdminSettings = AdminSettings()
    gateway: GatewaySettings = GatewaySettings()
    egress: EgressSettings = EgressSettings()
    facts: FactSettings = FactSettings()
    rules: RuleSettings = RuleSettings()
    limits: LimitSettings = LimitSettings()
    classification: ClassificationSettings = ClassificationSettings()
    budgets: BudgetSettings = BudgetSettings()
    shared: SharedSettings = SharedSettings()
    store: StoreSettings = StoreSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    destinations: DestinationSettings = DestinationSettings()
    unsafe_simulators: dict[str, str] = {}
    aliases: dict[str, list[str]] = {}
    routing: RoutingSettings = RoutingSettings()
    cache: CacheSettings = CacheSettings()
    batches: BatchSettings = BatchSettings()
    organisations: list[OrganisationSettings] = []
    recognition: dict[str, RecognitionSettings] = {}
    capture: dict[str, CaptureSettings] = {}
    trail: TrailSettings = TrailSettings()
    identity: IdentitySettings = IdentitySettings()
    vault: VaultSettings = VaultSettings()

    @property
    def retention(self) -> dict[str, int]:
        """For how many days openings are kept, of each organisation that says so."""
        return {one.id: one.retention_days for one in self.organisations if one.retention_days is not None}

    @property
    def applications(self) -> dict[ApplicationId, Application]:
        """Every application by its id. Raises SettingsError for an id used twice or an impossible record."""
        found: dict[ApplicationId, Application] = {}
        for stated in self.organisations:
            organisation = Organisation(
                id=OrganisationId(stated.id),
                name=stated.name,
                kind=stated.kind,
                contracts=frozenset(ProviderId(name) for name in stated.contracts),
                modes={rule: mode.value for rule, mode in stated.modes.items()},
            )
            teams = {team.id for team in stated.teams}
            if len(teams) < len(stated.teams):
                raise SettingsError(f"organisation {stated.id!r} has a team id twice; ids are unique")
            if sum(one.id == stated.id for one in self.organisations) > 1:
                raise SettingsError(f"organisation id {stated.id!r} is used twice; ids are unique")
            for application in stated.applications:
                if application.team is not None and application.team not in teams:
                    raise SettingsError(
                        f"application {application.id!r}: team {application.team!r} is not one of its organisation's"
                    )
                if application.id in found:
                    raise SettingsError(f"application id {application.id!r} is used twice; ids are unique")
                found[ApplicationId(application.id)] = _application(organisation, application)
        return found


def _exception(application: str, stated: ExceptionSettings) -> PolicyException:
    try:
        return PolicyException(
            id=stated.id,
            rule=stated.rule,
            ground=stated.ground,
            requested_by=stated.requested_by,
            approved_by=stated.approved_by,
            starts=stated.starts,
            ends=stated.ends,
            destinations=frozenset(DestinationId(name) for name in stated.destinations),
        )
    except ValueError as error:
        raise SettingsError(f"application {application!r}: {error}") from error


def _application(organisation: Organisation, stated: ApplicationSettings) -> Application:
    if not stated.purposes:
        raise SettingsError(f'application {stated.id!r} needs at least one purpose, e.g. purposes = ["drafting"]')
    if masked := MASKED_CLASSES & set(stated.declared):
        raise SettingsError(f"application {stated.id!r} declares {min(masked)}: declare the class itself")
    return Application(
        id=ApplicationId(stated.id),
        organisation=organisation,
        name=stated.name,
        purposes=tuple(Purpose(purpose) for purpose in stated.purposes),
        declared=frozenset(stated.declared),
        analyses=tuple(
            Analysis(kind=a.kind, reference=a.reference, valid_until=a.valid_until, activities=frozenset(a.activities))
            for a in stated.analyses
        ),
        care=stated.care,
        hds_activities=frozenset(stated.hds_activities or HDS_ACTIVITIES),
        owner=stated.owner,
        exceptions=tuple(_exception(stated.id, one) for one in stated.exceptions),
        team=TeamId(stated.team) if stated.team is not None else None,
        masking=_style(stated),
    )


def _style(stated: ApplicationSettings) -> MaskingStyle:
    for kind, form in stated.masking.forms.items():
        if kind not in FORMS or FORMS[kind][0] is not form:
            known = ", ".join(f'{name} = "{its}"' for name, (its, _) in FORMS.items())
            raise SettingsError(
                f"application {stated.id!r} asks for masking.forms {kind} = {form!r}; there are: {known}"
            )
    return MaskingStyle(
        formatted=frozenset(FORMS[kind][1] for kind in stated.masking.forms),
        generalised=frozenset(stated.masking.generalise),
    )


def load(path: Path) -> Settings:
    """Read a settings file. Raises SettingsError naming the file, the field and what is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except FileNotFoundError:
        raise SettingsError(f"{path} does not exist; `ecluse serve --config FILE` names another") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}; text is quoted, a day (2026-11-24) is not") from error
    try:
        settings = msgspec.convert(data, Settings)
    except msgspec.ValidationError as error:
        line, where, what = misread(Settings, text, str(error))
        raise SettingsError(f"{path}:{line or 1}: {where}: {what} (docs/reference/settings.md)") from error
    if unknown := set(settings.trail.readers) - set(settings.applications):
        raise SettingsError(f"trail.readers names {min(unknown)!r}, which is no application of these settings")
    return settings
