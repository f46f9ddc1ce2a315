"""`ecluse usage`: who used what, where to and at what cost, from the trail.

Law: sums of names on record; energy and carbon are an estimate between bounds, and what is in no estimate is named.
"""

import sqlite3
from contextlib import closing
from dataclasses import asdict
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ecluse.cli.common import Json, fail, print_json, settings_of
from ecluse.cli.facts import Day, day, graph_of, parties_of
from ecluse.edge.config import Settings, SettingsError
from ecluse.edge.facts import registry_of
from ecluse.edge.footprint import Footprint, footprint
from ecluse.edge.keys import state as where
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.opening import open_reader
from ecluse.edge.usage import By, Line, UsageBook, regrouped
from ecluse.packs.errors import PackError
from ecluse.packs.footprint import Interval
from ecluse.packs.registry import Registry, establish
from ecluse.prove.exposure import expose

NOBODY_OUTSIDE = "none on record"
"""No country outside the Union is on record as able to compel the destination: not a proof that none is."""
NOT_SENT = "not sent"


class Dimension(StrEnum):
    """By what sums are shown."""

    DAY = "day"
    ORGANISATION = "organisation"
    APPLICATION = "application"
    KEY = "key"
    DESTINATION = "destination"
    DATA_CLASS = "data_class"
    JURISDICTION = "jurisdiction"


def usage(
    *,
    by: Annotated[Dimension, typer.Option(help="By what the sums are told apart.")] = Dimension.DESTINATION,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day.")] = None,
    application: Annotated[str | None, typer.Option(help="Only this application.")] = None,
    organisation: Annotated[str | None, typer.Option(help="Only this organisation.")] = None,
    own_country: Annotated[
        str | None,
        typer.Option(
            help="Where your own machines stand (FR), for the carbon of their electricity; as the settings say."
        ),
    ] = None,
    date: Day = None,
    state_dir: Annotated[
        Path | None, typer.Option("--state-dir", help="The folder that holds the gateway's state.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            help="The settings file, for its facts, its country and its state.",
            envvar="ECLUSE_CONFIG",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Show passages, tokens and cost by data class, destination, jurisdiction, application, key or day."""
    stated = settings_of(config) if config else Settings()
    state = state_dir or (Path(stated.gateway.state_dir) if config else where.DEFAULT)
    try:
        registry = registry_of(stated.facts)
        with closing(open_reader(state)) as trail, closing(UsageBook(where.usage(state))) as book:
            book.catch_up(trail)
            lines, sent = (
                book.by(
                    one,
                    since=since.date() if since else None,
                    until=until.date() if until else None,
                    organisation=organisation,
                    application=application,
                )
                for one in (By.DESTINATION if by is Dimension.JURISDICTION else By(by.value), By.DESTINATION)
            )
        spent = footprint(registry, sent, own_country=own_country or stated.gateway.country)
    except (StoreError, sqlite3.Error, OSError, PackError, SettingsError) as error:
        fail(str(error))
    if by is Dimension.JURISDICTION:
        lines = regrouped(lines, _jurisdictions(registry, day(date)), NOBODY_OUTSIDE)
    if json:
        told = [{by.value: line.name, "currency": line.currency or None, **asdict(line.sums)} for line in lines]
        print_json({"by": by.value, "usage": told, "footprint": {**asdict(spent), "whole": spent.whole}})
        return
    _show(lines, by)
    _show_footprint(spent)


def _jurisdictions(known: Registry, today: date) -> dict[str, list[str]]:
    """Return, for each destination of the registry, the countries outside the Union on record as able to compel it."""
    graph = graph_of(known)
    found = {"": [NOT_SENT]}
    for id_, destination in establish(known, today).items():
        seen = expose(graph, parties_of(known, destination, today), today)
        found[id_] = sorted({c.country for c in seen.compelled_by if not c.inside and c.certain})
    return found


def _show(lines: list[Line], by: Dimension) -> None:
    if not lines:
        typer.echo("Nothing is on record for this.")
        return
    typer.echo(f"{'passages':>9} {'refused':>8} {'tokens in':>11} {'tokens out':>11} {'cost':>14}  {by.value}")
    for line in lines:
        sums = line.sums
        cost = f"{sums.cost_micro / 1_000_000:.6f} {line.currency}" if line.currency else "unknown"
        name = line.name or NOT_SENT
        typer.echo(
            f"{sums.passages:>9} {sums.refused:>8} {sums.tokens_in:>11} {sums.tokens_out:>11} "
            f"{cost if sums.passages else '-':>14}  {name}"
            + (f" ({sums.uncounted} without a count)" if sums.uncounted else "")
            + (f" ({sums.simulated} SIMULATED)" if sums.simulated else "")
        )
    if by in {Dimension.DATA_CLASS, Dimension.JURISDICTION}:
        typer.echo("A passage counts in each class or country that it has: these lines do not add up to a total.")


def _show_footprint(spent: Footprint) -> None:
    if not spent.destinations:
        return
    simulated = " (SIMULATED: what it would have been)" if any(one.simulated for one in spent.destinations) else ""
    carbon = _between(spent.carbon_g, "g CO2e")
    typer.echo(f"Estimated, output tokens alone: {_between(spent.energy_wh, 'Wh')}, {carbon}{simulated}.")
    for one in spent.destinations:
        if one.unknown:
            typer.echo(f"  not wholly in it: {one.destination} ({', '.join(one.unknown).replace('_', ' ')})")
    typer.echo(f"Method: {spent.method}")


def _between(one: Interval | None, unit: str) -> str:
    return f"{one.low:.2g} to {one.high:.2g} {unit}" if one else f"{unit} unknown"
