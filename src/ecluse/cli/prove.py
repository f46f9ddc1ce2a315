"""`ecluse prove`: what holds of the rules over every question and every fact on record, or an example of what fails.

Law: exit code 0: all invariants hold; 1: one does not, with an example that Cedar confirmed; 2: nothing was proven.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as date_
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ecluse.app import clock as clock_of
from ecluse.app import grounds
from ecluse.cli.common import DEFAULT_CONFIG, Config, Json, fail, fail_with, print_json, settings_of
from ecluse.cli.facts import (
    Day,
    Facts,
    day,
    engine_of,
    graph_of,
    packs_of,
    perimeters_of,
    places_of,
    record_of,
    registry_of,
)
from ecluse.domain.caller import Application, CallerKind, PolicyException
from ecluse.domain.destination import Destination, DestinationId
from ecluse.domain.errors import GatewayError
from ecluse.edge.amendments.weighing import invariants_of
from ecluse.edge.clock import day_of
from ecluse.edge.config import OrganisationSettings
from ecluse.edge.extras import ExtraMissing
from ecluse.edge.extras import load as load_extra
from ecluse.edge.keys import SecretsUnusable
from ecluse.packs.policies import PolicySources
from ecluse.packs.registry import Registry, confidence_counts, establish, recipients
from ecluse.passage.decide import Rule
from ecluse.prove.composed import engine_for
from ecluse.prove.confirm import Engine, EngineDisagrees
from ecluse.prove.grounds import Ungrounded, ungrounded
from ecluse.prove.invariants import Shown, show
from ecluse.prove.plan import PlanLeavesPermit, every_plan_is_permitted
from ecluse.prove.residual import asks
from ecluse.prove.tools import ToolLeavesPermit, every_tool_is_permitted
from ecluse.prove.words import CLAIM, told_witness

SYMBOLIC = "ecluse.prove.symbolic.show"

Language = Annotated[Literal["en", "fr"], typer.Option("--language", "-l", help="Sentences in `en` or `fr`.")]
Rules = Annotated[
    Path | None,
    typer.Option("--policies", help="A folder of rules: beside the shipped ones, or instead if it has a base.cedar."),
]
Any_ = Annotated[
    bool, typer.Option("--symbolic", help="Prove also over any destination that anyone may add (the extra `prove`).")
]
One = Annotated[
    str | None,
    typer.Option("--organisation", help="Prove the rules as this organisation of the settings composed them."),
]
More = Annotated[Path | None, typer.Option("--invariants", help="A folder of invariants beside the shipped ones.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """On what it is proven: facts, rules, a day; for one organisation its kind, modes, and exceptions, left out."""

    registry: Registry
    sources: PolicySources
    today: date_
    organisation: OrganisationSettings | None = None
    exceptions: tuple[tuple[Application, PolicyException], ...] = ()

    @property
    def kinds(self) -> tuple[CallerKind, ...]:
        """Return the callers that are asked about."""
        return (self.organisation.kind,) if self.organisation else tuple(CallerKind)


def prove(
    *,
    organisation: One = None,
    date: Day = None,
    policies: Rules = None,
    invariants: More = None,
    registry: Facts = None,
    symbolic: Any_ = False,
    language: Language = "en",
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Prove the invariants over every data class, caller and destination of the registry, on a day."""
    if organisation is None:
        ground = Ground(registry=registry_of(registry), sources=packs_of(policies), today=day(date))
    else:
        ground = _ground_of(organisation, config, date, policies, registry)
    today, known, sources = ground.today, ground.registry, ground.sources
    receiving = {one.id: one.destination for one in recipients(known, today)}
    destinations = {**establish(known, today), **receiving}  # a recipient is a destination: every invariant is of it
    engine = engine_of(sources, destinations, places_of(known, today), today)
    try:
        if ground.organisation is not None:
            engine = engine_for(engine, {rule: mode.value for rule, mode in ground.organisation.modes.items()})
        stated = invariants_of(sources, *([invariants] if invariants else []))
        shown = show(engine.rulebook.rules, stated, engine, kinds=ground.kinds)
        any_ = _of_any(engine, stated, ground.kinds) if symbolic else None
        plans = every_plan_is_permitted()
        with_tools = every_tool_is_permitted()
    except (ValueError, EngineDisagrees, GatewayError, PlanLeavesPermit, ToolLeavesPermit, ExtraMissing) as error:
        fail(str(error))
    mistaken = _mistaken(known, destinations, today)
    document = {
        "date": today.isoformat(),
        "organisation": organisation,
        **_told(shown, fr=language == "fr"),
        "any_destination": _told_of_any(any_, fr=language == "fr"),
        "exceptions_left_out": [_left_out(*one) for one in ground.exceptions],
        "unknown_providers": _unknown_providers(engine, known),
        "plans": plans,
        "recipients": len(receiving),
        "verdicts_with_tools": with_tools,
        "facts_without_ground": [_fault(fault, fr=language == "fr") for fault in mistaken],
        "reviews": {name: review.told for name, review in sorted(sources.reviews.items())},
        "facts": {str(level): number for level, number in confidence_counts(known).items()},
        "claim": CLAIM[language == "fr"],
    }
    if json:
        print_json(document)
    else:
        for line in _lines(document, language):
            typer.echo(line)
    if not document["holds"] or mistaken or not (document["any_destination"] or {"holds": True})["holds"]:
        raise typer.Exit(1)


def _unknown_providers(engine: Engine, known: Registry) -> list[dict[str, Any]]:
    """List the rules that name a provider that is not on record: a forbid with a typo refuses nobody."""
    return [
        {"rule": rule.id, "provider": ref.name, "meant": next(iter(get_close_matches(ref.name, known.providers)), None)}
        for rule in engine.rulebook.rules.values()
        for ref in sorted(asks(rule).named("Provider"), key=lambda ref: ref.name)
        if ref.name not in known.providers
    ]


def _of_any(engine: Engine, stated: list[Rule], kinds: tuple[CallerKind, ...]) -> Any:  # noqa: ANN401 - the type is of an optional part
    return load_extra(SYMBOLIC, "prove").show_symbolic(engine.rulebook.rules, stated, engine, kinds=kinds)


def _mistaken(known: Registry, destinations: Mapping[DestinationId, Destination], today: date_) -> list[Ungrounded]:
    graph, perimeters = graph_of(known), perimeters_of(known, today)
    return [
        fault
        for destination in destinations.values()
        for fault in ungrounded(destination, record_of(known, destination), graph, perimeters, today)
    ]


def _ground_of(name: str, config: Path, stated: datetime | None, rules: Path | None, facts: Path | None) -> Ground:
    """Take the rules, facts and day of the settings for one of their organisations; what is named apart prevails."""
    settings = settings_of(config)
    try:
        base = grounds(settings)
        found = next((one for one in base.settings.organisations if one.id == name), None)
        if found is None:
            known = ", ".join(one.id for one in settings.organisations) or "none"
            fail(f"no organisation {name!r} in {config}; it has: {known}")
        today = stated.date() if stated else day_of(clock_of(settings).now())
        return Ground(
            registry=base.registry if facts is None else registry_of(facts, settings.facts),
            sources=base.policies if rules is None else packs_of(rules),
            today=today,
            organisation=found,
            exceptions=tuple(
                (application, exception)
                for application in base.applications.values()
                if application.organisation.id == name
                for exception in application.exceptions
                if exception.in_force(today)
            ),
        )
    except (ValueError, SecretsUnusable) as error:
        fail_with(error, config)


def _left_out(application: Application, exception: PolicyException) -> dict[str, str]:
    return {
        "exception": exception.id,
        "rule": exception.rule,
        "application": application.id,
        "ends": exception.ends.isoformat(),
    }


def _fault(fault: Ungrounded, *, fr: bool) -> dict[str, str]:
    return {"destination": fault.destination, "fact": fault.fact, "says": fault.fr if fr else fault.en}


def _told_of_any(shown: Any, *, fr: bool) -> dict[str, Any] | None:  # noqa: ANN401 - the type is of an optional part
    if shown is None:
        return None
    return {
        "holds": not shown.broken and not shown.widening,
        "questions": shown.questions,
        "broken": [
            {"invariant": one.invariant.id, "example": told_witness(one.example, fr=fr)} for one in shown.broken
        ],
        "classes_that_widen": [
            {"class": one.data_class.value, "example": told_witness(one.example, fr=fr)} for one in shown.widening
        ],
        "dead": list(shown.dead),
        "redundant": list(shown.redundant),
    }


def _told(shown: Shown, *, fr: bool) -> dict[str, Any]:
    return {
        "holds": not shown.broken and not shown.widening,
        "questions": shown.questions,
        "asked_of_cedar_too": shown.agreed,
        "invariants": list(shown.invariants),
        "broken": [
            {
                "invariant": broken.invariant.id,
                "says": broken.invariant.reason.fr if fr else broken.invariant.reason.en,
                "source": broken.invariant.reason.source,
                "questions": broken.questions,
                "by_modes": broken.by_modes,
                "example": told_witness(broken.example, fr=fr),
            }
            for broken in shown.broken
        ],
        "classes_that_widen": [
            {"class": item.data_class.value, "example": told_witness(item.example, fr=fr)} for item in shown.widening
        ],
        "dead": list(shown.dead),
        "asleep": list(shown.asleep),
        "redundant": list(shown.redundant),
        "not_enforced": list(shown.not_enforced),
    }


CONFIDENCE = {"high": "haute", "medium": "moyenne", "low": "faible", "unverified": "non vérifiée"}
"""How a fact is known, in French."""

WORDS: Mapping[str, tuple[str, str]] = {
    "head": (
        "{date}: {count} invariants over {questions} questions, {asked_of_cedar_too} of them asked of Cedar too.",
        "{date} : {count} invariants sur {questions} questions, dont {asked_of_cedar_too} posées aussi à Cedar.",
    ),
    "organisation": (
        "As {organisation} composed the rules: of rules that are not enforced nothing is proven.",
        "Règles telles que {organisation} les a composées : de celles qui ne sont pas appliquées, rien n'est prouvé.",
    ),
    "holds": ("All hold.", "Tous sont respectés."),
    "broken": ("BROKEN {invariant}: {says} ({source})", "VIOLÉ {invariant} : {says} ({source})"),
    "by_modes": (
        "  once an organisation only observes every rule that it may: the rule that keeps it has lost @floor",
        "  dès qu'une organisation met en observation tout ce qu'elle peut : la règle qui le garantit n'a plus @floor",
    ),
    "widens": (
        "WIDENS {class}: adding this class opens what was refused.",
        "ÉLARGIT {class} : ajouter cette classe ouvre ce qui était refusé.",
    ),
    "example": ("  for example: {says} ({questions} questions)", "  par exemple : {says} ({questions} questions)"),
    "fact": ("FACT WITHOUT GROUND {destination} {fact}: {says}", "FAIT SANS FONDEMENT {destination} {fact} : {says}"),
    "any": (
        "Any destination that anyone may add: {questions} questions to the solver, {verdict}.",
        "Toute destination qui pourrait être ajoutée : {questions} questions posées au solveur, {verdict}.",
    ),
    "any_holds": ("all hold", "tous sont respectés"),
    "any_fails": ("NOT all hold", "tous ne sont PAS respectés"),
    "dead": ("can fire for no facts at all", "ne peut jamais se déclencher"),
    "asleep": ("fires for none of the facts of that day", "ne se déclenche pour aucun fait de ce jour"),
    "unknown_provider": (
        "{rule} names the provider {provider}, which is not on record: it concerns nobody{meant}",
        "{rule} nomme le prestataire {provider}, qui n'est pas enregistré : elle ne vise personne{meant}",
    ),
    "meant": ("; did you mean {meant}?", " ; vouliez-vous dire {meant} ?"),
    "redundant": ("changes no verdict on record", "ne change aucune décision sur les faits enregistrés"),
    "not_enforced": ("is not enforced, so nothing is said of it", "n'est pas appliquée : rien n'en est dit"),
    "left_out": (
        "Left out of what is shown: exception {exception} lifts {rule} for {application} until {ends}.",
        "Laissée hors de la démonstration : l'exception {exception} lève {rule} pour {application} jusqu'au {ends}.",
    ),
    "tools": (
        "Hosted tools: {recipients} recipients judged as destinations; {verdicts_with_tools} verdicts, none too wide.",
        "Outils hébergés : {recipients} destinataires jugés ; {verdicts_with_tools} décisions, aucune trop large.",
    ),
    "plans": (
        "Routing: {plans} plans, none leaves its permit.",
        "Routage : {plans} plans, aucun ne sort de l'autorisation.",
    ),
    "unreviewed": ("Packs of rules reviewed by nobody: {packs}.", "Jeux de règles que personne n'a relus : {packs}."),
    "facts": ("Facts by confidence: {facts}.", "Faits par degré de confiance : {facts}."),
}


def _lines(document: Mapping[str, Any], language: str) -> list[str]:
    fr = language == "fr"
    say = {name: pair[fr] for name, pair in WORDS.items()}
    head = {**document, "questions": _grouped(document["questions"]), "count": len(document["invariants"])}
    lines = [say["head"].format(**head)]
    if document["organisation"]:
        lines.append(say["organisation"].format(**document))
    for item in document["broken"]:
        lines.append(say["broken"].format(**item))
        lines += [say["by_modes"]] if item["by_modes"] else []
        lines.append(say["example"].format(says=item["example"]["says"], questions=item["questions"]))
    for item in document["classes_that_widen"]:
        lines.append(say["widens"].format(**item))
        lines.append(f"  {item['example']['says']}")
    lines += [say["fact"].format(**item) for item in document["facts_without_ground"]]
    if document["holds"] and not document["facts_without_ground"]:
        lines.append(say["holds"])
    lines += [
        f"{id_} {say[what]}" for what in ("dead", "asleep", "redundant", "not_enforced") for id_ in document[what]
    ]
    lines += [
        say["unknown_provider"].format(**{**one, "meant": say["meant"].format(**one) if one["meant"] else ""})
        for one in document["unknown_providers"]
    ]
    lines += [say["left_out"].format(**item) for item in document["exceptions_left_out"]]
    lines += _lines_of_any(document["any_destination"], say)
    counted = {name: _grouped(document[name]) for name in ("plans", "verdicts_with_tools")}
    lines += [say[what].format(**{**document, **counted}) for what in ("plans", "tools")]
    facts = ", ".join(f"{CONFIDENCE[name] if fr else name} {n}" for name, n in document["facts"].items())
    lines.append(say["facts"].format(facts=facts))
    if unread := [name for name, review in document["reviews"].items() if review["by"] is None]:
        lines.append(say["unreviewed"].format(packs=", ".join(unread)))
    return [*lines, document["claim"]]


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _lines_of_any(any_: Mapping[str, Any] | None, say: Mapping[str, str]) -> list[str]:
    if any_ is None:
        return []
    verdict = say["any_holds"] if any_["holds"] else say["any_fails"]
    lines = [say["any"].format(questions=any_["questions"], verdict=verdict)]
    lines += [f"  {item['invariant']}: {item['example']['says']}" for item in any_["broken"]]
    return lines + [f"  {item['class']}: {item['example']['says']}" for item in any_["classes_that_widen"]]
