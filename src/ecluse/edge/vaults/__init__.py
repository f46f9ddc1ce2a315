"""Vaults that outlive a passage: sealed, with an end, forgotten by name."""

from ecluse.edge.vaults.file import FileVaults
from ecluse.edge.vaults.sealed import VaultUnusable, seal, unseal, vault_key

__all__ = ["FileVaults", "VaultUnusable", "seal", "unseal", "vault_key"]
