"""`ecluse exposure`: who can compel a destination or a company, by which path, and what if a holder converts."""

from dataclasses import replace
from datetime import date as date_
from pathlib import Path
from typing import Annotated, Any

import typer

from ecluse.cli.common import Json, fail, print_json
from ecluse.cli.diff import lines as changed_lines
from ecluse.cli.diff import told as told_changes
from ecluse.cli.facts import (
    Day,
    Facts,
    day,
    engine_of,
    graph_of,
    packs_of,
    parties_of,
    places_of,
    registry_of,
)
from ecluse.cli.prove import Language
from ecluse.domain.errors import GatewayError
from ecluse.domain.party import EntityId, StakeKind
from ecluse.packs.misread import near
from ecluse.packs.registry import Registry, establish
from ecluse.prove.confirm import EngineDisagrees
from ecluse.prove.diff import compare
from ecluse.prove.drawing import draw
from ecluse.prove.exposure import Exposure, Party, Role, expose
from ecluse.prove.exposure_words import lines, said_share, told_exposure
from ecluse.prove.figures import said_number
from ecluse.prove.holding import SHARES
from ecluse.prove.residual import NotProvable
from ecluse.prove.whatif import Conversion, NoSuchSupposition, read_supposition, suppose

_KINDS = {
    StakeKind.EQUITY.value: ("capital", "capital"),
    StakeKind.VOTES.value: ("votes", "droits de vote"),
    StakeKind.CONVERTIBLE.value: ("convertible", "convertible"),
}


def exposure(
    name: Annotated[str, typer.Argument(help="A destination, a hosted tool or an entity of the registry.")],
    *,
    if_: Annotated[
        str | None,
        typer.Option("--if", help="Suppose: `microsoft converts 15 MEUR in mistral_ai at 20 GEUR post-money`."),
    ] = None,
    graph: Annotated[Path | None, typer.Option("--graph", help="Write the graph to this SVG file.")] = None,
    date: Day = None,
    registry: Facts = None,
    language: Language = "en",
    json: Json = False,
) -> None:
    """Show which jurisdictions can compel, by which path of the graph, and SecNumCloud's test of shares (19.6)."""
    today, known = day(date), registry_of(registry)
    seen = _exposure(known, name, today)
    document: dict[str, Any] = {
        "date": today.isoformat(),
        "name": name,
        **told_exposure(seen, graph_of(known), language),
    }
    drawn = known
    if if_ is not None:
        drawn, document["if"] = _supposed(known, name, if_, today, language)
    if graph is not None:
        if graph.suffix != ".svg":
            fail("write the name of the picture to make: --graph FILE.svg")
        try:
            graph.write_text(draw(_exposure(drawn, name, today), graph_of(drawn), language), encoding="utf-8")
        except OSError as error:
            fail(f"the graph cannot be written: {error}")
    if json:
        print_json(document)
        return
    for line in [f"{name}, {today}", *lines(document, language), *_if_lines(document, language)]:
        typer.echo(line)


def _exposure(registry: Registry, name: str, today: date_) -> Exposure:
    parties: tuple[Party, ...]
    if (receiver := registry.receiver(name)) is not None:
        parties = parties_of(registry, receiver, today)
    elif name in registry.entities:
        parties = (Party(entity=EntityId(name), role=Role.SUBJECT),)
    else:
        tools = sorted(one.id for one in registry.recipients)
        known = [*sorted(registry.destinations), *tools, *sorted(registry.entities)]
        asked = near(name, known).strip() or f"it has: {', '.join(known)}"
        fail(f"no destination, tool or entity {name!r} in the registry; {asked}", 1)
    return expose(graph_of(registry), parties, today)


def _supposed(registry: Registry, name: str, text: str, today: date_, language: str) -> tuple[Registry, dict[str, Any]]:
    """Return the registry as supposed, and what changes: the stakes, the exposure, the verdicts."""
    sources = packs_of(None)
    try:
        conversion = read_supposition(text, registry.entities)
        after = _with_stakes(registry, conversion, today)
        engines = [engine_of(sources, establish(one, today), places_of(one, today), today) for one in (registry, after)]
        difference = compare(*engines)
    except NoSuchSupposition as error:
        fail(error.sentence(language))
    except (NotProvable, EngineDisagrees, GatewayError) as error:
        fail(str(error))
    fr = language == "fr"
    return after, {
        "supposed": conversion.stated,
        "share": round(conversion.share, 6),
        "stakes": [
            {"holder": s.holder, "kind": s.kind.value, "share": said_share(round(s.low, 4), round(s.high, 4), fr=fr)}
            for s in after.stakes
            if s.held == conversion.held and s.kind in {*SHARES, StakeKind.CONVERTIBLE}
        ],
        **told_exposure(_exposure(after, name, today), graph_of(after), language),
        "verdicts": told_changes(difference, fr=fr),
    }


def _with_stakes(registry: Registry, conversion: Conversion, today: date_) -> Registry:
    return replace(registry, stakes=suppose(registry.stakes, conversion, today))


def _if_lines(document: dict[str, Any], language: str) -> list[str]:
    if "if" not in document:
        return []
    fr, supposed = language == "fr", document["if"]
    head = "Supposons :" if fr else "Suppose:"
    share = f"{said_number(supposed['share'], fr=fr)} %"
    got = f"{head} {supposed['supposed']} = {share}"
    stakes = [f"     {stake['holder']}, {_KINDS[stake['kind']][fr]} {stake['share']}" for stake in supposed["stakes"]]
    verdicts = supposed["verdicts"]
    if not verdicts["opened"] and not verdicts["closed"]:
        none = "Aucune décision ne change" if fr else "No verdict changes"
        compared = f"{verdicts['questions']:,}".replace(",", " ")
        changed = [f"{none} ({compared} questions)."]
    else:
        changed = changed_lines({**verdicts, "date": document["date"]}, language)
    return ["", got, *stakes, *lines(supposed, language), *changed]
