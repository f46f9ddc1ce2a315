"""Every question that rules can tell apart: callers x destinations or places, each with a table over the data classes.

Law: exhaustive. Analyses and purposes of which no rule speaks are left out, because no rule can depend on them;
destinations with the same facts are one. Nothing else is left out and nothing is sampled.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ecluse.domain.caller import AnalysisKind, CallerKind
from ecluse.domain.destination import Destination, Established, Place
from ecluse.domain.party import ProviderId
from ecluse.domain.verdict import Action
from ecluse.passage.decide.rules import Rule
from ecluse.prove.residual import Asks, Ref, Standpoint, Value, applies, asks, fold, table_at
from ecluse.prove.tables import ALWAYS, NEVER, SUBSETS, Table

KINDS = tuple(CallerKind)
ON_RECORD = "a purpose"
"""A purpose of which no rule speaks."""
ELSEWHERE = "another purpose"
"""What is on record where the purpose asked for is not."""

Ids: TypeAlias = npt.NDArray[np.int32]
"""Numbers of tables, by caller and thing."""
DENSE = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One caller that the rules can tell apart. `contract` is with the provider that is asked about."""

    kind: CallerKind
    care: bool
    analyses: frozenset[AnalysisKind]
    contract: bool
    purpose: str
    purpose_on_record: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Destinations or places with the same facts. `names` are theirs; the first stands for all."""

    names: tuple[str, ...]
    provider: ProviderId | None
    established: frozenset[Established]
    share: int


def things_of(destinations: Iterable[Destination]) -> tuple[Thing, ...]:
    """Group destinations by what rules can ask of them."""
    groups: dict[tuple[ProviderId, frozenset[Established], int], list[str]] = {}
    for one in destinations:
        groups.setdefault((one.provider, one.established, one.non_eu_share_max), []).append(one.id)
    return tuple(Thing(names=tuple(n), provider=p, established=e, share=s) for (p, e, s), n in groups.items())


def places_of(places: Iterable[Place]) -> tuple[Thing, ...]:
    """Group places by what rules can ask of them."""
    groups: dict[tuple[frozenset[Established], int], list[str]] = {}
    for one in places:
        groups.setdefault((one.established, one.non_eu_share_max), []).append(one.id)
    return tuple(Thing(names=tuple(n), provider=None, established=e, share=s) for (e, s), n in groups.items())


class Space:
    """The questions for one set of rules. `rules` are all that will be asked about, invariants too.

    `kinds` are the callers that are asked about: all, or that of one organisation.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        destinations: Sequence[Thing],
        places: Sequence[Thing],
        kinds: Sequence[CallerKind] = KINDS,
    ) -> None:
        asked = [asks(rule) for rule in rules]
        named = {ref.name for one in asked for ref in one.named("Analysis")}
        self.analyses = tuple(kind for kind in AnalysisKind if kind.value in named)
        texts = sorted({text for one in asked for text in one.texts})
        self.purposes = (ON_RECORD, *texts)
        self.things: Mapping[Action, Sequence[Thing]] = {
            Action.INFER: destinations,
            Action.EMBED: destinations,
            Action.STORE: destinations,
            Action.HOLD: places,
        }
        self.kinds = tuple(kinds)
        self._shape = (len(self.kinds), 2, 2, len(self.purposes), 2, 1 << len(self.analyses))
        self._projections: dict[tuple[int, ...], tuple[Ids, Ids]] = {}
        self.tables: list[Table] = [NEVER, ALWAYS]
        self._numbers: dict[Table, int] = {NEVER: 0, ALWAYS: 1}

    @cached_property
    def _axes(self) -> tuple[Ids, ...]:
        return tuple(axis.astype(np.int32) for axis in np.unravel_index(np.arange(self.callers), self._shape))

    @property
    def callers(self) -> int:
        """How many callers the rules can tell apart."""
        return int(np.prod(self._shape))

    def questions(self, action: Action) -> int:
        """Return how many questions an action has: callers x destinations or places x subsets of data classes."""
        return self.callers * sum(len(thing.names) for thing in self.things[action]) * SUBSETS

    def caller(self, index: int) -> Caller:
        """Return one caller by its number."""
        kind, care, contract, purpose, on_record, mask = (int(axis[index]) for axis in self._axes)
        return Caller(
            kind=self.kinds[kind],
            care=bool(care),
            contract=bool(contract),
            purpose=self.purposes[purpose],
            purpose_on_record=bool(on_record),
            analyses=frozenset(a for bit, a in enumerate(self.analyses) if mask >> bit & 1),
        )

    @cached_property
    def weights(self) -> Ids:
        """How much is special of each caller: a witness is the plainest one."""
        kind, care, contract, purpose, on_record, mask = self._axes
        bits = sum((mask >> bit) & 1 for bit in range(len(self.analyses)))
        plain = np.asarray(1000 * (bits + care + (1 - on_record) + (purpose > 0)) + 100 * contract + kind)
        return plain.astype(np.int32)

    # -------------------------------------------------------------- tables
    def number(self, table: Table) -> int:
        """Return the number of a table."""
        known = self._numbers.get(table)
        if known is None:
            known = self._numbers[table] = len(self.tables)
            self.tables.append(table)
        return known

    def fill(self, action: Action, table: Table) -> Ids:
        """Return the same table for every caller and thing."""
        return np.full((self.callers, len(self.things[action])), self.number(table), dtype=np.int32)

    def fires(self, rule: Rule, action: Action) -> Ids:
        """Return where a rule fires. Raises NotProvable."""
        things = self.things[action]
        if not applies(rule, action) or not things:
            return self.fill(action, NEVER)
        asked = asks(rule)
        row, callers = self._projected(asked)
        columns: dict[tuple[object, ...], int] = {}
        column = np.array([columns.setdefault(_seen(asked, t), i) for i, t in enumerate(things)], dtype=np.int32)
        folded = fold(rule)
        cells = np.zeros((len(callers), len(things)), dtype=np.int32)
        kind = "Place" if action is Action.HOLD else "Destination"
        for y, index in enumerate(callers):
            for x in columns.values():
                at = standpoint(self.caller(int(index)), things[x], kind)
                cells[y, x] = self.number(table_at(folded, at))
        return np.asarray(cells[row[:, None], column[None, :]])

    def _projected(self, asked: Asks) -> tuple[Ids, Ids]:
        """Return for each caller which of the callers that this rule can tell apart it is, and those."""
        kind, care, contract, purpose, on_record, mask = self._axes
        named = {ref.name for ref in asked.named("Analysis")}
        bits = sum(1 << bit for bit, a in enumerate(self.analyses) if a.value in named)
        used = [
            (kind, len(self.kinds), "principal.kind" in asked.attributes),
            (care, 2, "principal.care" in asked.attributes),
            (contract, 2, "principal.contracts" in asked.attributes),
            (purpose, len(self.purposes), "context.purpose" in asked.attributes),
            (on_record, 2, "principal.purposes" in asked.attributes),
            (mask & bits, 1 << len(self.analyses), bool(bits)),
        ]
        which = (bits, *(told for _, _, told in used))
        if which not in self._projections:
            key = np.zeros(self.callers, dtype=np.int32)
            for axis, size, told in used:
                if told:
                    key = key * size + axis
            _, first, row = np.unique(key, return_index=True, return_inverse=True)
            self._projections[which] = row.reshape(-1).astype(np.int32), first.astype(np.int32)
        return self._projections[which]

    def either(self, one: Ids, other: Ids) -> Ids:
        """Return where one or the other holds."""
        if not one.any() or not other.any():  # NEVER has the number 0
            return other if not one.any() else one
        return self._combined(one, other, lambda a, b: Table(a | b))

    def both(self, one: Ids, other: Ids) -> Ids:
        """Return where both hold."""
        if not one.any() or not other.any():
            return one if not one.any() else other
        return self._combined(one, other, lambda a, b: Table(a & b))

    def without(self, one: Ids, other: Ids) -> Ids:
        """Return where one holds and the other does not."""
        if not one.any() or not other.any():
            return one
        return self._combined(one, other, lambda a, b: Table(a & ~b))

    def _combined(self, one: Ids, other: Ids, join: Callable[[Table, Table], Table]) -> Ids:
        size = len(self.tables)
        if size * size <= DENSE:
            key = one * np.int32(size) + other
            seen = np.zeros(size * size, dtype=bool)
            seen[key] = True
            pairs = np.flatnonzero(seen)
            become = np.zeros(size * size, dtype=np.int32)
            become[pairs] = self._joined(pairs, size, join)
            return np.asarray(become[key])
        wide = one.astype(np.int64) * size + other
        pairs, place = np.unique(wide, return_inverse=True)
        return np.asarray(self._joined(pairs, size, join)[place.reshape(one.shape)])

    def _joined(
        self, pairs: npt.NDArray[np.signedinteger[Any]], size: int, join: Callable[[Table, Table], Table]
    ) -> Ids:
        made = (join(self.tables[pair // size], self.tables[pair % size]) for pair in pairs.tolist())
        return np.fromiter((self.number(table) for table in made), dtype=np.int32, count=len(pairs))


def _seen(asked: Asks, thing: Thing) -> tuple[object, ...]:
    """Return what of a thing a rule can tell."""
    named = {ref.name for ref in asked.named("Established")}
    return (
        frozenset(fact for fact in thing.established if fact.value in named),
        thing.share if "resource.non_eu_share_max" in asked.attributes else None,
        thing.provider if asked.named("Provider") else None,
    )


def standpoint(caller: Caller, thing: Thing, kind: str) -> Standpoint:
    """Fill in a caller and a thing."""
    provider = Ref(kind="Provider", name=thing.provider or "")
    principal: dict[str, Value] = {
        "kind": Ref(kind="CallerKind", name=caller.kind.value),
        "care": caller.care,
        "analyses": frozenset(Ref(kind="Analysis", name=a.value) for a in caller.analyses),
        "contracts": frozenset({provider}) if caller.contract else frozenset(),
        "purposes": frozenset({caller.purpose if caller.purpose_on_record else ELSEWHERE}),
    }
    resource: dict[str, Value] = {
        "established": frozenset(Ref(kind="Established", name=fact.value) for fact in thing.established),
        "non_eu_share_max": thing.share,
    }
    if kind == "Destination":
        resource["provider"] = provider
    return Standpoint(principal=principal, resource=resource, kind=kind, purpose=caller.purpose)
