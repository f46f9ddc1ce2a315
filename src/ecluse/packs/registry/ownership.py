"""Upper bounds on what is held from outside the Union, along the graph of stakes.

Law: what is not proven to be held from inside counts as held from outside; a stake that opens needs a good source, a
stake that closes counts whatever its source. Source of the test: SecNumCloud 3.2, chapter 19.6.
"""

import math
from collections.abc import Iterable

from ecluse.domain.party import Entity, EntityId, Stake, StakeKind
from ecluse.packs.errors import PackError
from ecluse.packs.registry.countries import EU27
from ecluse.packs.registry.model import Registry, good

ALL = 100.0
SINGLE_HOLDER = 24.0
"""19.6.b: no third entity alone above 24 %. Nobody publishes who holds the rest: it may all be one holder."""

ROUNDED = 0.5
"""Percent above the whole that rounded figures may add up to."""

MAY_CONTROL = 40.0
"""Above it a holder may control (C. com. L. 233-3, II), and then all that the company holds may be ruled by it."""

TOGETHER = 39
"""19.6.b: third entities together not above 39 %. A valid qualification proves this bound, and no lower one."""


def non_eu_share_max(registry: Registry, entity: EntityId | None) -> int:
    """Return the upper bound, in whole percent, of capital or votes held from outside the Union. Unknown is 100."""
    return math.ceil(_upper(registry, entity, frozenset())) if entity else 100


def check_sums(stakes: Iterable[Stake]) -> None:
    """Raise PackError where holders have more than the whole together: what one has would open what another closes."""
    sums: dict[tuple[EntityId, StakeKind], list[Stake]] = {}
    for stake in stakes:
        if stake.kind in {StakeKind.EQUITY, StakeKind.VOTES}:
            sums.setdefault((stake.held, stake.kind), []).append(stake)
    for (held, kind), rows in sums.items():
        total = sum(row.low for row in rows)
        if total > ALL + ROUNDED:
            holders = ", ".join(sorted(f"{row.holder} {row.low:g}" for row in rows))
            advice = (
                f"`low` of all holders of {kind} adds up to {total:g} % ({holders}); correct what one of them holds"
            )
            raise PackError("stakes", f"entities ({held})", advice)


def eu_controlled(registry: Registry, entity: EntityId | None) -> bool:
    """Say whether control from inside the Union is proven: seat, capital, votes, and no sub-processor from outside."""
    if entity is None or not _seated_inside(registry, entity):
        return False
    helpers = [stake.holder for stake in registry.stakes if _is(stake, entity, StakeKind.SUB_PROCESSOR)]
    if any(_upper(registry, holder, frozenset({entity})) > SINGLE_HOLDER for holder in helpers):
        return False  # 19.6.c: such a sub-processor may have the technical means to obtain the data
    seated = [stake.holder for stake in registry.stakes if _is(stake, entity, StakeKind.BOARD)]
    if any(_upper(registry, holder, frozenset({entity})) > SINGLE_HOLDER for holder in seated):
        return (
            False  # 19.6.b: no third entity has a veto or appoints to the board; how far a right goes is not on record
        )
    return _upper(registry, entity, frozenset()) <= SINGLE_HOLDER


def _upper(registry: Registry, entity: EntityId, seen: frozenset[EntityId]) -> float:
    if entity in seen or not _seated_inside(registry, entity):
        return ALL
    if entity in registry.unheld:
        return 0.0
    held = [stake for stake in registry.stakes if stake.held == entity]
    kinds = [kind for kind in (StakeKind.EQUITY, StakeKind.VOTES) if any(stake.kind is kind for stake in held)]
    # Where votes are not published apart, capital stands for them.
    bounds = [_one_kind(registry, [s for s in held if s.kind is kind], seen | {entity}) for kind in kinds]
    # A holder seated inside dilutes by what others hold of it: its seat alone says nothing of who stands behind.
    dilution = sum(
        stake.high * _upper(registry, stake.holder, seen | {entity}) / ALL
        for stake in registry.stakes
        if _is(stake, entity, StakeKind.CONVERTIBLE)
    )
    return min(ALL, max(bounds, default=ALL) + dilution)


def _one_kind(registry: Registry, stakes: Iterable[Stake], seen: frozenset[EntityId]) -> float:
    inside = sum(stake.low * _inside(registry, stake.holder, seen) for stake in stakes if good(stake.source))
    return max(0.0, ALL - inside)


def _inside(registry: Registry, holder: EntityId, seen: frozenset[EntityId]) -> float:
    """Return for how much of what a company holds control from inside is proven: a part of one."""
    outside = _upper(registry, holder, seen)
    return 0.0 if outside > MAY_CONTROL else 1 - outside / ALL


def _seated_inside(registry: Registry, entity: EntityId) -> bool:
    known: Entity = registry.entities[entity]
    return known.seat in EU27 and good(known.source)


def _is(stake: Stake, entity: EntityId, kind: StakeKind) -> bool:
    return stake.held == entity and stake.kind is kind
