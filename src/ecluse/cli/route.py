"""`ecluse route`: in which order permitted destinations would be tried, by the owner's strategy, with nothing sent."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from ecluse.cli.common import DEFAULT_CONFIG, Config, Json, fail, print_json
from ecluse.cli.posed import Posed, pose
from ecluse.domain.destination import DestinationId
from ecluse.domain.effects import Health
from ecluse.domain.errors import EcluseError
from ecluse.domain.routing import Strategy
from ecluse.domain.verdict import Permit
from ecluse.passage.decide import decide
from ecluse.passage.route import Plan, plan, route_of
from ecluse.passage.telling import told_plan

app = typer.Typer(help="Show how requests are routed.", no_args_is_help=True)

SCORES = {
    Strategy.WRITTEN: "the written order alone",
    Strategy.WEIGHTED: "score: the weight; drawn anew for each request",
    Strategy.CHEAPEST: "score: millionths of a euro per million tokens, three read for one written",
    Strategy.FASTEST: "score: milliseconds until an answer begins; known to the running gateway only",
    Strategy.LEAST_BUSY: "score: calls under way; known to the running gateway only",
    Strategy.STICKY: "by conversation; the running gateway knows which",
}


@app.callback()
def _group() -> None:
    """Show how requests are routed."""


@app.command()
def explain(
    file: Annotated[str | None, typer.Argument(help="A text file in UTF-8, or - for standard input.")] = None,
    *,
    application: Annotated[str, typer.Option("--application", "-a", help="For which application of the settings.")],
    classes: Annotated[
        str | None, typer.Option(help='Data classes instead of a text, separated by commas; none ("") for public data.')
    ] = None,
    model: Annotated[str, typer.Option(help="Which model, alias or `auto`.")] = "auto",
    purpose: Annotated[str | None, typer.Option(help="Which purpose of the application.")] = None,
    down: Annotated[
        list[str] | None, typer.Option(help="Suppose that this destination is down; may be repeated.")
    ] = None,
    draw: Annotated[
        int, typer.Option(min=0, max=2**63 - 1, help="The draw of chance that weights are tried with.")
    ] = 1,
    language: Annotated[str, typer.Option("--language", "-l", help="Sentences in `en` or `fr`.")] = "en",
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Show the plan for a text or data classes: candidates, scores, what is left out and why. Exit code 1: refused."""
    asked = pose(file, classes, application, model, purpose, language, config)
    if unknown := [name for name in down or [] if name not in asked.snapshot.destinations]:
        fail(f"{unknown[0]!r} is not in use; these are: {', '.join(asked.snapshot.destinations)}")
    try:
        verdict = decide(asked.snapshot, asked.question, asked.candidates, now=asked.now)
    except EcluseError as error:
        fail(error.sentence(language))
    if not isinstance(verdict, Permit):
        fail("the rules refuse this, so nothing is routed; `ecluse explain` with the same words says why", 1)
    made = _planned(asked, verdict, model, frozenset(map(DestinationId, down or [])), draw)
    document = _document(asked, made, model)
    if json:
        print_json(document)
    else:
        _show(document, made)


def _planned(asked: Posed, permit: Permit, model: str, down: frozenset[DestinationId], draw: int) -> Plan:
    route = route_of(asked.snapshot, model, asked.question.application.organisation.id)
    return plan(permit, Health(down=down), draw, route)


def _document(asked: Posed, made: Plan, model: str) -> dict[str, Any]:
    snapshot = asked.snapshot
    prices = {
        id_: None
        if price is None
        else f"{price.per_million_in:g}/{price.per_million_out:g} {price.currency} per million, {price.source.as_of}"
        for id_, price in ((c.destination, snapshot.destinations[c.destination].price) for c in made.choices)
    }
    return {
        "snapshot": snapshot.id,
        "date": snapshot.today,
        "classes": sorted(asked.question.classes),
        "model": model,
        "attempts": snapshot.routes.attempts,
        **told_plan(made),
        "prices": prices,
    }


def _show(document: dict[str, Any], made: Plan) -> None:
    console = Console()
    console.print(f"facts of {document['date']}; strategy {made.strategy.value}: {SCORES[made.strategy]}")
    table = Table("", Column("destination", overflow="fold"), "form", "score", "list price")
    for place, choice in enumerate(made.choices, 1):
        score = made.scores.get(choice.destination)
        table.add_row(
            str(place) if place <= document["attempts"] else f"({place})",
            choice.destination,
            "masked" if choice.masked else "as is",
            "unknown" if score is None else str(score),
            document["prices"][choice.destination] or "unknown",
        )
    console.print(table)
    for id_, why in made.left_out.items():
        console.print(f"{why}: {id_}")
    console.print(f"at most {document['attempts']} calls for one request; those in brackets come after that many")
