"""Secrets: the gateway's own, the callers' API keys, and the providers' credentials."""

from ecluse.edge.keys.own import Secrets, SecretsUnusable, make_secrets
from ecluse.edge.keys.resolver import SecretResolver, SecretUnavailable
from ecluse.edge.keys.ring import KeyRing, Ring
from ecluse.edge.keys.secret import Secret
from ecluse.edge.keys.signer import Ed25519Signer
from ecluse.edge.keys.table import Keys, KeysUnusable, KeyTable

__all__ = [
    "Ed25519Signer",
    "KeyRing",
    "KeyTable",
    "Keys",
    "KeysUnusable",
    "Ring",
    "Secret",
    "SecretResolver",
    "SecretUnavailable",
    "Secrets",
    "SecretsUnusable",
    "make_secrets",
]
