"""Credentials that are more than a header: signatures and tokens, made at the edge just before a call leaves."""

from ecluse.edge.signing.bearers import Bearer, Bearers, asking
from ecluse.edge.signing.find import signers
from ecluse.edge.signing.signer import Present, Signer

__all__ = ["Bearer", "Bearers", "Present", "Signer", "asking", "signers"]
