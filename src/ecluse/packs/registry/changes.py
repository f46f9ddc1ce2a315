"""What differs between two states of the facts, and between two days of one.

Law: a fact is compared whole, with its source: the same value from another source is a change too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ecluse.domain.destination import DestinationId, Established
from ecluse.packs.registry.establish import establish, next_boundary
from ecluse.packs.registry.model import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One fact that differs. `before` or `after` is None when it is not there."""

    kind: str
    name: str
    before: object | None
    after: object | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What a destination gains and loses, from one registry or day to another."""

    destination: DestinationId
    gained: frozenset[Established]
    lost: frozenset[Established]
    share_before: int
    share_after: int


def changes(old: Registry, new: Registry) -> tuple[Change, ...]:
    """Compare two registries, fact by fact."""
    was, now = _tables(old), _tables(new)
    return tuple(
        Change(kind=kind, name=name, before=before.get(name), after=now[kind].get(name))
        for kind, before in was.items()
        for name in sorted({*before, *now[kind]})
        if before.get(name) != now[kind].get(name)
    )


def shifts(old: Registry, new: Registry, before: date, after: date) -> tuple[Shift, ...]:
    """Compare what is established of destinations that both have: one registry on a day, another on a day."""
    was, now = establish(old, before), establish(new, after)
    found = [
        Shift(
            destination=id_,
            gained=now[id_].established - was[id_].established,
            lost=was[id_].established - now[id_].established,
            share_before=was[id_].non_eu_share_max,
            share_after=now[id_].non_eu_share_max,
        )
        for id_ in was
        if id_ in now
    ]
    return tuple(one for one in found if one.gained or one.lost or one.share_before != one.share_after)


def ahead(registry: Registry, today: date, days: int) -> Iterator[tuple[date, tuple[Shift, ...]]]:
    """Iterate over the days to come on which something begins or ends, with what shifts on each."""
    last, day = today + timedelta(days=days), today
    while (boundary := next_boundary(registry, day)) is not None and boundary <= last:
        yield boundary, shifts(registry, registry, day, boundary)
        day = boundary


def _tables(registry: Registry) -> Mapping[str, Mapping[str, Any]]:
    return {
        "provider": {str(k): v for k, v in registry.providers.items()},
        "entity": {str(k): v for k, v in registry.entities.items()},
        "stake": {f"{s.holder} -> {s.held} ({s.kind})": s for s in registry.stakes},
        "offer": {str(k): v for k, v in registry.offers.items()},
        "model": {str(k): v for k, v in registry.models.items()},
        "destination": {str(k): v for k, v in registry.destinations.items()},
        "adequacy": {row.country: row for row in registry.adequacy},
        "regime": {row.id: row for row in registry.regimes},
        "perimeter": {row.id: row for row in registry.perimeters},
        "milestone": {row.id: row for row in registry.milestones},
    }
