"""Where `ecluse mask` keeps the way back of one document, and `ecluse unmask` finds it: a file, or a server.

Law: only sealed bytes go there. The name is the key by which a vault is found and forgotten; it says nothing of what is
in it, so one that is not given is drawn.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from ecluse.domain.caller import OrganisationId
from ecluse.domain.ports import VaultStore
from ecluse.domain.snapshot import Instant
from ecluse.domain.vault import Vault
from ecluse.edge.clock import SystemClock
from ecluse.edge.keys import Secrets
from ecluse.edge.vaults import VaultEnded, VaultUnusable, is_server, plain, seal, unseal, vault_key, vaults_at

DOCUMENTS = OrganisationId("(documents of the command line)")
DAY = 24 * 60 * 60 * 1000
_PREFIX = "document."
"""Names of documents at a server, where a gateway may keep vaults of conversations too."""
_DRAWN = 8
_T = TypeVar("_T")
Named = Annotated[
    str | None, typer.Option("--name", help="What the vault is called at a server; drawn and said if absent.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The place of one vault. `name` is what it is sealed and kept under, `said` what a person calls it."""

    name: str
    said: str
    opened: Callable[[], VaultStore]

    def keep(self, hidden: Vault, days: int, state_dir: Path) -> None:
        """Seal a vault and keep it. Raises SecretsUnusable, VaultUnusable."""
        end = Instant(SystemClock().now() + days * DAY)
        record = seal(_key(state_dir), self.name, hidden, end)
        self._asked(lambda store: store.put(self.name, record, expires=end))

    def vault(self, state_dir: Path) -> Vault:
        """Return what is kept. Raises SecretsUnusable, VaultUnusable."""
        now = SystemClock().now()
        record = self._asked(lambda store: store.get(self.name, now=now))
        if record is None:
            raise VaultUnusable(f"there is no vault {self.said}, or it has ended: what it hid does not come back")
        try:
            return unseal(_key(state_dir), self.name, record, now)
        except VaultEnded:
            self.forget()
            raise

    def forget(self) -> bool:
        """Delete what is kept; say whether there was something. Raises VaultUnusable."""
        return self._asked(lambda store: store.forget(self.name))

    def _asked(self, ask: Callable[[VaultStore], Awaitable[_T]]) -> _T:
        async def once() -> _T:
            store = self.opened()
            try:
                return await ask(store)
            finally:
                await store.close()

        return asyncio.run(once())


def shelf_for(vault: str, name: str | None, *, drawn: bool = False) -> Shelf:
    """Return where a vault is or is to be, under a drawn name if one may be. Raises VaultUnusable, ExtraMissing."""
    if is_server(vault):
        if name is None and not drawn:
            raise VaultUnusable("a server keeps many vaults: name the one that `ecluse mask` wrote with --name")
        said = plain(secrets.token_hex(_DRAWN) if name is None else name)
        return Shelf(name=plain(_PREFIX + said), said=said, opened=vaults_at(vault))
    if name is not None:
        raise VaultUnusable("--name is for a vault at a server: a file has its own name")
    if "://" in vault:
        vaults_at(vault)  # says which addresses there are
    path = Path(vault)
    return Shelf(name=plain(path.name), said=vault, opened=vaults_at(str(path.parent)))


def _key(state_dir: Path) -> bytes:
    return vault_key(Secrets.open(state_dir).masking_key(DOCUMENTS))
