"""Who calls, as an identity provider of one's own says: tokens that it signed, read against the settings."""

from ecluse.edge.identity.tokens import Tokens, is_token, tokens_of

__all__ = ["Tokens", "is_token", "tokens_of"]
