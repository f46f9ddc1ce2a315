"""A rule with its caller and its destination filled in: what is left is a truth table over the data classes.

Law: an evaluator of our own over Cedar's JSON form, for the constructs that rules may be built of and no other: what it
does not know it refuses, it never guesses. It is held against Cedar itself on drawn questions and on mutated rules.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from ecluse.domain.finding import DataClass
from ecluse.domain.verdict import Action
from ecluse.passage.decide.lint import Node, walk
from ecluse.passage.decide.rules import Rule
from ecluse.prove.tables import ALWAYS, NEVER, Table, all_of, any_of, holding, negated


class NotProvable(ValueError):
    """A rule is built in a way that the proof does not know. Names the rule."""

    def __init__(self, rule: str, what: str) -> None:
        """Keep which rule it is."""
        super().__init__(f"rule {rule}: {what}; nothing is proven with it")
        self.rule = rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """An entity of a closed list, as a value."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Classes:
    """The one value that stays open: the data classes of the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Truth:
    """A truth value that depends on the data classes."""

    table: Table


_CLASSES = _Classes()
Value: TypeAlias = bool | int | str | Ref | frozenset["Value"] | _Classes | _Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Standpoint:
    """Everything that a rule may ask about but the data classes: principal, resource and purpose filled in.

    `kind` is the resource's, `Destination` or `Place`.
    """

    principal: Mapping[str, Value]
    resource: Mapping[str, Value]
    kind: str
    purpose: str


def applies(rule: Rule, action: Action) -> bool:
    """Say whether a rule's scope takes an action. Raises NotProvable for a scope that names somebody."""
    for part in ("principal", "resource"):
        scope = cast("Mapping[str, object]", rule.est[part])
        if scope["op"] not in {"All", "is"} or "in" in scope:
            raise NotProvable(rule.id, f"its scope names a {part}")
    scope = cast("Mapping[str, object]", rule.est["action"])
    if scope["op"] == "All":
        return True
    named = cast("Sequence[Mapping[str, str]]", scope.get("entities") or [scope["entity"]])
    return action.value in {entity["id"] for entity in named}


def residual(rule: Rule, at: Standpoint) -> Table:
    """Return for which subsets of the data classes the rule fires. Raises NotProvable."""
    table: int = ALWAYS
    for part, kind in (("principal", "Application"), ("resource", at.kind)):
        scope = cast("Mapping[str, object]", rule.est[part])
        if scope["op"] == "is" and scope["entity_type"] != kind:
            return NEVER
    for condition in cast("Sequence[Mapping[str, object]]", rule.est["conditions"]):
        holds = _table(rule, _value(rule, cast("Node", condition["body"]), at))
        table &= holds if condition["kind"] == "when" else negated(holds)
    return Table(table)


def _table(rule: Rule, value: Value) -> Table:
    if isinstance(value, bool):
        return ALWAYS if value else NEVER
    if isinstance(value, _Truth):
        return value.table
    raise NotProvable(rule.id, "a condition is no truth value")


def _value(rule: Rule, node: Node, at: Standpoint) -> Value:
    ((operator, applied),) = node.items()
    if operator == "Value":
        return _literal(rule, applied)
    if operator == "Set":
        return frozenset(_value(rule, part, at) for part in cast("Sequence[Node]", applied))
    parts = cast("Mapping[str, Node]", applied)
    if operator == ".":
        return _attribute(rule, parts, at)
    if operator == "is":
        return _is(rule, parts, at)
    return _operated(rule, operator, parts, at)


def _operated(rule: Rule, operator: str, parts: Mapping[str, Node], at: Standpoint) -> Value:
    if operator == "!":
        return _Truth(table=negated(_table(rule, _value(rule, parts["arg"], at))))
    if not {"left", "right"} <= parts.keys():
        raise NotProvable(rule.id, f"`{operator}` is not known")
    left, right = (_value(rule, parts[side], at) for side in ("left", "right"))
    if operator in {"&&", "||"}:
        one, other = _table(rule, left), _table(rule, right)
        return _Truth(table=Table(one & other if operator == "&&" else one | other))
    if isinstance(left, _Classes) or isinstance(right, _Classes):
        return _Truth(table=_of_classes(rule, operator, left, right))
    return _compared(rule, operator, left, right)


def _literal(rule: Rule, value: object) -> Value:
    if isinstance(value, bool | str | int):
        return value
    if isinstance(value, Mapping) and "__entity" in value:
        entity = value["__entity"]
        return Ref(kind=str(entity["type"]), name=str(entity["id"]))
    raise NotProvable(rule.id, "a value of a kind that rules do not have")


def _attribute(rule: Rule, parts: Mapping[str, object], at: Standpoint) -> Value:
    base = cast("Mapping[str, str]", parts["left"]).get("Var")
    name = str(parts["attr"])
    if base == "context" and name == "classes":
        return _CLASSES
    if base == "context" and name == "purpose":
        return at.purpose
    of = {"principal": at.principal, "resource": at.resource}.get(str(base), {})
    if name not in of:
        raise NotProvable(rule.id, f"asks about `{base}.{name}`, which the proof does not know")
    return of[name]


def _is(rule: Rule, parts: Mapping[str, object], at: Standpoint) -> Value:
    base = cast("Mapping[str, str]", parts["left"]).get("Var")
    kinds = {"principal": "Application", "resource": at.kind}
    if base not in kinds or "in" in parts:
        raise NotProvable(rule.id, "`is` of something else than the principal or the resource")
    return bool(parts["entity_type"] == kinds[base])


def _of_classes(rule: Rule, operator: str, left: Value, right: Value) -> Table:
    """Return the table of a comparison with the open set of data classes."""
    if isinstance(left, _Classes) and operator == "contains":
        return holding(_class(rule, right))
    if isinstance(left, _Classes) and operator in {"containsAny", "containsAll"} and isinstance(right, frozenset):
        named = [_class(rule, one) for one in right]
        return any_of(named) if operator == "containsAny" else all_of(named)
    if isinstance(right, _Classes) and operator in {"containsAny", "containsAll"} and isinstance(left, frozenset):
        named = [_class(rule, one) for one in left]
        return any_of(named) if operator == "containsAny" else negated(any_of(set(DataClass) - set(named)))
    raise NotProvable(rule.id, f"`{operator}` with the set of data classes")


def _class(rule: Rule, value: Value) -> DataClass:
    if isinstance(value, Ref) and value.kind == "DataClass":
        return DataClass(value.name)
    raise NotProvable(rule.id, "compares data classes with something else")


def _compared(rule: Rule, operator: str, left: Value, right: Value) -> bool:
    if operator in {"==", "!="} and not (isinstance(left, _Truth) or isinstance(right, _Truth)):
        same = type(left) is type(right) and left == right
        return same if operator == "==" else not same
    if operator == "contains" and isinstance(left, frozenset):
        return right in left
    if isinstance(left, frozenset) and isinstance(right, frozenset):
        if operator == "containsAll":
            return left >= right
        if operator == "containsAny":
            return bool(left & right)
    if type(left) is int and type(right) is int:
        orders = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
        if operator in orders:
            return orders[operator]
    raise NotProvable(rule.id, f"`{operator}` of values that the proof does not compare")


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
