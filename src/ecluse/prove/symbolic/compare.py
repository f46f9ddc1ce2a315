"""Which questions change verdict between two sets of rules, whatever destination anyone may add.

Law: one smallest witness for each way and action, that both engines confirm, or none, proven.
"""

from collections.abc import Iterator, Sequence

import z3

from ecluse.domain.caller import CallerKind
from ecluse.domain.verdict import Action
from ecluse.prove.confirm import Engine, EngineDisagrees, said
from ecluse.prove.diff import CLOSED, OPENED, Change
from ecluse.prove.space import KINDS
from ecluse.prove.symbolic.show import ANYBODY, Asking, engine_with
from ecluse.prove.verdicts import enforced


def compare_symbolic(old: Engine, new: Engine, *, kinds: Sequence[CallerKind] = KINDS) -> Iterator[Change]:
    """Iterate over the ways in which verdicts change, for callers of some kinds; questions are not counted.

    Raises NotProvable, and EngineDisagrees when a witness is not confirmed by both or the solver gives no answer.
    """
    before, after = (Asking(enforced(engine.rulebook.rules.values()), engine, kinds) for engine in (old, new))
    for action in Action:
        was, is_ = before.permitted[action], after.permitted[action]
        for way, where in ((OPENED, z3.And(is_, z3.Not(was))), (CLOSED, z3.And(was, z3.Not(is_)))):
            found = before.example(before.words[action], where)
            if found is None:
                continue
            if engine_with(old, found).permits(found) is (way == OPENED) or engine_with(new, found).permits(found) is (
                way == CLOSED
            ):
                raise EngineDisagrees(f"{way}: {said(found)} is not confirmed")
            yield Change(way=way, action=action, questions=1, where={ANYBODY: 1}, example=found)
