"""`ecluse trail erase` and `prune`: shredding of what opens entries; the entries and their proofs stay.

Law: each writes an administrative entry that says who and why. They need the trail for themselves: a running gateway
prunes by itself.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from ecluse.cli.common import DEFAULT_CONFIG, Config, Json, fail, print_json, settings_of
from ecluse.cli.trail.options import State
from ecluse.domain.errors import GatewayError
from ecluse.domain.trail import Entry
from ecluse.edge.clock import SystemClock
from ecluse.edge.erasure import erase as erase_openings
from ecluse.edge.erasure import prune as prune_openings
from ecluse.edge.keys import Secrets, SecretsUnusable
from ecluse.edge.keys import state as where
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.opening import ServedStore
from ecluse.edge.trail_writing import on_trail

T = TypeVar("T")


def erase(
    entry: Annotated[str | None, typer.Argument(help="An entry's id.")] = None,
    *,
    application: Annotated[str | None, typer.Option(help="All entries of this application instead.")] = None,
    before: Annotated[str | None, typer.Option(help="Of that application, those before this day (YYYY-MM-DD).")] = None,
    by: Annotated[str, typer.Option(help="Who erases: a reference, such as dpo, not a person's name.")],
    why: Annotated[str, typer.Option(help="Why: a reference, such as the number of the request.")],
    state_dir: State = where.DEFAULT,
    json: Json = False,
) -> None:
    """Erase what opens one entry, or those of an application: its content can no longer be proven, its place can."""
    if (entry is None) == (application is None):
        fail("name an entry, or an application with `--application`")
    until = _day(before)

    def chosen(one: Entry) -> bool:
        if entry is not None:
            return one.id == entry
        return one.body.get("application") == application and (until is None or one.at < until)

    async def work(store: ServedStore) -> int:
        return await erase_openings(
            store,
            chosen,
            now=SystemClock().now(),
            action="openings_erased",
            actor=by,
            subject=entry or application or "",
            why=why,
        )

    count = _on(state_dir, work)
    if json:
        print_json({"erased": count})
    else:
        typer.echo(f"{count} openings erased; the entries and their proofs stay.")
    if not count:
        fail("nothing there had an opening", 1)


def prune(config: Config = DEFAULT_CONFIG, *, json: Json = False) -> None:
    """Erase the openings that are older than `retention_days` of their organisation."""
    settings = settings_of(config)
    retention = settings.retention
    if not retention:
        fail("no organisation of the settings has `retention_days`", 1)
    erased = _on(
        Path(settings.gateway.state_dir), lambda store: prune_openings(store, retention, now=SystemClock().now())
    )
    if json:
        print_json(dict(erased))
        return
    for organisation, count in erased.items():
        typer.echo(f"{organisation}: {count} openings older than {retention[organisation]} days erased")


def _on(state: Path, work: Callable[[ServedStore], Awaitable[T]]) -> T:
    """Open the trail of a state directory for writing, do the work, and close it under a newer head."""
    if not (where.trail(state).exists() or where.store(state).exists()):
        fail(f"there is no trail in {state}")

    try:
        return on_trail(state, Secrets.open(state), SystemClock(), work)
    except (StoreError, SecretsUnusable, GatewayError, ValueError) as error:
        fail(str(error))


def _day(stated: str | None) -> str | None:
    if stated is None:
        return None
    try:
        day = date.fromisoformat(stated)
    except ValueError:
        fail(f"{stated!r} is no day; write 2026-11-24")
    return datetime(day.year, day.month, day.day, tzinfo=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
