"""What `ecluse exceptions` and `ecluse contests` share: the docket, and how its matters are shown and decided.

Law: two persons in two roles; nothing counts before the gateway has put it on its trail, within seconds.
"""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from ecluse.app import clock
from ecluse.cli.common import fail, settings_of
from ecluse.domain.snapshot import Instant
from ecluse.edge.chain import DocketUnusable
from ecluse.edge.config import Settings
from ecluse.edge.docket import Kind, Matter, Move, Step
from ecluse.edge.keys import Secrets, SecretsUnusable
from ecluse.edge.naming import Names
from ecluse.edge.stores.beside import any_docket, docket_of

By = Annotated[str, typer.Option("--by", help="Who does this: the person's name. It stays beside the trail.")]
Role = Annotated[str, typer.Option("--role", help="In which role, one word: dpo, security, owner. The trail has it.")]
Ends = Annotated[datetime, typer.Option("--ends", formats=["%Y-%m-%d"], help="The last day on which it counts.")]


class Desk:
    """The docket of the settings, and the time."""

    def __init__(self, config: Path) -> None:
        self.settings: Settings = settings_of(config)
        state = Path(self.settings.gateway.state_dir)
        try:
            own = Secrets.open(state)
        except SecretsUnusable as error:
            fail(str(error))
        self.own = own
        self.docket = docket_of(state, own)

    @property
    def now(self) -> Instant:
        """The time that the settings ask for."""
        return clock(self.settings).now()

    def matters(self, kind: Kind) -> list[Matter]:
        """Return the matters of a kind, or leave with what is wrong."""
        return recorded(self.settings, kind)

    def ask(self, step: Step) -> None:
        """Open a matter and say what comes next."""
        try:
            written = self.docket.ask(step, self.now)
        except DocketUnusable as error:
            fail(str(error))
        typer.echo(f"{written.matter} is open. Another person in another role decides it.")

    def decide(self, matter: str, kind: Kind, move: Move, by: str, role: str, ends: date | None = None) -> None:
        """Decide a matter and say what follows."""
        try:
            self.docket.decide(matter, kind, move, name=by, role=role, now=self.now, ends=ends)
        except DocketUnusable as error:
            fail(str(error))
        typer.echo(f"{matter} is {move}. It counts once the gateway has put it on its trail: seconds when it serves.")


def recorded(settings: Settings, kind: Kind) -> list[Matter]:
    """Return the matters of a kind that are on the docket, if there is one; leave with what is wrong."""
    state = Path(settings.gateway.state_dir)
    if not any_docket(state):
        return []
    try:
        matters = docket_of(state, Secrets.open(state)).matters()
    except (DocketUnusable, SecretsUnusable) as error:
        fail(str(error))
    return [matter for matter in matters if matter.asked.kind is kind]


def told(matter: Matter, names: Names) -> dict[str, Any]:
    """Write a matter for a reader: who asked for what, who decided, what counts."""
    asked, decided, ended = matter.asked, matter.decided, matter.ended
    ends = (decided or asked).ends
    return {
        "matter": asked.matter,
        "state": matter.state,
        "on_trail": matter.trailed,
        "application": asked.application,
        "asked_by": _who(asked, names),
        "asked_at": asked.at,
        "ground": asked.ground,
        "decided_by": _who(decided, names) if decided else None,
        "ended_by": _who(ended, names) if ended else None,
        "ends": ends.isoformat() if ends else None,
    }


def _who(step: Step, names: Names) -> str:
    return f"{names(step.name)} ({step.role})"


def lines(matters: Iterable[Matter], names: Names) -> list[str]:
    """Write one line for each matter."""
    found = []
    for matter in matters:
        row = told(matter, names)
        what = matter.asked.rule or ", ".join(f"{kind} {n}" for kind, n in sorted(matter.asked.counts.items()))
        by = f"asked by {row['asked_by']}" + (f", decided by {row['decided_by']}" if row["decided_by"] else "")
        until = f" until {row['ends']}" if row["ends"] else ""
        waits = "" if row["on_trail"] else " (not on the trail yet)"
        found.append(
            f"{row['matter']} {row['state']}{waits}{until}: {row['application']}, {what}. {row['ground']} ({by})"
        )
    return found
