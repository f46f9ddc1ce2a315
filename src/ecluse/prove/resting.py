"""Which invariants rest on which rule alone: what would no longer hold, were the rule not there.

Law: exhaustive over the same space as the proof, for enforced rules only. A rule on which nothing rests alone is not
idle: another rule refuses the same questions too, or no invariant asks of what it refuses.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ecluse.domain.caller import CallerKind
from ecluse.domain.verdict import RuleId
from ecluse.passage.decide.rules import Rule
from ecluse.prove.confirm import Engine
from ecluse.prove.invariants import space_of
from ecluse.prove.residual import applies
from ecluse.prove.space import KINDS, Ids, Space
from ecluse.prove.verdicts import Verdicts, alike_actions, distinct, enforced, verdicts


def resting(
    rules: Mapping[RuleId, Rule], invariants: Sequence[Rule], engine: Engine, *, kinds: Sequence[CallerKind] = KINDS
) -> Mapping[RuleId, tuple[RuleId, ...]]:
    """Return for each enforced rule that forbids the invariants that would break without it. Raises NotProvable."""
    decisive = enforced(rules.values())
    found: dict[RuleId, set[RuleId]] = {rule.id: set() for rule in decisive if not rule.permits}
    for action in alike_actions([*decisive, *invariants]):
        asked = [rule for rule in (*decisive, *invariants) if applies(rule, action)]
        space = space_of(asked, engine.destinations, engine.places, kinds)
        one = verdicts(space, decisive, action)
        speaks = {rule.id: space.fires(rule, action) for rule in invariants}
        told = distinct(replace(one, fired={**one.fired, **speaks}))
        for id_, alone in _alone(space, [rule.id for rule in decisive if not rule.permits], told):
            found[id_] |= {name for name in speaks if space.both(alone, told.fired[name]).any()}
    return {id_: tuple(sorted(names)) for id_, names in found.items()}


def _alone(space: Space, forbids: Sequence[RuleId], found: Verdicts) -> Iterator[tuple[RuleId, Ids]]:
    """Iterate over where a rule alone refuses what the base permits."""
    before, after = [found.permits * 0], [found.permits * 0]  # NEVER has the number 0
    for id_ in forbids:
        before.append(space.either(before[-1], found.fired[id_]))
    for id_ in reversed(forbids):
        after.append(space.either(after[-1], found.fired[id_]))
    for index, id_ in enumerate(forbids):
        others = space.either(before[index], after[len(forbids) - 1 - index])
        yield id_, space.both(found.permits, space.without(found.fired[id_], others))
