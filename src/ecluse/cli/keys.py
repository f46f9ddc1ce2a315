"""`ecluse keys`: make, list and revoke API keys, also while the gateway serves.

Law: a key is printed once, when it is made; afterwards nobody can show it again, only revoke it.
"""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from ecluse.cli.common import Json, fail, print_json
from ecluse.domain.caller import ApplicationId, Key, KeyId
from ecluse.edge.clock import SystemClock, day_of
from ecluse.edge.keys import Keys, KeysUnusable, Secrets, SecretsUnusable
from ecluse.edge.keys import state as where
from ecluse.edge.stores.key_tables import any_table, table_of

app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)

State = Annotated[Path, typer.Option("--state-dir", help="The folder that holds the gateway's state.")]


@app.command()
def create(
    *,
    application: Annotated[str, typer.Option(help="The id of the application in the settings.")],
    expires: Annotated[str | None, typer.Option(help="The last day on which the key counts, e.g. 2027-06-30.")] = None,
    state_dir: State = where.DEFAULT,
    json: Json = False,
) -> None:
    """Make a key for an application, and show it this once."""
    if not application.isprintable() or not application.strip():
        fail("--application takes the id of an application in the settings")
    now = SystemClock().now()
    last_day = _day(expires, day_of(now)) if expires else None
    try:
        key, secret = _table(state_dir).create(ApplicationId(application), now, last_day)
    except KeysUnusable as error:
        fail(str(error))
    if json:
        print_json({**_told(key, day_of(now)), "key": secret.reveal()})
        return
    typer.echo(secret.reveal())
    until = f"until the end of {key.expires} UTC" if key.expires else "until it is revoked"
    typer.echo(f"{key.id} for application {key.application}, {until}. The key is not shown again.", err=True)


@app.command("list")
def list_keys(*, state_dir: State = where.DEFAULT, json: Json = False) -> None:
    """List the keys: id, application, when made, whether they still count. Never the keys themselves."""
    today = day_of(SystemClock().now())
    try:
        keys = _table(state_dir).list() if any_table(state_dir) else ()
    except KeysUnusable as error:
        fail(str(error))
    if json:
        print_json([_told(key, today) for key in keys])
        return
    if not keys:
        typer.echo("There is no key. `ecluse keys create --application ID` makes one.")
    for key in keys:
        typer.echo(f"{key.id}  {key.created}  {_standing(key, today):<24} {key.application}")


@app.command()
def rotate(
    key: Annotated[str, typer.Argument(help="The id of the key to replace, as `ecluse keys list` shows it.")],
    *,
    overlap_days: Annotated[
        int, typer.Option("--overlap-days", min=0, max=365, help="For how many days after today the old one counts.")
    ] = 7,
    state_dir: State = where.DEFAULT,
    json: Json = False,
) -> None:
    """Make a new key for the same application, shown this once; the old one counts for some days more."""
    now = SystemClock().now()
    until = day_of(now) + timedelta(days=overlap_days)
    try:
        made, secret = _table(state_dir).rotate(KeyId(key), now, until)
    except KeyError:
        fail("there is no such key that still counts; `ecluse keys list` shows the ids", 1)
    except KeysUnusable as error:
        fail(str(error))
    if json:
        print_json({**_told(made, day_of(now)), "key": secret.reveal(), "replaces": key, "until": until.isoformat()})
        return
    typer.echo(secret.reveal())
    typer.echo(f"{made.id} replaces {key}, which ends on {until} UTC at the latest. It is not shown again.", err=True)


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="The id of the key, as `ecluse keys list` shows it.")],
    *,
    state_dir: State = where.DEFAULT,
    json: Json = False,
) -> None:
    """Revoke a key: it is refused from the next request on."""
    today = day_of(SystemClock().now())
    try:
        revoked = _table(state_dir).revoke(KeyId(key)) if any_table(state_dir) else None
    except KeyError:
        revoked = None
    except KeysUnusable as error:
        fail(str(error))
    if revoked is None:
        fail("there is no key of that id; `ecluse keys list` shows the ids", 1)
    if json:
        print_json(_told(revoked, today))
        return
    typer.echo(f"{revoked.id} of application {revoked.application} is revoked.")


def _table(state: Path) -> Keys:
    try:
        return table_of(state, Secrets.open(state))
    except (SecretsUnusable, KeysUnusable) as error:
        fail(str(error))


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        fail("--expires takes a day, e.g. 2027-06-30")
    if day < today:
        fail(f"--expires {day} is in the past")
    return day


def _standing(key: Key, today: date) -> str:
    if key.revoked:
        return "revoked"
    if key.expires is None:
        return "counts"
    return f"counts until {key.expires}" if today <= date.fromisoformat(key.expires) else f"ended on {key.expires}"


def _told(key: Key, today: date) -> dict[str, object]:
    counts = not key.revoked and (key.expires is None or today <= date.fromisoformat(key.expires))
    return {
        "id": key.id,
        "application": key.application,
        "created": key.created,
        "expires": key.expires,
        "revoked": key.revoked,
        "counts": counts,
    }
