"""Vaults that outlive a passage: sealed, with an end, forgotten by name."""

from ecluse.edge.vaults.file import FileVaults
from ecluse.edge.vaults.opening import is_server, vaults_at
from ecluse.edge.vaults.sealed import (
    VaultEnded,
    VaultUnusable,
    content_key,
    plain,
    seal,
    seal_content,
    unseal,
    unseal_content,
    vault_key,
)

__all__ = [
    "FileVaults",
    "VaultEnded",
    "VaultUnusable",
    "content_key",
    "is_server",
    "plain",
    "seal",
    "seal_content",
    "unseal",
    "unseal_content",
    "vault_key",
    "vaults_at",
]
