"""A rule with its caller and its destination filled in: what is left is a truth table over the data classes.

Law: the evaluator is the one that decides requests (`passage.decide.residual`); here its conditions become tables. It
is held against Cedar itself on drawn questions and on mutated rules.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from ecluse.domain.verdict import Action
from ecluse.passage.decide import residual as folding
from ecluse.passage.decide.lint import Node, walk
from ecluse.passage.decide.residual import (
    AllOf,
    AnyOf,
    Both,
    Either,
    Fold,
    Inverse,
    NotFoldable,
    Ref,
    Residual,
    Standpoint,
    Value,
)
from ecluse.passage.decide.rules import Rule
from ecluse.prove.tables import ALWAYS, NEVER, Table, all_of, any_of, members, negated

__all__ = ["Asks", "NotProvable", "Ref", "Standpoint", "Value", "applies", "asks", "fold", "residual", "table_at"]


class NotProvable(ValueError):
    """A rule is built in a way that the proof does not know. Names the rule."""

    def __init__(self, rule: str, what: str) -> None:
        """Keep which rule it is."""
        super().__init__(f"rule {rule}: {what}; nothing is proven with it")
        self.rule = rule


def applies(rule: Rule, action: Action) -> bool:
    """Say whether a rule's scope takes an action. Raises NotProvable for a scope that names somebody."""
    try:
        return folding.applies(rule, action)
    except NotFoldable as error:
        raise NotProvable(error.rule, error.what) from error


def fold(rule: Rule) -> Fold:
    """Return the function from a standpoint to what is left of the rule. Raises NotProvable."""
    try:
        return folding.folding(rule)
    except NotFoldable as error:
        raise NotProvable(error.rule, error.what) from error


def table_at(folded: Fold, at: Standpoint) -> Table:
    """Return for which subsets of the data classes a folded rule fires. Raises NotProvable."""
    try:
        return _table(folded(at))
    except NotFoldable as error:
        raise NotProvable(error.rule, error.what) from error


def residual(rule: Rule, at: Standpoint) -> Table:
    """Return for which subsets of the data classes the rule fires. Raises NotProvable."""
    return table_at(fold(rule), at)


def _table(left: Residual) -> Table:
    match left:
        case bool():
            return ALWAYS if left else NEVER
        case AnyOf(classes=classes):
            return any_of(members(classes))
        case AllOf(classes=classes):
            return all_of(members(classes))
        case Inverse(part=part):
            return negated(_table(part))
        case Both(one=one, other=other):
            return Table(_table(one) & _table(other))
        case Either(one=one, other=other):
            return Table(_table(one) | _table(other))


# ------------------------------------------------------------------ what a rule asks about
@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """Which facts a rule's outcome may depend on: attributes by `principal.kind`, and the constants that it names."""

    attributes: frozenset[str]
    constants: frozenset[Ref]
    numbers: frozenset[int]
    texts: frozenset[str]

    def named(self, kind: str) -> frozenset[Ref]:
        """Return the constants of one closed list."""
        return frozenset(ref for ref in self.constants if ref.kind == kind)


_OPEN_SETS = {"principal.contracts": "resource.provider", "principal.purposes": "context.purpose"}
"""Sets whose values are no closed list, and the one thing that may be looked for in each."""


def asks(rule: Rule) -> Asks:
    """Return what a rule asks about. Raises NotProvable for a construct that the proof would have to guess at."""
    attributes: set[str] = set()
    literals: set[Value] = set()
    for condition in cast("Sequence[Mapping[str, object]]", rule.est["conditions"]):
        for operator, applied in walk(cast("Node", condition["body"])):
            if operator == ".":
                attributes.add(_dotted(applied))
            elif operator == "Value":
                literals.add(_literal(rule, applied))
            elif operator in {"==", "!="}:
                _check_no_set(rule, cast("Mapping[str, Node]", applied))
            elif operator in {"contains", "containsAny", "containsAll"}:
                _check_open(rule, operator, cast("Mapping[str, Node]", applied))
    constants = frozenset(value for value in literals if isinstance(value, Ref))
    if any(ref.kind == "Provider" for ref in constants) and "principal.contracts" in attributes:
        raise NotProvable(rule.id, "names a provider beside the contracts; write two rules")
    return Asks(
        attributes=frozenset(attributes),
        constants=constants,
        numbers=frozenset(value for value in literals if type(value) is int),
        texts=frozenset(value for value in literals if isinstance(value, str)),
    )


def _literal(rule: Rule, value: object) -> Value:
    try:
        return folding.literal_of(rule, value)
    except NotFoldable as error:
        raise NotProvable(error.rule, error.what) from error


def _dotted(applied: object) -> str:
    parts = cast("Mapping[str, object]", applied)
    return f"{cast('Mapping[str, str]', parts['left']).get('Var')}.{parts['attr']}"


def _sides(parts: Mapping[str, Node]) -> Iterator[str]:
    for side in ("left", "right"):
        node = parts[side]
        yield _dotted(node["."]) if "." in node else ""


def _check_no_set(rule: Rule, parts: Mapping[str, Node]) -> None:
    sets = {"principal.contracts", "principal.purposes", "principal.analyses", "resource.established"}
    if sets & set(_sides(parts)):
        raise NotProvable(rule.id, "compares a whole set; ask for its members")


def _check_open(rule: Rule, operator: str, parts: Mapping[str, Node]) -> None:
    left, right = _sides(parts)
    if left in _OPEN_SETS and (operator != "contains" or right != _OPEN_SETS[left]):
        raise NotProvable(rule.id, f"looks in {left} for something else than {_OPEN_SETS[left]}")
    if right in _OPEN_SETS or (right in {"principal.analyses", "resource.established"} and operator == "containsAll"):
        raise NotProvable(rule.id, f"compares a whole set; ask for members of {right}")
