"""`ecluse admin token`: make, list and revoke the tokens that open the admin API, also while the gateway serves.

Law: a token is printed once, when it is made; it stands for one person in one role. What is made or revoked is on the
trail first.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from ecluse.cli.common import Json, fail, print_json
from ecluse.cli.names import Reader, ReaderRole, Shown, Why, names
from ecluse.edge.admin_tokens import AdminToken, AdminTokens, TokensUnusable
from ecluse.edge.clock import SystemClock, day_of
from ecluse.edge.keys import Secrets, SecretsUnusable
from ecluse.edge.keys import state as where
from ecluse.edge.roles import Role
from ecluse.edge.stores.beside import any_tokens, tokens_at
from ecluse.edge.token_changes import AnnouncedTokens

app = typer.Typer(help="Open the admin API to persons and programs.", no_args_is_help=True)
tokens = typer.Typer(help="Make, list and revoke the tokens of the admin API.", no_args_is_help=True)
app.add_typer(tokens, name="token")

State = Annotated[Path, typer.Option("--state-dir", help="The folder that holds the gateway's state.")]


@tokens.command()
def create(
    *,
    role: Annotated[Role, typer.Option(help="What the token may do.")],
    name: Annotated[str, typer.Option(help="The person that it stands for, as exceptions and contests name them.")],
    expires: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day on which it counts, e.g. 2027-06-30.")
    ] = None,
    state_dir: State = where.DEFAULT,
    json: Json = False,
) -> None:
    """Make a token for a person in a role, and show it this once."""
    now = SystemClock().now()
    last = expires.date() if expires else None
    if last is not None and last < day_of(now):
        fail(f"--expires {last} is in the past")
    try:
        made, secret = _announced(state_dir).create(name, role, now, last)
    except TokensUnusable as error:
        fail(str(error))
    if json:
        print_json({**_told(made, day_of(now)), "token": secret.reveal()})
        return
    typer.echo(secret.reveal())
    until = f"until the end of {last} UTC" if last else "until it is revoked"
    typer.echo(f"{made.id} for {made.name} as {made.role}, {until}. The token is not shown again.", err=True)


@tokens.command("list")
def list_tokens(
    *,
    shown: Shown = False,
    reason: Why = "",
    by: Reader = "",
    role: ReaderRole = "",
    state_dir: State = where.DEFAULT,
    json: Json = False,
) -> None:
    """List the tokens: id, person, role, whether they still count. Never the tokens themselves."""
    today = day_of(SystemClock().now())
    say = names(state_dir, SystemClock(), "admin token list", shown=shown, why=reason, by=by, role=role)
    try:
        found = _table(state_dir).list() if any_tokens(state_dir) else ()
    except TokensUnusable as error:
        fail(str(error))
    if json:
        print_json([_told(one, today) | {"name": say(one.name)} for one in found])
        return
    if not found:
        typer.echo("There is no admin token. `ecluse admin token create --role ROLE --name NAME` makes one.")
    for one in found:
        until = f" until {one.expires}" if one.expires else ""
        standing = "revoked" if one.revoked else f"counts{until}" if one.counts(today) else f"ended on {one.expires}"
        typer.echo(f"{one.id}  {one.created}  {standing:<24} {one.role:<9} {say(one.name)}")


@tokens.command()
def revoke(
    token: Annotated[str, typer.Argument(help="Its id, as `ecluse admin token list` shows it.")],
    *,
    state_dir: State = where.DEFAULT,
) -> None:
    """Revoke a token: it opens nothing from the next call on."""
    try:
        revoked = _announced(state_dir).revoke(token) if any_tokens(state_dir) else None
    except KeyError:
        revoked = None
    except TokensUnusable as error:
        fail(str(error))
    if revoked is None:
        fail("there is no token of that id; `ecluse admin token list` shows the ids", 1)
    typer.echo(f"{revoked.id} of {revoked.name} is revoked.")


def _table(state: Path) -> AdminTokens:
    try:
        return tokens_at(state, Secrets.open(state))
    except (SecretsUnusable, TokensUnusable) as error:
        fail(str(error))


def _announced(state: Path) -> AnnouncedTokens:
    try:
        return AnnouncedTokens(state, Secrets.open(state), SystemClock())
    except (SecretsUnusable, TokensUnusable) as error:
        fail(str(error))


def _told(one: AdminToken, today: date) -> dict[str, object]:
    return {
        "id": one.id,
        "name": one.name,
        "role": one.role,
        "created": one.created,
        "expires": one.expires.isoformat() if one.expires else None,
        "revoked": one.revoked,
        "counts": one.counts(today),
    }
