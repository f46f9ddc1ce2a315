"""What the enforced rules say of every question of a space.

Law: as the data plane decides: a base rule permits and no enforced rule forbids. Rules in another mode refuse nothing,
so no proof speaks of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ecluse.domain.finding import DataClass
from ecluse.domain.verdict import Action, Mode, RuleId
from ecluse.passage.decide.rules import Rule
from ecluse.prove.residual import applies
from ecluse.prove.space import Caller, Ids, Space, Thing
from ecluse.prove.tables import NEVER, SUBSETS, Table, smallest


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """The permits of one action, and where each enforced rule fires."""

    action: Action
    permits: Ids
    permitted: Ids
    fired: Mapping[RuleId, Ids]


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """One question: the plainest caller and the fewest data classes for which something holds."""

    action: Action
    caller: Caller
    thing: Thing
    classes: frozenset[DataClass]


def enforced(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules that decide for every organisation: enforced, and not for those alone that ask for them."""
    return tuple(rule for rule in rules if rule.reason.mode is Mode.ENFORCE and not rule.opt_in)


def alike_actions(rules: Sequence[Rule]) -> Mapping[Action, Sequence[Action]]:
    """Group the actions that the same rules are for; the first stands for all. Places are not destinations."""
    groups: dict[tuple[bool, ...], list[Action]] = {}
    for action in Action:
        groups.setdefault((action is Action.HOLD, *(applies(rule, action) for rule in rules)), []).append(action)
    return {group[0]: tuple(group) for group in groups.values()}


def verdicts(space: Space, rules: Sequence[Rule], action: Action) -> Verdicts:
    """Evaluate the enforced rules over every question of an action. Raises NotProvable."""
    fired = {rule.id: space.fires(rule, action) for rule in enforced(rules)}
    permits = united(space, action, [fired[rule.id] for rule in rules if rule.permits])
    forbids = united(space, action, [fired[rule.id] for rule in enforced(rules) if not rule.permits])
    return Verdicts(action=action, permits=permits, permitted=space.without(permits, forbids), fired=fired)


def distinct(found: Verdicts) -> Verdicts:
    """Return the verdicts with one caller for all those of whom every rule says the same.

    Enough to say whether something that is asked of each question alone holds of any; not to count questions.
    """
    firing = [where for where in found.fired.values() if where.any()]
    if not firing:
        return found
    first: dict[bytes, int] = {}
    for index, row in enumerate(np.concatenate(firing, axis=1)):
        first.setdefault(row.tobytes(), index)
    kept = np.array(list(first.values()))
    return Verdicts(
        action=found.action,
        permits=found.permits[kept],
        permitted=found.permitted[kept],
        fired={id_: where[kept] for id_, where in found.fired.items()},
    )


def united(space: Space, action: Action, parts: Iterable[Ids]) -> Ids:
    """Return where at least one of the parts holds."""
    found = space.fill(action, NEVER)
    for part in parts:
        found = space.either(found, part)
    return found


def witness(space: Space, where: Ids, action: Action) -> Witness | None:
    """Return the smallest question for which something holds, None when there is none."""
    numbers = [n for n in np.flatnonzero(np.bincount(where.reshape(-1))).tolist() if space.tables[n] != NEVER]
    if not numbers:
        return None
    sizes = {n: smallest(space.tables[n]) for n in numbers}
    fewest = min(len(classes) for classes in sizes.values())
    chosen = np.isin(where, [n for n, classes in sizes.items() if len(classes) == fewest])
    weight = np.where(chosen, space.weights[:, None], np.iinfo(np.int32).max)
    row, column = np.unravel_index(int(np.argmin(weight)), where.shape)
    return Witness(
        action=action,
        caller=space.caller(int(row)),
        thing=space.things[action][int(column)],
        classes=sizes[int(where[row, column])],
    )


def count(space: Space, where: Ids, things: Sequence[Thing]) -> int:
    """Return for how many questions something holds, each destination counted. `things` are the columns."""
    total = 0
    for column, thing in enumerate(things):
        numbers, times = np.unique(where[:, column], return_counts=True)
        each = sum(space.tables[n].bit_count() * t for n, t in zip(numbers.tolist(), times.tolist(), strict=True))
        total += each * len(thing.names)
    return total


def holds(space: Space, where: Ids, row: int, column: int, subset: int) -> bool:
    """Say whether something holds for one question."""
    if not 0 <= subset < SUBSETS:
        raise ValueError(f"not a subset of the data classes: {subset}")
    table: Table = space.tables[int(where[row, column])]
    return bool(table >> subset & 1)
