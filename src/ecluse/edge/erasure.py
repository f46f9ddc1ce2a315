"""Erasure and retention: what opens an entry's commitment goes, the entry and every proof of it stay.

Law: an erasure is itself an entry, in the same transaction: who, why by reference, how many. Without its salt nobody
can test a guess against a commitment. Copies in backups are the owner's to erase.
"""

import asyncio
import re
import secrets
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from ecluse.domain.errors import GatewayError
from ecluse.domain.ports import Clock
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Entry, EntryId, Scalar
from ecluse.passage.record import admin, parse, timestamp

DAY = 24 * 3600 * 1000
REFERENCE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:/@+-]{0,119}")
"""What an actor or a reason may be in the trail: a reference, no sentence about anybody."""


class Erasing(Protocol):
    """A store that keeps openings and can erase them."""

    def opened(self) -> Iterable[bytes]:
        """Return the canonical bytes of each entry that still has an opening."""

    async def erase_openings(self, entries: Sequence[EntryId], record: Entry) -> None:
        """Erase what opens these entries and append `record`, which says so, in one transaction."""


def check_references(*stated: str) -> None:
    """Raise ValueError for an actor or a reason that is not a reference."""
    for one in stated:
        if not REFERENCE.fullmatch(one):
            raise ValueError(
                f"{one!r} is no reference: letters, digits and . _ : / @ + -, no space, no name of a person"
            )


async def erase(
    store: Erasing, chosen: Callable[[Entry], bool], *, now: Instant, action: str, actor: str, subject: str, why: str
) -> int:
    """Erase the openings of the entries that are chosen; return how many. Nothing is written when there are none.

    Raises ValueError for an actor or a reason that is not a reference.
    """
    check_references(actor, why)

    def choose() -> list[EntryId]:
        return [entry.id for data in store.opened() if chosen(entry := parse(data))]

    entries = await asyncio.to_thread(choose)
    if entries:
        facts: dict[str, Scalar] = {"why": why, "openings": len(entries)}
        id_ = EntryId(secrets.token_hex(16))
        await store.erase_openings(
            entries, admin(id=id_, now=now, action=action, actor=actor, subject=subject, facts=facts)
        )
    return len(entries)


async def prune(store: Erasing, retention: Mapping[str, int], *, now: Instant) -> Mapping[str, int]:
    """Erase the openings that are older than their organisation keeps them, in days; return how many of each."""
    erased: dict[str, int] = {}
    for organisation, days in retention.items():
        before = timestamp(Instant(now - days * DAY))

        def over(entry: Entry, organisation: str = organisation, before: str = before) -> bool:
            return entry.body.get("organisation") == organisation and entry.at < before

        erased[organisation] = await erase(
            store,
            over,
            now=now,
            action="openings_pruned",
            actor="retention",
            subject=organisation,
            why=f"retention:{days}d",
        )
    return erased


async def keep_pruning(store: Erasing, retention: Mapping[str, int], clock: Clock) -> None:
    """Prune now and every day, until cancelled. A trail that cannot be written then is tried again in an hour."""
    while True:
        try:
            await prune(store, retention, now=clock.now())
        except GatewayError:
            print("ecluse: openings past their retention could not be erased yet", file=sys.stderr)  # noqa: T201 - stderr
            await asyncio.sleep(DAY / 24_000)
            continue
        await asyncio.sleep(DAY / 1000)
