"""The vault of conversations that providers keep: whether it answers now, and what no destination may be asked to keep.

Law: it seals nothing and opens nothing: what it asks for is under a name that nobody has.
"""

import asyncio
from collections.abc import Iterator

from ecluse.domain.destination import Established
from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.edge.config import Settings, SettingsError
from ecluse.edge.doctor.remark import Grade, Remark
from ecluse.edge.extras import ExtraMissing
from ecluse.edge.shelf import store_of_vault
from ecluse.edge.vaults import VaultUnusable


def vault_remarks(settings: Settings, snapshot: Snapshot, now: Instant) -> Iterator[Remark]:
    """Look at the vault that the settings name; nothing is said where they name none."""
    if settings.vault.url is None:
        return
    try:
        asyncio.run(_ask(settings, now))
    except (VaultUnusable, SettingsError, ExtraMissing) as error:
        yield Remark(
            about="vault",
            grade=Grade.MEND,
            says=f"conversations cannot be gone on from: {error}",
            next_step="see that what vault.url names is there, that this machine may reach it, and its password",
        )
    else:
        yield Remark(about="vault", grade=Grade.GOOD, says="what vault.url names answers")
    if not any(Established.KEPT_STATED in one.established for one in snapshot.destinations.values()):
        yield Remark(
            about="vault",
            grade=Grade.WEIGH,
            says="of no destination in use is it on record what it keeps, where and for how many days: none may keep",
            next_step="put `keeps` on record with its source (docs/how-to/keep-conversations.md)",
        )


async def _ask(settings: Settings, now: Instant) -> None:
    store = store_of_vault(settings)
    if store is None:
        return
    try:
        await store.get("doctor", now=now)
    finally:
        await store.close()
