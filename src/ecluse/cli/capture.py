"""`ecluse capture`: read or shred what is kept of prompts and answers. A view is on the trail before anything is shown.

Law: who reads and why are references, and stand in the trail for good. When the trail cannot be written, nothing is
shown and nothing is shredded.
"""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from ecluse.cli.common import DEFAULT_CONFIG, Config, Json, fail, print_json, settings_of
from ecluse.domain.caller import OrganisationId
from ecluse.domain.errors import GatewayError
from ecluse.domain.trail import EntryId
from ecluse.edge.capture.safe import Safe, View
from ecluse.edge.capture.unusable import CaptureUnusable
from ecluse.edge.capture.wrapping import wrapping_of
from ecluse.edge.clock import SystemClock
from ecluse.edge.config import Settings
from ecluse.edge.keys import Secrets, SecretsUnusable
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.opening import ServedStore
from ecluse.edge.stores.safe_tables import safe_of
from ecluse.edge.trail_writing import on_trail_or_asked

app = typer.Typer(help="Read or shred what is kept of prompts and answers.", no_args_is_help=True)

By = Annotated[str, typer.Option(help="Who: a reference, such as dpo, not a person's name.")]
Why = Annotated[str, typer.Option("--reason", help="Why: a reference, such as the number of the case.")]


@app.command()
def read(
    entry: Annotated[
        str, typer.Argument(help="The id of the intent, as `x-ecluse-entry` and `ecluse trail show` say.")
    ],
    *,
    by: By,
    reason: Why,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Show a prompt and its answer, once the trail says who reads them and why."""
    settings = settings_of(config)
    now = SystemClock().now()
    try:
        safe = _safe(settings)
        kept = safe.find(EntryId(entry), now)
        if kept is None:
            fail("nothing is kept of this entry, or no longer", 1)
        named = settings.capture.get(kept.organisation)
        if named is None:
            fail(f"the settings name no key for capture.{kept.organisation}")
        key = wrapping_of(named, settings.egress)
        _announce(settings, safe, "capture_read", entry, by, reason, kept.organisation)
        content = safe.open(EntryId(entry), key, now)
    except (CaptureUnusable, GatewayError, StoreError, SecretsUnusable, ValueError) as error:
        fail(str(error))
    if json:
        print_json({"entry": entry, "prompt": content.prompt, "answer": content.answer, "withheld": content.withheld})
        return
    typer.echo(content.prompt)
    typer.echo("")
    typer.echo(content.answer if content.answer is not None else f"(not kept: {content.withheld})")


@app.command()
def shred(
    entry: Annotated[str | None, typer.Argument(help="The id of an intent.")] = None,
    *,
    organisation: Annotated[str | None, typer.Option(help="All that is kept of this organisation instead.")] = None,
    by: By,
    reason: Why,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Delete the key of what is kept of an entry, or of an organisation, then what is kept."""
    if (entry is None) == (organisation is None):
        fail("name an entry, or an organisation with `--organisation`")
    settings = settings_of(config)
    try:
        safe = _safe(settings)
        kept = safe.find(EntryId(entry), SystemClock().now()) if entry else None
        whose = organisation or (kept.organisation if kept else "")
        if not whose:
            fail("nothing is kept of this entry, or no longer", 1)
        _announce(settings, safe, "capture_shredded", entry or whose, by, reason, whose)
        gone = safe.shred(
            entry=EntryId(entry) if entry else None, organisation=OrganisationId(organisation) if organisation else None
        )
    except (CaptureUnusable, GatewayError, StoreError, SecretsUnusable, ValueError) as error:
        fail(str(error))
    if json:
        print_json({"shredded": gone})
    else:
        typer.echo(f"{gone} shredded; the entries of the trail stay.")


def _safe(settings: Settings) -> Safe:
    state = Path(settings.gateway.state_dir)
    return safe_of(settings.store, state, Secrets.open(state))


def _announce(settings: Settings, safe: Safe, action: str, subject: str, by: str, why: str, organisation: str) -> None:
    """Put a view on the trail; through the gateway, when it has the trail to itself."""
    view = View(id=secrets.token_hex(16), action=action, subject=subject, actor=by, why=why, organisation=organisation)
    view.entry(SystemClock().now())  # refuses what is no reference, before anything is written
    state = Path(settings.gateway.state_dir)

    async def write(store: ServedStore) -> None:
        await store.append(view.entry(SystemClock().now()))

    own, clock = Secrets.open(state), SystemClock()
    if not on_trail_or_asked(state, own, clock, write, ask=lambda: safe.ask(view), written=lambda: safe.told(view.id)):
        fail("the gateway that serves did not put this on the trail: nothing is shown")
