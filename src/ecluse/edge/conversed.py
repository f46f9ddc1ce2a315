"""Conversation objects as sealed records: opened, sealed in the place of what was opened, deleted.

Law: a record takes the place of exactly the one that was read, or nothing is written: of two turns at once none is
lost, and what was deleted meanwhile does not come back.
"""

from typing import Any

import msgspec

from ecluse.domain.effects import AnyAnswer, Consult, Consulted, Done, Efface, Inscribe, Moment, Refused
from ecluse.domain.finding import DataClass
from ecluse.domain.kept import Conversation
from ecluse.domain.ports import VaultStore
from ecluse.domain.snapshot import Instant
from ecluse.edge.vaults import VaultEnded, seal_content, unseal_content


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    created: int
    ends: int
    stated: list[DataClass]
    items: list[dict[str, Any]]
    metadata: dict[str, str]


async def converse(
    effect: Consult | Inscribe | Efface, store: VaultStore, key: bytes, name: str, moment: Moment
) -> AnyAnswer:
    """Perform an effect. Raises VaultUnusable, and msgspec's errors for what is no conversation."""
    match effect:
        case Consult():
            found = await unsealed(store, key, name, moment.now)
            if found is None:
                return Done(moment=moment)
            return Consulted(moment=moment, conversation=_read(found[0]), seal=found[1])
        case Inscribe(conversation=conversation, seal=seal):
            sealed = seal_content(key, name, _written(conversation), conversation.ends)
            if not seal:
                await store.put(name, sealed, expires=conversation.ends)
            elif not await store.swap(name, seal, sealed, expires=conversation.ends):
                return Refused(moment=moment, code="conversation_changed")
            return Done(moment=moment)
        case Efface():
            await store.forget(name)
            return Done(moment=moment)


async def unsealed(store: VaultStore, key: bytes, name: str, now: Instant) -> tuple[bytes, bytes] | None:
    """Open a record; return its content and itself, None when there is none or it has ended. Raises VaultUnusable."""
    record = await store.get(name, now=now)
    if record is None:
        return None
    try:
        return unseal_content(key, name, record, now), record
    except VaultEnded:
        await store.forget(name)
        return None


def _written(conversation: Conversation) -> bytes:
    return msgspec.json.encode(
        {
            "created": conversation.created,
            "ends": conversation.ends,
            "stated": sorted(conversation.stated),
            "items": conversation.items,
            "metadata": conversation.metadata,
        }
    )


def _read(data: bytes) -> Conversation:
    record = msgspec.json.decode(data, type=_Record)
    return Conversation(
        created=record.created,
        ends=Instant(record.ends),
        stated=frozenset(record.stated),
        items=tuple(record.items),
        metadata=record.metadata,
    )
