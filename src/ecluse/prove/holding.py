"""How much of a company third entities can hold, between which bounds: SecNumCloud's 19.6 test on the graph of stakes.

Law: an unknown share is 0..100, an unknown holder may be anybody, and all that nobody published may be one holder. A
stake that opens needs a good source; a stake that closes counts whatever its source. Written apart from the bound that
the rules read, so that each shows the other wrong (tested).
Source: SecNumCloud 3.2 (8 March 2022), 19.6.a and 19.6.b. A veto or a right over a
board (19.6.b) makes a pass unknown: how far it goes is on no record.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ecluse.domain.party import Confidence, Entity, EntityId, LegalRegime, Source, Stake, StakeKind

ALL = 100.0
SINGLE = 24.0
"""Percent above which one third entity alone fails the test."""
TOGETHER = 39.0
"""Percent above which third entities together fail the test."""
MAY_CONTROL = 40.0
"""Percent above which a holder may control: the presumption of C. com. L. 233-3, II, which may only raise a doubt."""

SHARES = (StakeKind.EQUITY, StakeKind.VOTES)
_GOOD = frozenset({Confidence.HIGH, Confidence.MEDIUM})


class Seat(StrEnum):
    """Where a legal person is seated. `unknown` is also a seat inside that no good source shows."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


class Result(StrEnum):
    """What the shares on record say of the test. `unknown` is neither."""

    PASS = "pass"  # noqa: S105 - a result
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Who holds whom. `union` are the countries of the test: the 27; `unheld` those whom nobody can hold."""

    entities: Mapping[EntityId, Entity]
    stakes: tuple[Stake, ...]
    unheld: frozenset[EntityId]
    union: frozenset[str]
    regimes: tuple[LegalRegime, ...] = ()

    def seat(self, entity: EntityId) -> Seat:
        """Say where an entity is seated."""
        known = self.entities[entity]
        if known.seat is None:
            return Seat.UNKNOWN
        if known.seat not in self.union:
            return Seat.OUTSIDE
        return Seat.INSIDE if good(known.source) else Seat.UNKNOWN

    def holders(self, entity: EntityId, *kinds: StakeKind) -> list[Stake]:
        """List who holds an entity, by these kinds."""
        return [stake for stake in self.stakes if stake.held == entity and stake.kind in kinds]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Percent, between two bounds."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What third entities can hold of one company: one of them alone, and all together."""

    single: Interval
    together: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareTest:
    """The test of one company, with its intervals. `votes` is None where only capital is on record: it stands for both.

    `proof` names the qualification that proves the test, if one does: then `result` is pass whatever was published.
    """

    entity: EntityId
    seat: Seat
    capital: Outside
    votes: Outside | None
    result: Result
    proof: str | None = None


def good(source: Source) -> bool:
    """Say whether facts of this source may open something."""
    return source.confidence in _GOOD


def share_test(graph: Graph, entity: EntityId, *, proof: str | None = None) -> ShareTest:
    """Run the test on one company. `proof` is a qualification that is valid on the day, which passes it."""
    seat = graph.seat(entity)
    capital = _outside(graph, entity, StakeKind.EQUITY)
    votes = _outside(graph, entity, StakeKind.VOTES) if graph.holders(entity, StakeKind.VOTES) else None
    held = [part for part in (capital, votes) if part is not None]
    result = Result.PASS if proof else _result(seat, held)
    if result is Result.PASS and not proof and board_may_be_outside(graph, entity):
        result = Result.UNKNOWN
    return ShareTest(entity=entity, seat=seat, capital=capital, votes=votes, result=result, proof=proof)


def outside_together(graph: Graph, entity: EntityId) -> Interval:
    """Return what third entities can hold together, of capital or votes, whichever is worse."""
    return _together(graph, entity, None, frozenset())


def _result(seat: Seat, held: Iterable[Outside]) -> Result:
    parts = list(held)
    if seat is Seat.OUTSIDE or any(o.single.low > SINGLE or o.together.low > TOGETHER for o in parts):
        return Result.FAIL
    if seat is Seat.INSIDE and all(o.single.high <= SINGLE and o.together.high <= TOGETHER for o in parts):
        return Result.PASS
    return Result.UNKNOWN


def board_may_be_outside(graph: Graph, entity: EntityId) -> bool:
    """Whether a right over the board, of which no record says how far it goes, may be a third entity's."""
    rights = graph.holders(entity, StakeKind.BOARD)
    return any(_together(graph, right.holder, None, frozenset({entity})).high > SINGLE for right in rights)


def _outside(graph: Graph, entity: EntityId, kind: StakeKind) -> Outside:
    together = _together(graph, entity, kind, frozenset())
    least, most = 0.0, 0.0
    for above in SHARES:  # further up, capital and votes may be held otherwise: the worse of them counts
        named = _named(graph, entity, kind, above, frozenset(), sure=False)
        least = max(least, *_each(graph, named, above, sure=True).values(), 0.0)
        # Whoever holds most may also be behind all that nobody published; what others surely hold is not theirs.
        surely = _named(graph, entity, kind, above, frozenset(), sure=True)
        largest = max(_each(graph, surely, above, sure=False).values(), default=0.0)
        most = max(most, together.high - sum(surely.values()) + largest)
    return Outside(single=Interval(low=least, high=max(least, min(most, together.high))), together=together)


def _each(graph: Graph, named: Mapping[EntityId, float], kind: StakeKind, *, sure: bool) -> dict[EntityId, float]:
    """Return what each entity holds by itself and through others outside: the least when `sure`, else the most."""
    found: dict[EntityId, float] = {}
    for holder, share in named.items():
        for master, part in _masters(graph, holder, kind, frozenset()).items():
            third = graph.seat(master) is Seat.OUTSIDE or (not sure and graph.seat(master) is Seat.UNKNOWN)
            if third:
                found[master] = found.get(master, 0.0) + share * (part.low if sure else part.high) / ALL
    return found


def _masters(graph: Graph, holder: EntityId, kind: StakeKind, seen: frozenset[EntityId]) -> dict[EntityId, Interval]:
    """Return who stands behind a holder, itself first, and for how many percent of what it holds."""
    found = {holder: Interval(low=ALL, high=ALL)}
    if holder in seen or holder in graph.unheld:
        return found
    for stake in _of_kind(graph, holder, kind):
        ruled = ALL if stake.high > MAY_CONTROL else stake.high
        for master, part in _masters(graph, stake.holder, kind, seen | {holder}).items():
            had = found.get(master, Interval(low=0.0, high=0.0))
            low, high = had.low + stake.low * part.low / ALL, had.high + ruled * part.high / ALL
            found[master] = Interval(low=min(ALL, low), high=min(ALL, high))
    return found


def _of_kind(graph: Graph, entity: EntityId, kind: StakeKind) -> list[Stake]:
    """List who holds an entity, by this kind; by the other where it is not on record."""
    return graph.holders(entity, kind) or graph.holders(entity, *SHARES)


def _together(graph: Graph, entity: EntityId, kind: StakeKind | None, seen: frozenset[EntityId]) -> Interval:
    """Return the interval of one kind, or of the worse kind on record when `kind` is None."""
    seat = graph.seat(entity)
    if seat is Seat.OUTSIDE:
        return Interval(low=ALL, high=ALL)
    if entity in seen or seat is Seat.UNKNOWN:
        return Interval(low=0.0, high=ALL)
    if entity in graph.unheld:
        return Interval(low=0.0, high=0.0)
    kinds = [kind] if kind else [k for k in SHARES if graph.holders(entity, k)]
    parts = [_one_kind(graph, graph.holders(entity, k), seen | {entity}) for k in kinds]
    if not parts:
        parts = [Interval(low=0.0, high=ALL)]
    convertible = sum(
        stake.high * _together(graph, stake.holder, None, seen | {entity}).high / ALL
        for stake in graph.holders(entity, StakeKind.CONVERTIBLE)
    )
    return Interval(low=max(p.low for p in parts), high=min(ALL, max(p.high for p in parts) + convertible))


def _one_kind(graph: Graph, stakes: Iterable[Stake], seen: frozenset[EntityId]) -> Interval:
    low, inside = 0.0, 0.0
    for stake in stakes:
        behind = _together(graph, stake.holder, None, seen)
        low += stake.low * behind.low / ALL
        if good(stake.source) and behind.high <= MAY_CONTROL:  # else one from outside may rule all that it holds
            inside += stake.low * (1 - behind.high / ALL)
    return Interval(low=min(ALL, low), high=max(0.0, ALL - inside))


def _named(
    graph: Graph, entity: EntityId, kind: StakeKind, above: StakeKind, seen: frozenset[EntityId], *, sure: bool
) -> dict[EntityId, float]:
    """Return the least that each named third entity holds, directly or through companies inside.

    `kind` is what they hold of this one, `above` of those that stand between. With `sure`, by good sources alone: what
    another surely holds opens room, so it needs one.
    """
    if entity in seen or entity in graph.unheld or graph.seat(entity) is not Seat.INSIDE:
        return {}
    found: dict[EntityId, float] = {}
    for stake in graph.holders(entity, kind) if not seen else _of_kind(graph, entity, above):
        if sure and not (good(stake.source) and good(graph.entities[stake.holder].source)):
            continue
        outside = graph.seat(stake.holder) is Seat.OUTSIDE
        further = {} if outside else _named(graph, stake.holder, kind, above, seen | {entity}, sure=sure)
        for holder, share in ({stake.holder: ALL} if outside else further).items():
            found[holder] = found.get(holder, 0.0) + stake.low * share / ALL
    return found
