"""The key under which the surrogates of one conversation are made (decision 26).

Law: HMAC-SHA256 under the organisation's key of who calls and which conversation it is: the name that the caller gave
to it, else a hash of what opens it. Every turn of a conversation has the same key; no two callers ever share one.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator

from ecluse.domain.caller import KeyId
from ecluse.domain.request import Request, Role, TextPart

_LABEL = b"ecluse/conversation/v1"
_SHORTEST_KEY = 16


def conversation_key(organisation_key: bytes, key_id: KeyId, conversation: str | None, request: Request) -> bytes:
    """Return 32 bytes. `conversation` is the `x-ecluse-conversation` header, if any.

    Raises:
        ValueError: The organisation's key has fewer than 16 bytes.
    """
    if len(organisation_key) < _SHORTEST_KEY:
        raise ValueError("the organisation's key is too short")
    if conversation is not None:
        kind, name = b"named", conversation.encode("utf-8", "surrogatepass")
    else:
        kind, name = b"opened", hashlib.sha256(_framed(_opening(request))).digest()
    return hmac.digest(organisation_key, _framed((_LABEL, key_id.encode(), kind, name)), "sha256")


def _opening(request: Request) -> Iterator[bytes]:
    """Yield what stays the same from turn to turn: the system messages, up to the first user message and with it."""
    if not request.messages:  # no turns: each call is a conversation of its own
        yield _framed(text.encode("utf-8", "surrogatepass") for text in request.inputs)
    for message in request.messages:
        if message.role in {Role.SYSTEM, Role.USER}:
            yield message.role.encode()
            yield _framed(part.text.encode("utf-8", "surrogatepass") for part in _texts(message.parts))
        if message.role is Role.USER:
            return


def _texts(parts: Iterable[object]) -> Iterator[TextPart]:
    return (part for part in parts if isinstance(part, TextPart))


def _framed(fields: Iterable[bytes]) -> bytes:
    """Join fields so that no two lists give the same bytes: each has its length before it."""
    return b"".join(len(field).to_bytes(8, "big") + field for field in fields)
