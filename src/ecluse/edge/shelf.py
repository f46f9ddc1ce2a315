"""What is needed to go on from answers that providers keep, and conversation objects, sealed in the settings' vault.

Law: one application never opens another's, nor tells that it is there: the name under which a record lies is made with
its organisation's key, of the application and of our name for it, and its seal is bound to that name. What cannot be
asked is away, never forgotten.
"""

import asyncio
import hmac
from collections.abc import Callable
from pathlib import Path

import msgspec

from ecluse.domain.caller import Caller, OrganisationId
from ecluse.domain.destination import DestinationId
from ecluse.domain.effects import AnyAnswer, Consult, Done, Efface, Failed, Inscribe, Moment, Revive, Revived, Shelve
from ecluse.domain.finding import DataClass
from ecluse.domain.kept import Kept
from ecluse.domain.ports import VaultStore
from ecluse.domain.slot import Role
from ecluse.domain.snapshot import Instant
from ecluse.domain.vault import Vault
from ecluse.edge.config import Settings, SettingsError
from ecluse.edge.conversed import converse, unsealed
from ecluse.edge.vaults import (
    FileVaults,
    VaultUnusable,
    content_key,
    is_server,
    seal_content,
    vaults_at,
)

DAY = 24 * 3600 * 1000
EVERY = 600.0
"""Seconds between two looks for records of a folder that have ended; servers let go of theirs by themselves."""
_LABEL = b"ecluse/kept/v1"
_CONVERSATIONS = b"ecluse/conversation/v1"
"""Beside answers, so that no name of the one ever finds the other."""


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    destination: str
    upstream: str
    model: str
    created: int
    clear: list[DataClass]
    covered: list[DataClass]
    key: bytes
    conversation: str | None
    originals: dict[str, str]
    formats: dict[str, str]
    excluded: list[str]
    ends: int
    said: list[tuple[Role, str]] = []


class Shelf:
    """The records of one gateway. `keeps_for` is the longest that one is kept, in milliseconds; without a store, 0."""

    def __init__(
        self, store: VaultStore | None, organisation_key: Callable[[OrganisationId], bytes], keeps_for: int
    ) -> None:
        self._store = store
        self._organisation_key = organisation_key
        self.keeps_for = keeps_for

    async def perform(self, effect: Revive | Shelve | Consult | Inscribe | Efface, moment: Moment) -> AnyAnswer:
        """Open a record, seal one, or let go of one."""
        of_answer = isinstance(effect, Revive | Shelve)
        key, name = self._named(effect.caller, effect.name, _LABEL if of_answer else _CONVERSATIONS)
        if self._store is None:
            return Failed(moment=moment, code="vault_unavailable")
        try:
            if not isinstance(effect, Revive | Shelve):
                return await converse(effect, self._store, key, name, moment)
            if isinstance(effect, Shelve):
                sealed = seal_content(key, name, _written(effect.kept), effect.kept.ends)
                await self._store.put(name, sealed, expires=effect.kept.ends)
                return Done(moment=moment)
            found = await unsealed(self._store, key, name, moment.now)
            return Done(moment=moment) if found is None else Revived(moment=moment, kept=_read(found[0]))
        except (VaultUnusable, msgspec.MsgspecError, ValueError):
            return Failed(moment=moment, code="vault_unavailable")

    async def forget(self, caller: Caller, name: str) -> None:
        """Delete a record. Raises VaultUnusable."""
        if self._store is not None:
            await self._store.forget(self._named(caller, name, _LABEL)[1])

    async def tidy(self, now: Callable[[], Instant]) -> None:
        """Delete what has ended from a folder, until cancelled."""
        while isinstance(self._store, FileVaults):
            await asyncio.to_thread(self._store.sweep, now())
            await asyncio.sleep(EVERY)

    async def close(self) -> None:
        """Close the store."""
        if self._store is not None:
            await self._store.close()

    def _named(self, caller: Caller, name: str, label: bytes) -> tuple[bytes, str]:
        """Return the key that seals a record, and the name under which it lies."""
        application = caller.application
        key = content_key(self._organisation_key(application.organisation.id))
        parts = (application.organisation.id, application.id, name)
        framed = b"".join(len(part := one.encode("utf-8", "surrogatepass")).to_bytes(8, "big") + part for one in parts)
        return key, hmac.digest(key, label + framed, "sha256").hex()


def shelf_of(settings: Settings, organisation_key: Callable[[OrganisationId], bytes]) -> Shelf:
    """Return where what is needed for kept conversations lies: nowhere when the settings name no vault.

    Raises SettingsError or ExtraMissing.
    """
    store = store_of_vault(settings)
    return Shelf(store, organisation_key, settings.vault.days * DAY if store is not None else 0)


def store_of_vault(settings: Settings) -> VaultStore | None:
    """Return the store that the settings name. Raises SettingsError or ExtraMissing."""
    url = settings.vault.url
    if url is None:
        return None
    try:
        if not is_server(url):
            if settings.store.url is not None:
                raise SettingsError("vault.url: replicas share a vault: name a postgresql:// or valkey:// server")
            Path(url).mkdir(mode=0o700, parents=True, exist_ok=True)
        return vaults_at(url)()
    except OSError as error:
        raise SettingsError(f"vault.url: {url} cannot be a folder: {error.strerror}") from error
    except VaultUnusable as error:
        raise SettingsError(f"vault.url: {error}") from error


def _written(kept: Kept) -> bytes:
    return msgspec.json.encode(
        _Record(
            destination=kept.destination,
            upstream=kept.upstream,
            model=kept.model,
            created=kept.created,
            clear=sorted(kept.clear),
            covered=sorted(kept.covered),
            key=kept.key,
            conversation=kept.conversation,
            originals=dict(kept.vault.originals),
            formats=dict(kept.vault.formats),
            excluded=sorted(kept.vault.excluded),
            ends=kept.ends,
            said=list(kept.said),
        )
    )


def _read(data: bytes) -> Kept:
    record = msgspec.json.decode(data, type=_Record)
    return Kept(
        destination=DestinationId(record.destination),
        upstream=record.upstream,
        model=record.model,
        created=record.created,
        clear=frozenset(record.clear),
        covered=frozenset(record.covered),
        key=record.key,
        conversation=record.conversation,
        vault=Vault(originals=record.originals, formats=record.formats, excluded=frozenset(record.excluded)),
        ends=Instant(record.ends),
        said=tuple(record.said),
    )
