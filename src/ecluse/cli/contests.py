"""`ecluse contests`: 'this is not sensitive', asked with a reason, decided by another person, until a day.

Law: only keyed hashes of what is contested are kept, never the text; credentials and markings cannot be contested.
"""

from pathlib import Path
from typing import Annotated

import typer

from ecluse.app import clock, grounds
from ecluse.cli.classify import read_text
from ecluse.cli.common import DEFAULT_CONFIG, Config, Json, fail, print_json, settings_of
from ecluse.cli.decisions import By, Desk, Ends, Role, lines, recorded, told
from ecluse.cli.names import Reader, ReaderRole, Shown, Why, names
from ecluse.domain.caller import ApplicationId
from ecluse.domain.contest import CONTESTABLE, LONGEST
from ecluse.domain.errors import EcluseError
from ecluse.domain.request import Slot, SlotPath
from ecluse.edge.clock import day_of
from ecluse.edge.docket import Kind, Move, Step
from ecluse.passage.classify import classify
from ecluse.passage.contests import marks

app = typer.Typer(help="Contest a finding, and decide what others contest.", no_args_is_help=True)


@app.command("list")
def list_contests(
    *,
    all_: Annotated[bool, typer.Option("--all", help="Show those that are turned down or ended too.")] = False,
    shown: Shown = False,
    reason: Why = "",
    by: Reader = "",
    role: ReaderRole = "",
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """List what is contested and what was decided; leave with 1 when something waits for a decision."""
    settings = settings_of(config)
    state = Path(settings.gateway.state_dir)
    say = names(state, clock(settings), "contests list", shown=shown, why=reason, by=by, role=role)
    found = recorded(settings, Kind.CONTEST)
    listed = [matter for matter in found if all_ or matter.state in {"open", "granted"}]
    if json:
        print_json([told(matter, say) | {"findings": matter.asked.counts} for matter in listed])
    else:
        typer.echo("\n".join(lines(listed, say)) or "Nothing is contested.")
    if any(matter.state == "open" for matter in listed):
        raise typer.Exit(1)


@app.command("open")
def open_contest(
    file: Annotated[str, typer.Argument(help="A text file in UTF-8 with what is contested, or - for standard input.")],
    *,
    application: Annotated[str, typer.Option("--application", "-a", help="For which application of the settings.")],
    reason: Annotated[str, typer.Option(help="Why this is not sensitive. It stays beside the trail.")],
    by: By,
    role: Role,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Contest every finding of a text that may be contested, for one application."""
    desk = Desk(config)
    try:
        base = grounds(desk.settings)
        record = base.applications.get(ApplicationId(application))
        if record is None:
            fail(f"no application {application!r}; there are: {', '.join(sorted(base.applications)) or 'none'}")
        slots = (Slot(path=SlotPath("text"), text=read_text(file)),)
        found = classify(base.detectors.get(record.id, base.detector), slots)
    except (ValueError, EcluseError) as error:
        fail(str(error))
    marked = marks(found, slots, desk.own.masking_key(record.organisation.id))
    if not marked:
        fail(f"nothing in it can be contested; of what is found only these are: {', '.join(sorted(CONTESTABLE))}")
    counts: dict[str, int] = {}
    for finding in found.findings:
        if finding.data_class in CONTESTABLE:
            counts[finding.kind] = counts.get(finding.kind, 0) + 1
    desk.ask(
        Step(
            kind=Kind.CONTEST,
            name=by,
            role=role,
            application=application,
            ground=reason,
            marks=tuple(sorted(marked)),
            counts=counts,
        )
    )


@app.command()
def accept(matter: str, *, ends: Ends, by: By, role: Role, config: Config = DEFAULT_CONFIG) -> None:
    """Accept what another person contests, until a day; the gateway leaves it out within seconds."""
    desk = Desk(config)
    today = day_of(desk.now)
    if not today <= ends.date() <= today + LONGEST:
        fail(f"--ends: a day from {today} to {today + LONGEST}")
    desk.decide(matter, Kind.CONTEST, Move.GRANTED, by, role, ends.date())


@app.command()
def reject(matter: str, *, by: By, role: Role, config: Config = DEFAULT_CONFIG) -> None:
    """Turn down what is contested."""
    Desk(config).decide(matter, Kind.CONTEST, Move.REFUSED, by, role)


@app.command()
def end(matter: str, *, by: By, role: Role, config: Config = DEFAULT_CONFIG) -> None:
    """End an accepted contest before its day. One person may: the finding counts again."""
    Desk(config).decide(matter, Kind.CONTEST, Move.ENDED, by, role)
