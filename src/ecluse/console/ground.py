"""What the pages stand on: settings, facts, rules, the trail and its digest; and the gateway, when it runs beside them.

Law: the console decides nothing: it asks the same functions as the gateway, over snapshots that are built the same way
(INVARIANT 7). It reads the trail and never writes it.
"""

import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TypeVar, cast

from ecluse.console.asking import Asking
from ecluse.console.digest import Digest
from ecluse.domain.destination import Attestation, Offer, OfferId, OperatedBy
from ecluse.domain.ports import Clock
from ecluse.domain.snapshot import Snapshot
from ecluse.domain.verdict import RuleId
from ecluse.edge.bygone import Bygone
from ecluse.edge.clock import day_of
from ecluse.edge.config import Settings
from ecluse.edge.exposing import Exposed, exposed
from ecluse.edge.http.gate import Gate
from ecluse.edge.keys import state as where
from ecluse.edge.snapshots import Grounds, activate, build
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.opening import Reader, open_reader
from ecluse.packs.registry import Registry
from ecluse.passage.decide import CedarRulebook, Rule
from ecluse.passage.record import EntryRefused, parse
from ecluse.prove.past import Passed, passed

AT_ONCE = 4_000
"""Entries that one view reads of the trail before it answers; the rest is read beside."""
AHEAD = 4_000
KEPT = 32
"""Pieces of work that are kept, the oldest going first."""
HOUR = 3_600_000
T = TypeVar("T")


class Ground:
    """Everything that a page may ask."""

    def __init__(
        self, *, settings: Settings, base: Grounds, clock: Clock, gate: Gate | None = None, listens: str = ""
    ) -> None:
        """Keep the parts; open what is there. `listens` is HOST:PORT of the gateway beside; the settings' if empty."""
        self.settings = settings
        self.base = base
        self.bygone = Bygone(base)
        self.clock = clock
        self.listens = listens or f"{settings.server.host}:{settings.server.port}"
        self.asking = Asking(gate) if gate else None
        self.state = Path(settings.gateway.state_dir)
        self._lock = threading.Lock()
        self._reader: Reader | None = None
        self._digest: Digest | None = None
        self._following = threading.Lock()
        self._folding = threading.Lock()
        self._folded = ""
        self._kept: dict[Hashable, object] = {}
        self.snapshot_on = lru_cache(maxsize=24)(self._snapshot_on)
        self.exposed = lru_cache(maxsize=512)(self._exposed)

    def close(self) -> None:
        """Close what was opened."""
        with self._following, self._lock:
            if self._reader is not None:
                self._reader.close()
            if self._digest is not None:
                self._digest.close()
            self._reader = self._digest = None

    def adopt(self, settings: Settings, base: Grounds) -> None:
        """Show what the gateway took while it runs."""
        self.settings, self.base = settings, base
        self.bygone = Bygone(base)
        self.snapshot_on.cache_clear()
        self.exposed.cache_clear()
        self._kept.clear()

    @property
    def today(self) -> date:
        """The day of the facts."""
        return day_of(self.clock.now())

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot of today."""
        return self.snapshot_on(self.today)

    def folded(self) -> Snapshot:
        """Return the snapshot of today with its rules folded, so that questions are quick. Takes a second, once."""
        snapshot = self.snapshot
        with self._folding:
            if self._folded != snapshot.id:
                activate(snapshot, lambda: False)
                self._folded = snapshot.id
        return snapshot

    @property
    def is_folded(self) -> bool:
        """Whether questions are quick already."""
        return self._folded == self.snapshot.id

    def kept(self, name: Hashable, work: Callable[[], T]) -> T:
        """Return what `work` returned under today's snapshot and within this hour, so that it is done once."""
        key = (self.snapshot.id, self.clock.now() // HOUR, name)
        if key not in self._kept:
            made = work()
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[key] = made
            return made
        return cast("T", self._kept[key])

    def _snapshot_on(self, day: date, without: frozenset[str] = frozenset()) -> Snapshot:
        """Build the snapshot of a day, as if some attestations (`OFFER|SCHEME`) were lost."""
        base = self.base if not without else replace(self.base, registry=_without(self.base.registry, without))
        return build(base, day)

    def rules(self) -> Mapping[RuleId, Rule]:
        """Return the rules in force."""
        rulebook = self.snapshot.rulebook
        return rulebook.rules if isinstance(rulebook, CedarRulebook) else {}

    def _exposed(self, destination: str, day: date) -> Exposed:
        return exposed(self.base.registry, destination, day)

    # ------------------------------------------------------------------ the trail
    def trail(self) -> Reader | None:
        """Return the trail, or None while there is none."""
        with self._lock:
            if self._reader is None:
                try:
                    self._reader = open_reader(self.state)
                except StoreError:
                    return None
            return self._reader

    def digest(self) -> tuple[Digest | None, int]:
        """Return the digest, brought as near to the trail as one view may wait for, and how many entries it lacks."""
        trail = self.trail()
        if trail is None:
            return None, 0
        with self._lock:
            if self._digest is None:
                self._digest = Digest(self.state / "console.db")
            digest = self._digest
        if not self._following.acquire(timeout=0.05):
            return digest, max(0, trail.size() - digest.size)
        try:
            lacking = digest.follow(trail, AT_ONCE)
        finally:
            self._following.release()
        if lacking:
            threading.Thread(target=self._catch_up, name="console digest", daemon=True).start()
        return digest, lacking

    def _catch_up(self) -> None:
        if not self._following.acquire(blocking=False):
            return
        try:
            while self._digest is not None and self._reader is not None and self._digest.follow(self._reader, AHEAD):
                continue
        finally:
            self._following.release()

    def vkey(self) -> str:
        """Return the public key of the trail, or nothing."""
        path = where.vkey(self.state)
        return path.read_text(encoding="utf-8").strip() if path.is_file() else ""

    def past(self, since: str, until: str) -> list[Passed]:
        """Return the decisions of the trail between two days, which both count. Raises ValueError.

        Reads every entry between them: for a thread of its own.
        """
        trail, found = self.trail(), list[Passed]()
        for _, data, _ in trail.rows(0, trail.size()) if trail else ():
            try:
                entry = parse(data)
            except EntryRefused:
                raise ValueError("an entry of the trail cannot be read; `ecluse trail verify` says which") from None
            if since <= entry.at[:10] <= until and (one := passed(entry)) is not None:
                found.append(one)
        return found

    # ------------------------------------------------------------------ names
    def organisations(self) -> Mapping[str, str]:
        """Name each organisation on record."""
        return {stated.id: stated.name for stated in self.settings.organisations}

    def applications(self) -> Mapping[str, str]:
        """Name each application on record."""
        return {str(id_): application.name for id_, application in self.base.applications.items()}

    def destination(self, name: str) -> tuple[str, str]:
        """Name a destination's model and the offer it stands at; a hosted tool, and what left, keep their id."""
        registry = self.base.registry
        known = registry.receiver(name)
        if known is None:
            return name, ""
        model = registry.models.get(known.model) if known.id in registry.destinations else None
        offer = registry.offers[known.offer].offer
        provider = registry.providers[known.provider].name
        own = known.operated_by is OperatedBy.CALLER
        said = own or any(word in offer.name for word in provider.split())
        place = offer.name if said else f"{provider} {offer.name}"
        return (model.name if model else name), place

    def attestations(self) -> list[tuple[str, Offer, Attestation]]:
        """List the attestations of the offers that destinations in use stand on, each with its name."""
        used: dict[OfferId, None] = {}
        for destination in self.snapshot.destinations.values():
            used[destination.offer] = None
            if destination.runs_on is not None:
                used[destination.runs_on] = None
        return [
            (f"{id_}|{attestation.scheme}", self.base.registry.offers[id_].offer, attestation)
            for id_ in used
            for attestation in self.base.registry.offers[id_].offer.attestations
        ]


def _without(registry: Registry, lost: frozenset[str]) -> Registry:
    """Return the registry as if these attestations were not on record."""
    offers = {
        id_: replace(
            record,
            offer=replace(
                record.offer,
                attestations=tuple(a for a in record.offer.attestations if f"{id_}|{a.scheme}" not in lost),
            ),
        )
        for id_, record in registry.offers.items()
    }
    return replace(registry, offers=offers)
