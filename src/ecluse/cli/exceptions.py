"""`ecluse exceptions`: the rules that are lifted, for whom, by whom and until when; and how two persons lift one.

Law: whoever asks does not decide; no rule of the floor is lifted. Exit code 1 of `list` when one has ended or ends
within the days asked for, so that a calendar can watch it.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from ecluse.app import clock, grounds, snapshot
from ecluse.cli.common import DEFAULT_CONFIG, Config, Json, fail, print_json, settings_of
from ecluse.cli.decisions import By, Desk, Ends, Role, lines, recorded, told
from ecluse.cli.names import Reader, ReaderRole, Shown, Why, names
from ecluse.domain.caller import PolicyException
from ecluse.edge.clock import day_of
from ecluse.edge.config import Settings
from ecluse.edge.decided import why_not
from ecluse.edge.docket import Kind, Move, Step
from ecluse.edge.keys import SecretsUnusable
from ecluse.edge.naming import Names
from ecluse.edge.snapshots import build

app = typer.Typer(help="Show the rules that are lifted, for whom and until when; lift one.", no_args_is_help=True)


@app.command("list")
def list_exceptions(
    *,
    config: Config = DEFAULT_CONFIG,
    within: Annotated[int, typer.Option(help="Days before its end from which an exception counts as ending.")] = 30,
    shown: Shown = False,
    reason: Why = "",
    by: Reader = "",
    role: ReaderRole = "",
    json: Json = False,
) -> None:
    """List the exceptions on record, checked against the rules; leave with 1 when one ends soon or has ended."""
    settings = settings_of(config)
    try:
        base = grounds(settings)
        today = day_of(clock(settings).now())
        build(base, today)  # refuses an exception that no rule can have
    except (SecretsUnusable, ValueError) as error:
        fail(str(error))
    folder = Path(settings.gateway.state_dir)
    say = names(folder, clock(settings), "exceptions list", shown=shown, why=reason, by=by, role=role)
    found: list[dict[str, Any]] = []
    for application in base.applications.values():
        for one in application.exceptions:
            state = "coming" if today < one.starts else "in force" if one.in_force(today) else "ended"
            soon = today + timedelta(days=within) >= one.ends
            found.append({"application": application.id, **_told(one, say), "state": state, "ends_soon": soon})
    waiting = [matter for matter in recorded(settings, Kind.EXCEPTION) if matter.state == "open" or not matter.trailed]
    if json:
        print_json(found + [told(matter, say) for matter in waiting])
    else:
        typer.echo(
            "\n".join([*(_line(row) for row in found), *lines(waiting, say)]) or "No rule is lifted for anybody."
        )
    if any(row["ends_soon"] for row in found):
        raise typer.Exit(1)


@app.command()
def request(
    *,
    application: Annotated[str, typer.Option("--application", "-a", help="For which application of the settings.")],
    rule: Annotated[str, typer.Option(help="Which rule is to be lifted.")],
    destination: Annotated[list[str], typer.Option(help="Towards which destination; as often as there are some.")],
    ground: Annotated[str, typer.Option(help="On what ground, in a sentence. It stays beside the trail.")],
    ends: Ends,
    by: By,
    role: Role,
    starts: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day on which it counts; else today.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Ask for an exception. Nothing is lifted before another person in another role approves."""
    desk = Desk(config)
    step = Step(
        kind=Kind.EXCEPTION,
        name=by,
        role=role,
        application=application,
        rule=rule,
        ground=ground,
        starts=starts.date() if starts else day_of(desk.now),
        ends=ends.date(),
        destinations=tuple(destination),
    )
    _check(desk.settings, step)
    desk.ask(step)


@app.command()
def approve(matter: str, *, by: By, role: Role, config: Config = DEFAULT_CONFIG) -> None:
    """Approve an exception that another person in another role asked for; the gateway takes it within seconds."""
    desk = Desk(config)
    found = next((one for one in desk.matters(Kind.EXCEPTION) if one.asked.matter == matter), None)
    if found is not None:
        _check(desk.settings, found.asked)
    desk.decide(matter, Kind.EXCEPTION, Move.GRANTED, by, role)


@app.command()
def reject(matter: str, *, by: By, role: Role, config: Config = DEFAULT_CONFIG) -> None:
    """Turn down an exception that was asked for."""
    Desk(config).decide(matter, Kind.EXCEPTION, Move.REFUSED, by, role)


@app.command()
def end(matter: str, *, by: By, role: Role, config: Config = DEFAULT_CONFIG) -> None:
    """End an exception before its day. One person may: the rule holds again."""
    Desk(config).decide(matter, Kind.EXCEPTION, Move.ENDED, by, role)


def _check(settings: Settings, step: Step) -> None:
    """Leave with what is wrong when the rules cannot have this exception."""
    try:
        why = why_not(snapshot(settings), step)
    except ValueError as error:
        fail(str(error))
    if why:
        fail(str(why))


def _told(one: PolicyException, say: Names) -> dict[str, Any]:
    return {
        "exception": one.id,
        "rule": one.rule,
        "ground": one.ground,
        "requested_by": say(one.requested_by),
        "approved_by": say(one.approved_by),
        "starts": one.starts.isoformat(),
        "ends": one.ends.isoformat(),
        "destinations": sorted(one.destinations),
    }


def _line(row: dict[str, Any]) -> str:
    what = f"{row['application']} without {row['rule']} to {', '.join(row['destinations'])}"
    who = f"{row['ground']} ({row['requested_by']}, {row['approved_by']})"
    return f"{row['exception']} {row['state']}, {row['starts']} to {row['ends']}: {what}. {who}"
