"""`ecluse registry diff|watch`: what differs between two states of the facts, and what the calendar will change.

Law: it tells what shifts for destinations and, with settings, which applications lose their last one. Exit code 1 when
something differs, or when one loses it.
"""

from collections.abc import Iterator, Sequence
from datetime import date as date_
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from ecluse.app import grounds
from ecluse.cli.common import DEFAULT_CONFIG, Json, fail_with, print_json, settings_of
from ecluse.cli.facts import Day, Facts, day, registry_of
from ecluse.cli.registry import flat, plain
from ecluse.domain.errors import EcluseError
from ecluse.edge.clock import start_of
from ecluse.edge.config import SettingsError
from ecluse.edge.snapshots import Grounds, build
from ecluse.packs.registry import Registry
from ecluse.packs.registry.changes import Change, Shift, ahead, changes, shifts
from ecluse.prove.drill import declared, rehearse

SHIPPED = "shipped"


def diff(
    old: Annotated[str, typer.Argument(help="A folder or a pack of facts, or `shipped`.")],
    new: Annotated[str, typer.Argument(help="Another, or `shipped`.")],
    *,
    date: Day = None,
    json: Json = False,
) -> None:
    """Show which facts differ between two states, and what shifts for destinations on a day."""
    today = day(date)
    before, after = (registry_of(None if name == SHIPPED else Path(name)) for name in (old, new))
    found, shifted = changes(before, after), shifts(before, after, today, today)
    if json:
        print_json({"date": today.isoformat(), "changes": [_change(one) for one in found], "shifts": _shifts(shifted)})
    else:
        for one in found:
            typer.echo(f"{_sign(one)} {one.kind} {one.name}")
            for line in _fields(one):
                typer.echo(f"     {line}")
        for line in _lines(shifted):
            typer.echo(line)
        typer.echo(f"{len(found)} facts differ; {len(shifted)} destinations shift on {today}.")
    if found:
        raise typer.Exit(1)


def watch(
    *,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Look so many days ahead.")] = 90,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="Say which applications of these settings lose destinations.")
    ] = None,
    date: Day = None,
    registry: Facts = None,
    json: Json = False,
) -> None:
    """Show what the calendar will change: what ends or begins, for which destinations and applications."""
    today = day(date)
    base = None
    try:
        if config is not None:
            base = grounds(settings_of(config))
        beside = base.settings.facts if base is not None else None
        known = base.registry if base is not None and registry is None else registry_of(registry, beside)
        told = _merged(
            [_day(base, today, on, shifted) for on, shifted in ahead(known, today, days)], known, today, days
        )
    except (SettingsError, EcluseError, ValueError) as error:
        fail_with(error, config or DEFAULT_CONFIG)
    if json:
        print_json({"date": today.isoformat(), "days": days, "ahead": told})
    else:
        for one in told:
            typer.echo(one["on"])
            for line in one["says"]:
                typer.echo(f"     {line}")
        typer.echo(f"{len(told)} days with a change within {days} days of {today}.")
    if any(one["lost"] for one in told):
        raise typer.Exit(1)


def _merged(told: list[dict[str, Any]], known: Registry, today: date_, days: int) -> list[dict[str, Any]]:
    """Add the days of texts: from when they apply or no longer do, and by when their status is to be looked at."""
    last = today + timedelta(days=days)
    stated = [(one.on, f"{one.law}: {one.en}") for one in known.milestones]
    stated += [
        (
            one.review_by,
            f"{one.id} ({one.jurisdiction.code}): its status is to be reviewed; past this day it counts as in force",
        )
        for one in known.regimes
        if one.review_by is not None
    ]
    found = {one["on"]: one for one in told}
    for on, says in sorted(stated):
        if today < on <= last:
            empty = {"on": on.isoformat(), "shifts": [], "lost": [], "says": []}
            found.setdefault(on.isoformat(), empty)["says"].append(says)
    return [found[on] for on in sorted(found)]


def _day(base: Grounds | None, today: date_, on: date_, shifted: Sequence[Shift]) -> dict[str, Any]:
    lost = list(_lost(base, today, on)) if base is not None else []
    says = [*_lines(shifted), *(f"{application}: loses its last destination" for application in lost)]
    return {
        "on": on.isoformat(),
        "shifts": _shifts(shifted),
        "lost": lost,
        "says": says or ["a fact begins or ends, and nothing shifts"],
    }


def _lost(base: Grounds, today: date_, on: date_) -> Iterator[str]:
    """Iterate over the applications that have a destination today and none on that day."""
    before, after = build(base, today), build(base, on)
    applications = base.applications
    for one in rehearse(before, after, applications, declared(applications.values()), now=start_of(today)):
        if one.lost:
            yield one.profile.application


def _sign(one: Change) -> str:
    return "+" if one.before is None else "-" if one.after is None else "~"


def _change(one: Change) -> dict[str, Any]:
    return {"kind": one.kind, "name": one.name, "before": _plain(one.before), "after": _plain(one.after)}


def _plain(fact: object | None) -> Any:  # noqa: ANN401 - facts of several kinds
    return None if fact is None else plain(fact)


def _fields(one: Change) -> Iterator[str]:
    """Show what differs of a fact that is in both, line by line."""
    if one.before is None or one.after is None:
        return
    before, after = (list(flat("", _plain(fact))) for fact in (one.before, one.after))
    yield from (f"- {line}" for line in before if line not in after)
    yield from (f"+ {line}" for line in after if line not in before)


def _shifts(shifted: Sequence[Shift]) -> list[dict[str, Any]]:
    return [
        {
            "destination": one.destination,
            "gained": sorted(one.gained),
            "lost": sorted(one.lost),
            "non_eu_share_max": [one.share_before, one.share_after],
        }
        for one in shifted
    ]


def _lines(shifted: Sequence[Shift]) -> Iterator[str]:
    for one in shifted:
        parts = [*(f"+{name}" for name in sorted(one.gained)), *(f"-{name}" for name in sorted(one.lost))]
        if one.share_before != one.share_after:
            parts.append(f"non-EU share up to {one.share_before} -> {one.share_after} %")
        yield f"{one.destination}: {', '.join(parts)}"
