"""Which way a rule may depend on a fact, read off its form: more classes never widen, less knowledge never opens.

Law: a rule that refuses grows with the data classes and with what is held from outside the Union, and shrinks with what
is established or on record; a rule that permits, the other way round. So no rule tells unknown from untrue (decision
14), and adding a data class never turns a refusal into a permit (INVARIANT 5), whatever the facts will be.
"""

from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import cast

from ecluse.domain.destination import Established
from ecluse.passage.decide.lint import Node, RuleRefused


class Sense(IntEnum):
    """Which way a condition moves when a fact grows. `BOTH` is what an equality does."""

    DOWN = -1
    BOTH = 0
    UP = 1

    @property
    def turned(self) -> "Sense":
        """The other way."""
        return Sense(-self.value)


REFUSES_MORE: Mapping[str, Sense] = {
    "context.classes": Sense.UP,
    "resource.non_eu_share_max": Sense.UP,
    "resource.established": Sense.DOWN,
    "principal.analyses": Sense.DOWN,
    "principal.contracts": Sense.DOWN,
    "principal.purposes": Sense.DOWN,
}
"""Which way refusal moves when the fact grows. What is not named here (kind, care, provider, purpose) is free."""

RESTRICTIONS = frozenset({Established.STATE_CLOUD})
"""Established facts that close as well as open: a rule may refuse because of them."""

ADVICE: Mapping[str, str] = {
    "context.classes": "a data class may only add refusals; name it in `when` of a forbid, outside any `!`",
    "resource.non_eu_share_max": "a larger share may only add refusals; compare it with `>` in `when` of a forbid",
    "resource.established": "what is not established is unknown, not untrue; name the fact in `unless` of a forbid",
    "principal.analyses": "an analysis may only lift refusals; name it in `unless` of a forbid",
    "principal.contracts": "a contract may only lift refusals; name it in `unless` of a forbid",
    "principal.purposes": "a purpose on record may only lift refusals; name it in `unless` of a forbid",
}

_GROWS = {
    "contains": (Sense.UP, Sense.BOTH),
    "containsAny": (Sense.UP, Sense.UP),
    "containsAll": (Sense.UP, Sense.DOWN),
    "<": (Sense.DOWN, Sense.UP),
    "<=": (Sense.DOWN, Sense.UP),
    ">": (Sense.UP, Sense.DOWN),
    ">=": (Sense.UP, Sense.DOWN),
    "==": (Sense.BOTH, Sense.BOTH),
    "!=": (Sense.BOTH, Sense.BOTH),
}
"""How each comparison moves when its left and its right side grow."""


def check_polarity(file: str, line: int, rule: str, condition: Node, *, refuses: Sense) -> None:
    """Refuse a condition that depends on a fact the wrong way. `refuses` is which way it moves the refusal."""
    for fact, sense in _occurrences(condition, refuses):
        wanted = REFUSES_MORE.get(fact)
        if wanted is not None and sense is not wanted:
            raise RuleRefused(file, line, f"rule {rule}: `{fact}`: {ADVICE[fact]}")


def _occurrences(node: Node, sense: Sense) -> Iterator[tuple[str, Sense]]:
    """Iterate over the facts of a condition, each with the way it moves the refusal."""
    ((operator, applied),) = node.items()
    if operator == ".":
        yield _fact(node), sense
        return
    if operator in {"Value", "Var", "Set"}:
        return
    parts = cast("Mapping[str, Node]", applied)  # check_constructs ran before: what is left has sides
    if operator == "!":
        yield from _occurrences(parts["arg"], sense.turned)
    elif operator in {"&&", "||"}:
        yield from _occurrences(parts["left"], sense)
        yield from _occurrences(parts["right"], sense)
    elif operator in _GROWS and not _restriction(operator, parts):
        left, right = _GROWS[operator]
        yield from _occurrences(parts["left"], Sense(sense * left))
        yield from _occurrences(parts["right"], Sense(sense * right))


def _fact(node: Node) -> str:
    part = cast("Mapping[str, object]", node["."])
    left = cast("Node", part["left"])
    return f"{left['Var'] if 'Var' in left else _fact(left)}.{part['attr']}"


def _restriction(operator: str, parts: Mapping[str, Node]) -> bool:
    """Say whether this is `resource.established.contains(<a fact that restricts>)`."""
    if operator != "contains" or "." not in parts["left"] or _fact(parts["left"]) != "resource.established":
        return False
    value = cast("Mapping[str, Mapping[str, str]]", parts["right"].get("Value", {}))
    return value.get("__entity", {}).get("id") in RESTRICTIONS
