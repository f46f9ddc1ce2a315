"""`ecluse diff OLD NEW`: which questions change verdict between two folders of rules, with a witness in each direction.

Law: exit code 0: no verdict changes, nor a rule's terms; 1: some do; 2: they could not be compared.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from ecluse.cli.common import Json, fail, print_json
from ecluse.cli.facts import Day, Facts, day, engine_of, packs_of, places_of, registry_of
from ecluse.cli.prove import Any_, Language
from ecluse.domain.errors import GatewayError
from ecluse.edge.extras import ExtraMissing
from ecluse.edge.extras import load as load_extra
from ecluse.packs.registry import establish
from ecluse.prove.confirm import EngineDisagrees
from ecluse.prove.diff import CLOSED, OPENED, Change, Difference, compare
from ecluse.prove.residual import NotProvable
from ecluse.prove.restated import Restated, restated, reworded
from ecluse.prove.words import CLAIM, said_facts, told_witness

SHIPPED = "shipped"
SYMBOLIC = "ecluse.prove.symbolic.compare"
WORDS: Mapping[str, tuple[str, str]] = {
    "head": ("{date}: {questions} questions compared.", "{date} : {questions} questions comparées."),
    OPENED: ("OPENED, {action}: {questions} questions.", "OUVERT, {action} : {questions} questions."),
    CLOSED: ("CLOSED, {action}: {questions} questions.", "FERMÉ, {action} : {questions} questions."),
    "none": ("{way}: none.", "{way} : aucune."),
    f"{OPENED} example": ("  now permitted: {says}", "  désormais autorisé : {says}"),
    f"{CLOSED} example": ("  no longer permitted: {says}", "  désormais refusé : {says}"),
    "restated": ("RULE {rule}: {term}: {old} -> {new}", "RÈGLE {rule} : {term} : {old} -> {new}"),
    "reworded": (
        (
            "Written otherwise: {rules}. Of rules that are enforced for everybody, `ecluse diff --symbolic` finds what "
            "no destination on record shows."
        ),
        (
            "Récrites : {rules}. Des règles appliquées à tous, `ecluse diff --symbolic` trouve ce qu'aucune "
            "destination enregistrée ne montre."
        ),
    ),
    "any": ("Any destination that anyone may add:", "Toute destination que quiconque ajouterait :"),
    "where": ("  {name}: {number}", "  {name} : {number}"),
}


def diff(
    old: Annotated[str, typer.Argument(help="A folder of rules, or `shipped`.")],
    new: Annotated[str, typer.Argument(help="Another, or `shipped`.")],
    *,
    date: Day = None,
    registry: Facts = None,
    symbolic: Any_ = False,
    language: Language = "en",
    json: Json = False,
) -> None:
    """Show which questions change verdict from one set of rules to another, on the facts of a day."""
    today, known = day(date), registry_of(registry)
    destinations, places = establish(known, today), places_of(known, today)
    engines = [
        engine_of(packs_of(None if name == SHIPPED else Path(name)), destinations, places, today) for name in (old, new)
    ]
    try:
        difference = compare(*engines)
        of_any = tuple(load_extra(SYMBOLIC, "prove").compare_symbolic(*engines)) if symbolic else None
    except (NotProvable, EngineDisagrees, GatewayError, ExtraMissing) as error:
        fail(str(error))
    rules = [engine.rulebook.rules for engine in engines]
    terms, fr = restated(*rules), language == "fr"
    document = {
        "date": today.isoformat(),
        **told(difference, fr=fr),
        "rules": [asdict(one) for one in terms],
        "reworded": list(reworded(*rules)),
        "any_destination": None if of_any is None else _changes(of_any, fr=fr),
        "claim": CLAIM[fr],
    }
    if json:
        print_json(document)
    else:
        about = [*lines(document, language), *term_lines(terms, language), *_beyond(document, fr=fr)]
        for line in [*about, document["claim"]]:
            typer.echo(line)
    if difference.changes or terms or of_any:
        raise typer.Exit(1)


def term_lines(terms: Iterable[Restated], language: str) -> list[str]:
    """Return rules on other terms as lines for a terminal."""
    return [WORDS["restated"][language == "fr"].format(**_said(one)) for one in terms]


def _said(one: Restated) -> dict[str, str]:
    return {name: "-" if value is None else value for name, value in asdict(one).items()}


def told(difference: Difference, *, fr: bool) -> dict[str, Any]:
    """Return a difference as a document: in each direction the changes, none when there are none."""
    return {"questions": difference.questions, **_changes(difference.changes, fr=fr)}


def _changes(changes: Iterable[Change], *, fr: bool) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {OPENED: [], CLOSED: []}
    for change in changes:
        found[change.way].append(
            {
                "action": change.action.value,
                "questions": change.questions,
                "where": dict(change.where),
                "example": told_witness(change.example, fr=fr),
            }
        )
    return found


def _beyond(document: Mapping[str, Any], *, fr: bool) -> list[str]:
    """Return as lines what the facts on record do not show: any destination, or which rules to ask about."""
    any_ = document["any_destination"]
    if any_ is None:
        names = ", ".join(document["reworded"])
        return [WORDS["reworded"][fr].format(rules=names)] if names else []
    found = [WORDS["any"][fr]]
    for way in (OPENED, CLOSED):
        examples = [change["example"] for change in any_[way]]
        found += [f"{WORDS[f'{way} example'][fr].format(**told)} {said_facts(told, fr=fr)}" for told in examples]
        if not examples:
            found.append("  " + WORDS["none"][fr].format(way=WORDS[way][fr].split(",")[0]))
    return found


def lines(document: Mapping[str, Any], language: str) -> list[str]:
    """Return a difference as lines for a terminal."""
    fr = language == "fr"
    say = {name: pair[fr] for name, pair in WORDS.items()}
    found = [say["head"].format(**{**document, "questions": f"{document['questions']:,}".replace(",", " ")})]
    for way in (OPENED, CLOSED):
        if not document[way]:
            found.append(say["none"].format(way=say[way].split(",")[0]))
        for change in document[way]:
            found.append(say[way].format(**change))
            found.append(say[f"{way} example"].format(says=change["example"]["says"]))
            found += [say["where"].format(name=name, number=number) for name, number in change["where"].items()]
    return found
