"""`ecluse keys`: make, list and revoke API keys, also while the gateway serves.

Law: a key is printed once, when it is made; afterwards nobody can show it again, only revoke it. Each change is on the
trail before it is made.
"""

import difflib
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from ecluse.cli.common import DEFAULT_CONFIG, Config, Json, fail, print_json, settings_of
from ecluse.domain.caller import EVERYTHING, Application, ApplicationId, Key, KeyId, KeyScope
from ecluse.edge.clock import SystemClock, day_of
from ecluse.edge.config import Settings
from ecluse.edge.key_changes import AnnouncedKeys
from ecluse.edge.keys import Keys, KeysUnusable, Secrets, SecretsUnusable
from ecluse.edge.keys import state as where
from ecluse.edge.stores.key_tables import any_table, table_of

app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)

ACTOR = "command_line"
"""Who changes keys here, as the trail has it: whoever has the state directory."""
Scopes = Annotated[
    list[KeyScope] | None, typer.Option("--scope", help="What it may be used for; once for each. All, if none is said.")
]
State = Annotated[
    Path | None,
    typer.Option("--state-dir", help="The folder that holds the gateway's state; the settings', if none is said."),
]


@app.command()
def create(
    *,
    application: Annotated[str, typer.Option(help="The id of the application in the settings.")],
    scope: Scopes = None,
    expires: Annotated[str | None, typer.Option(help="The last day on which the key counts, e.g. 2027-06-30.")] = None,
    state_dir: State = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Make a key for an application of the settings, and show it this once."""
    if not application.isprintable() or not application.strip():
        fail("--application takes the id of an application in the settings")
    state, settings = _place(state_dir, config)
    _check_on_record(application, config, settings)
    now = SystemClock().now()
    last_day = _day(expires, day_of(now)) if expires else None
    try:
        scopes = frozenset(scope) if scope else EVERYTHING
        key, secret = _keys(state).create(ApplicationId(application), now, last_day, scopes)
    except (KeysUnusable, ValueError) as error:
        fail(str(error))
    if json:
        print_json({**_told(key, day_of(now)), "key": secret.reveal()})
        return
    typer.echo(secret.reveal())
    until = f"until the end of {key.expires} UTC" if key.expires else "until it is revoked"
    allowed = f"for {_scopes(key)}, " if key.scopes != EVERYTHING else ""
    typer.echo(f"{key.id} for application {key.application}, {allowed}{until}. The key is not shown again.", err=True)


@app.command("list")
def list_keys(*, state_dir: State = None, config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """List the keys: id, whose, scopes, last use, whether they still count. Never the keys themselves."""
    today = day_of(SystemClock().now())
    state, settings = _place(state_dir, config)
    known = settings.applications if settings else {}
    try:
        keys = _table(state).list() if any_table(state) else ()
    except KeysUnusable as error:
        fail(str(error))
    if json:
        print_json([{**_told(key, today), **_whose(key, known)} for key in keys])
        return
    if not keys:
        typer.echo("There is no key. `ecluse keys create --application ID` makes one.")
    for key in keys:
        whose = _whose(key, known)
        path = "/".join(str(name) for name in (whose["organisation"], whose["team"], key.application) if name)
        used = f"used {key.used[:16]}Z" if key.used else "no use seen"
        typer.echo(f"{key.id}  {_standing(key, today):<24} {used:<22} {path}  {_scopes(key)}")


@app.command()
def rotate(
    key: Annotated[str, typer.Argument(help="The id of the key to replace, as `ecluse keys list` shows it.")],
    *,
    overlap_days: Annotated[
        int, typer.Option("--overlap-days", min=0, max=365, help="For how many days after today the old one counts.")
    ] = 7,
    expires: Annotated[
        str | None, typer.Option(help="The last day of the new key; that of the old one, if none is said.")
    ] = None,
    state_dir: State = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Make a new key in place of an old one, with its scopes, shown this once; the old one counts some days more."""
    state, _ = _place(state_dir, config)
    now = SystemClock().now()
    until = day_of(now) + timedelta(days=overlap_days)
    last_day = _day(expires, day_of(now)) if expires else None
    try:
        made, secret = _keys(state).rotate(KeyId(key), now, until, last_day)
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
    state_dir: State = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Revoke a key: it is refused from the next request on."""
    state, _ = _place(state_dir, config)
    today = day_of(SystemClock().now())
    try:
        revoked = _keys(state).revoke(KeyId(key)) if any_table(state) else None
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


def _place(state: Path | None, config: Path) -> tuple[Path, Settings | None]:
    """Return the folder of the gateway's state, and its settings where they are known."""
    if not config.exists() and config == DEFAULT_CONFIG:
        return state or where.DEFAULT, None
    settings = settings_of(config)
    its = Path(settings.gateway.state_dir)
    another = state is not None and config == DEFAULT_CONFIG and its.resolve() != state.resolve()
    return state or its, None if another else settings


def _check_on_record(application: str, config: Path, settings: Settings | None) -> None:
    """Refuse an application that the settings do not have; say so where there are no settings."""
    if settings is None:
        typer.echo(f"ecluse: without settings (--config) nobody checks that {application} exists", err=True)
        return
    if application not in settings.applications:
        near = difflib.get_close_matches(application, settings.applications, n=1, cutoff=0.5)
        known = f"did you mean {near[0]}?" if near else f"there are: {', '.join(settings.applications) or 'none'}."
        fail(f"{config} has no application {application!r}; {known} A key of another would be refused at each call")


def _keys(state: Path) -> AnnouncedKeys:
    try:
        return AnnouncedKeys(state, Secrets.open(state), SystemClock(), ACTOR)
    except SecretsUnusable as error:
        fail(str(error))


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
    return f"counts until {key.expires}" if key.counts(today) else f"ended on {key.expires}"


def _scopes(key: Key) -> str:
    return ", ".join(scope for scope in KeyScope if scope in key.scopes)


def _whose(key: Key, known: Mapping[ApplicationId, Application]) -> dict[str, str | None]:
    """Say of which organisation and team a key is; None where the settings do not say."""
    found = known.get(key.application)
    return {"organisation": found.organisation.id if found else None, "team": found.team if found else None}


def _state(key: Key, today: date) -> str:
    return "revoked" if key.revoked else "counts" if key.counts(today) else "ended"


def _told(key: Key, today: date) -> dict[str, object]:
    return {
        "id": key.id,
        "application": key.application,
        "created": key.created,
        "expires": key.expires,
        "revoked": key.revoked,
        "counts": key.counts(today),
        "state": _state(key, today),
        "scopes": [scope for scope in KeyScope if scope in key.scopes],
        "used": key.used,
    }
