"""Where the docket, drafts of rules and admin tokens are: files of the state directory, or the PostgreSQL of its trail.

Law: one of the two, never both. A gateway that starts on PostgreSQL, and `ecluse migrate`, take the files over and put
them aside, so that what is ended or revoked later does not count again from a file left behind.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecluse.domain.errors import GatewayError
from ecluse.edge.admin_tokens import AdminTokens, TokensUnusable
from ecluse.edge.chain import DocketUnusable, Steps
from ecluse.edge.config import StoreSettings
from ecluse.edge.docket import Docket
from ecluse.edge.drafts import APPLICATION_ID, Drafts
from ecluse.edge.extras import load
from ecluse.edge.keys import state as where
from ecluse.edge.keys.own import Secrets
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.opening import point, stated, url_of
from ecluse.edge.stores.step_file import FileSteps
from ecluse.edge.stores.token_file import FileTokens

POSTGRES = "ecluse.edge.stores.postgres.beside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What stands beside one trail. `close` lets go of what it holds."""

    docket: Docket
    drafts: Drafts
    tokens: AdminTokens
    close: Callable[[], None]


def beside(named: StoreSettings, state: Path, own: Secrets, *, keep: bool = False) -> Beside:
    """Return what stands beside the trail that settings name; `keep` for whoever asks often.

    Raises SettingsError, GatewayError or ExtraMissing.
    """
    if named.url is None:
        steps: Steps = FileSteps(where.docket(state))
        tokens = AdminTokens(FileTokens(where.admin(state)), own)
        drafts = Drafts(FileSteps(where.drafts(state), APPLICATION_ID), own.signer())
        return Beside(docket=Docket(steps, own.signer()), drafts=drafts, tokens=tokens, close=_nothing)
    made: Any = load(POSTGRES, "postgres").Beside(url_of(named.url), named.schema, own, keep=keep)
    return Beside(
        docket=Docket(made.steps, own.signer()),
        drafts=Drafts(made.drafts, own.signer()),
        tokens=AdminTokens(made.tokens, own),
        close=made.close,
    )


def take_over(named: StoreSettings, state: Path, own: Secrets) -> tuple[int, int]:
    """Take the files of a state directory over to PostgreSQL, where settings name it; return how many steps and tokens.

    Every command that is given the directory finds that store from then on.
    Raises DocketUnusable, TokensUnusable, SettingsError, GatewayError or ExtraMissing; then a file stays.
    """
    point(named, state)
    if named.url is None:
        return 0, 0
    here, there = beside(StoreSettings(), state, own), beside(named, state, own)
    steps = tokens = 0
    if where.docket(state).exists():
        steps = there.docket.adopt(here.docket)
        _aside(where.docket(state))
    if where.drafts(state).exists():
        steps += there.drafts.adopt(here.drafts)
        _aside(where.drafts(state))
    if where.admin(state).exists():
        tokens = there.tokens.adopt(here.tokens)
        _aside(where.admin(state))
    return steps, tokens


def any_docket(state: Path) -> bool:
    """Say whether a state directory has a docket, without making anything."""
    return where.docket(state).exists() or where.store(state).exists()


def any_drafts(state: Path) -> bool:
    """Say whether a state directory has drafts of rules, without making anything."""
    return where.drafts(state).exists() or where.store(state).exists()


def any_tokens(state: Path) -> bool:
    """Say whether a state directory has a table of admin tokens, without making anything."""
    return where.admin(state).exists() or where.store(state).exists()


def docket_of(state: Path, own: Secrets) -> Docket:
    """Return the docket that the directory's gateway reads. Raises DocketUnusable."""
    try:
        return beside(stated(state), state, own).docket
    except (ValueError, GatewayError, StoreError) as error:
        raise DocketUnusable(f"{where.store(state)} names a store that cannot be used: {error}") from error


def drafts_of(state: Path, own: Secrets | None = None) -> Drafts:
    """Return the drafts of rules that the directory's gateway reads. Raises DocketUnusable or SecretsUnusable."""
    own = own or Secrets.open(state)
    try:
        return beside(stated(state), state, own).drafts
    except (ValueError, GatewayError, StoreError) as error:
        raise DocketUnusable(f"{where.store(state)} names a store that cannot be used: {error}") from error


def tokens_at(state: Path, own: Secrets) -> AdminTokens:
    """Return the admin tokens that the directory's gateway reads. Raises TokensUnusable."""
    try:
        return beside(stated(state), state, own).tokens
    except (ValueError, GatewayError, StoreError) as error:
        raise TokensUnusable(f"{where.store(state)} names a store that cannot be used: {error}") from error


def _aside(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.rename(path.with_name(f"{path.name}.carried"))


def _nothing() -> None:
    """Hold nothing."""
