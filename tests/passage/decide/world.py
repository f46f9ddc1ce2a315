"""The facts of one fixed day, callers on record, and questions about them, for the tests of this stage."""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from ecluse.domain.caller import (
    HDS_ACTIVITIES,
    Analysis,
    AnalysisKind,
    Application,
    ApplicationId,
    CallerKind,
    Organisation,
    OrganisationId,
    Purpose,
)
from ecluse.domain.destination import Destination, DestinationId, Place
from ecluse.domain.finding import MASKED_FORM, Classification, DataClass
from ecluse.domain.party import ProviderId
from ecluse.domain.request import Slot
from ecluse.domain.snapshot import Alias, Instant, Memory, Rulebook, Snapshot, SnapshotId, never
from ecluse.domain.verdict import Action, Question
from ecluse.packs import policies
from ecluse.packs.policies.cases import read
from ecluse.packs.registry import Registry, establish, load, place
from ecluse.passage.decide import CedarRulebook, compile_rules

KEEPERS = Path(__file__).resolve().parents[2] / "policies" / "keepers"
TODAY = date(2026, 11, 24)
SELF_HOSTED = "self_hosted/own_premises/smollm2-135m"


def instant(day: date, hour: int = 12) -> Instant:
    return Instant(int(datetime(day.year, day.month, day.day, hour, tzinfo=UTC).timestamp() * 1000))


NOW = instant(TODAY)


class NoDetector:
    version = "none"

    def classify(
        self, slots: Sequence[Slot], stopped: Callable[[], bool] = never, memory: Memory | None = None
    ) -> Classification:
        raise AssertionError(slots, stopped, memory)


@cache
def registry() -> Registry:
    return load()


@cache
def destinations(day: date = TODAY) -> Mapping[DestinationId, Destination]:
    return establish(registry(), day)


@cache
def rulebook(day: date = TODAY) -> CedarRulebook:
    sources = policies.load()
    return compile_rules(sources.schema, sources.policies, destinations=destinations(day), today=day)


@cache
def keeping(day: date = TODAY) -> CedarRulebook:
    """Return the rules over services that keep conversations on demand too: of those on record none says enough."""
    sources = policies.load()
    found = establish(load(own=[KEEPERS]), day)
    return compile_rules(sources.schema, sources.policies, destinations=found, today=day)


def snapshot(
    day: date = TODAY,
    *,
    rules: Rulebook | None = None,
    places: Iterable[Place] | None = None,
    valid_until: date = date(2026, 11, 30),
    aliases: Mapping[str, Alias] | None = None,
) -> Snapshot:
    return Snapshot(
        id=SnapshotId("test"),
        today=day.isoformat(),
        valid_until=instant(valid_until, 0),
        destinations=destinations(day),
        aliases=aliases or {},
        places=tuple(places) if places is not None else (here(day),),
        rulebook=rules or rulebook(day),
        detector=NoDetector(),
    )


def here(day: date = TODAY) -> Place:
    return place(registry(), "own_premises", "runs", day, "FR")


@cache
def _callers() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((read.BUILT_IN / "callers.toml").read_text(encoding="utf-8"))


def caller(name: str, **changes: Any) -> Application:
    """Return a caller of callers.toml. `plus` and `minus` are analyses; the other changes replace its fields."""
    stated = {**_callers()[name], **changes}
    contracts = stated.get("contracts", sorted(registry().providers))
    kinds = {*stated.get("analyses", ()), *stated.get("plus", ())} - {*stated.get("minus", ())}
    return Application(
        id=ApplicationId(name),
        organisation=Organisation(
            id=OrganisationId(name),
            name=name,
            kind=CallerKind(stated["kind"]),
            contracts=frozenset(ProviderId(c) for c in contracts),
            modes=stated.get("modes", {}),
        ),
        name=name,
        purposes=(Purpose("drafting"),),
        declared=frozenset(stated.get("declared", ())),
        analyses=tuple(
            Analysis(kind=AnalysisKind(kind), reference="test", activities=HDS_ACTIVITIES) for kind in sorted(kinds)
        ),
        care=stated.get("care", False),
    )


def question(
    application: Application,
    *classes: DataClass,
    covered: Iterable[DataClass] | None = None,
    action: Action = Action.INFER,
    purpose: str = "drafting",
) -> Question:
    """Ask about classes; what has a masked form is covered unless said otherwise."""
    return Question(
        application=application,
        action=action,
        purpose=Purpose(purpose),
        classes=frozenset(classes),
        covered=frozenset(MASKED_FORM.keys() & set(classes) if covered is None else covered),
    )


def moded(application: Application, **modes: str) -> Application:
    """Return the application under an organisation that changed modes; `__` stands for the dot of a rule's id."""
    organisation = replace(
        application.organisation, modes={name.replace("__", "."): mode for name, mode in modes.items()}
    )
    return replace(application, organisation=organisation)
