"""A rule with its caller and its destination filled in: what is left is a condition on the data classes alone.

Law: an evaluator of our own over Cedar's JSON form, for the constructs that rules may be built of and no other: what it
does not know it refuses, it never guesses. It is held against Cedar itself on drawn questions and on mutated rules.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias, cast

from ecluse.domain.finding import DataClass
from ecluse.domain.verdict import Action
from ecluse.passage.decide.lint import Node
from ecluse.passage.decide.rules import Rule

CLASSES = tuple(DataClass)
BITS: Mapping[DataClass, int] = {data_class: 1 << index for index, data_class in enumerate(CLASSES)}
EVERY = (1 << len(CLASSES)) - 1
"""The subset of the data classes that has them all; a subset is a whole number, one bit a class."""


class NotFoldable(ValueError):
    """A rule is built in a way that the evaluator does not know. Names the rule."""

    def __init__(self, rule: str, what: str) -> None:
        """Keep which rule it is and what is not known."""
        super().__init__(f"rule {rule}: {what}")
        self.rule = rule
        self.what = what


class Ref(NamedTuple):
    """An entity of a closed list, as a value."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when the request has at least one of these classes."""

    classes: int


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds when the request has all of these classes."""

    classes: int


@dataclass(frozen=True, slots=True)
class Inverse:
    """Holds when the part does not."""

    part: "Held"


@dataclass(frozen=True, slots=True)
class Both:
    """Holds when both parts do."""

    one: "Held"
    other: "Held"


@dataclass(frozen=True, slots=True)
class Either:
    """Holds when one of the parts does."""

    one: "Held"
    other: "Held"


@dataclass(frozen=True, slots=True)
class _Classes:
    """The one value that stays open: the data classes of the request."""


Held: TypeAlias = AnyOf | AllOf | Inverse | Both | Either
Residual: TypeAlias = bool | Held
"""What is left of a condition: a truth, or a condition on the data classes."""
Value: TypeAlias = bool | int | str | Ref | frozenset["Value"] | _Classes | Held
_CLASSES = _Classes()
_TRUTHS = (bool, AnyOf, AllOf, Inverse, Both, Either)
_HELD = _TRUTHS[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standpoint:
    """Everything that a rule may ask about but the data classes: principal, resource and purpose filled in.

    `kind` is the resource's, `Destination` or `Place`.
    """

    principal: Mapping[str, Value]
    resource: Mapping[str, Value]
    kind: str
    purpose: str


_NOWHERE = Standpoint(principal={}, resource={}, kind="", purpose="")
"""Where constants are read."""

Fold: TypeAlias = Callable[[Standpoint], Residual]
_Read: TypeAlias = Callable[[Standpoint], Value]


def applies(rule: Rule, action: Action) -> bool:
    """Say whether a rule's scope takes an action. Raises NotFoldable for a scope that names somebody."""
    for part in ("principal", "resource"):
        scope = cast("Mapping[str, object]", rule.est[part])
        if scope["op"] not in {"All", "is"} or "in" in scope:
            raise NotFoldable(rule.id, f"its scope names a {part}")
    scope = cast("Mapping[str, object]", rule.est["action"])
    if scope["op"] == "All":
        return True
    named = cast("Sequence[Mapping[str, str]]", scope.get("entities") or [scope["entity"]])
    return action.value in {entity["id"] for entity in named}


def folding(rule: Rule) -> Fold:
    """Return the function from a standpoint to what is left of the rule. Both raise NotFoldable."""
    conditions = [
        (condition["kind"] == "when", _reader(rule, cast("Node", condition["body"])))
        for condition in cast("Sequence[Mapping[str, object]]", rule.est["conditions"])
    ]
    kinds = {
        part: cast("Mapping[str, object]", rule.est[part]).get("entity_type") for part in ("principal", "resource")
    }

    def fold(at: Standpoint) -> Residual:
        if kinds["principal"] not in {None, "Application"} or kinds["resource"] not in {None, at.kind}:
            return False
        left: Residual = True
        for when, read in conditions:
            part = _truth(rule, read(at))
            left = _both(left, part if when else _inverse(part))
        return left

    return fold


def compiled(residual: Held) -> Callable[[int], bool]:
    """Return the condition as a function of a subset of the data classes."""
    match residual:
        case AnyOf(classes=named):
            return lambda classes: classes & named != 0
        case AllOf(classes=named):
            return lambda classes: classes & named == named
        case Inverse(part=part):
            inner = compiled(part)
            return lambda classes: not inner(classes)
        case Both(one=one, other=other):
            left, right = compiled(one), compiled(other)
            return lambda classes: left(classes) and right(classes)
        case Either(one=one, other=other):
            left, right = compiled(one), compiled(other)
            return lambda classes: left(classes) or right(classes)


# ------------------------------------------------------------------ truths
def _truth(rule: Rule, value: Value) -> Residual:
    if isinstance(value, _TRUTHS):
        return value
    raise NotFoldable(rule.id, "a condition is no truth value")


def _inverse(part: Residual) -> Residual:
    return not part if isinstance(part, bool) else Inverse(part)


def _both(one: Residual, other: Residual) -> Residual:
    if isinstance(one, bool):
        return other if one else False
    if isinstance(other, bool):
        return one if other else False
    return Both(one, other)


def _either(one: Residual, other: Residual) -> Residual:
    if isinstance(one, bool):
        return True if one else other
    if isinstance(other, bool):
        return True if other else one
    return Either(one, other)


def _any_of(classes: int) -> Residual:
    return AnyOf(classes) if classes else False


def _all_of(classes: int) -> Residual:
    return AllOf(classes) if classes else True


# ------------------------------------------------------------------ expressions
def _reader(rule: Rule, node: Node) -> _Read:
    ((name, applied),) = node.items()
    if name == "Value":
        literal = literal_of(rule, applied)
        return lambda _: literal
    if name == "Set":
        members = [_reader(rule, part) for part in cast("Sequence[Node]", applied)]
        if _constant(node):
            constant = frozenset(literal_of(rule, part["Value"]) for part in cast("Sequence[Node]", applied))
            return lambda _: constant
        return lambda at: frozenset(read(at) for read in members)
    parts = cast("Mapping[str, Node]", applied)
    if name == ".":
        return _attribute(rule, parts)
    if name == "is":
        return _is(rule, parts)
    return _operated(rule, name, parts)


def _operated(rule: Rule, name: str, parts: Mapping[str, Node]) -> _Read:
    if name == "!":
        arg = _reader(rule, parts["arg"])
        return lambda at: _inverse(_truth(rule, arg(at)))
    if name not in {*_COMPARED, "&&", "||"}:
        raise NotFoldable(rule.id, f"`{name}` is not known")
    left, right = (_reader(rule, parts[side]) for side in ("left", "right"))
    if name in {"&&", "||"}:
        join = _both if name == "&&" else _either
        return lambda at: join(_truth(rule, left(at)), _truth(rule, right(at)))
    compare = _COMPARED[name]
    if _is_classes(parts["left"]) or _is_classes(parts["right"]):
        if _constant(parts["left"]) or _constant(parts["right"]):
            settled = _of_classes(rule, name, left(_NOWHERE), right(_NOWHERE))
            return lambda _: settled
        return lambda at: _of_classes(rule, name, left(at), right(at))

    def read(at: Standpoint) -> Value:
        found = compare(left(at), right(at))
        if found is None:
            raise NotFoldable(rule.id, f"`{name}` of values that the evaluator does not compare")
        return found

    return read


def _is_classes(node: Node) -> bool:
    parts = cast("Mapping[str, object]", node.get(".", {}))
    return parts.get("attr") == "classes" and cast("Mapping[str, str]", parts["left"]).get("Var") == "context"


def _constant(node: Node) -> bool:
    return "Value" in node or ("Set" in node and all("Value" in part for part in cast("Sequence[Node]", node["Set"])))


def literal_of(rule: Rule, value: object) -> bool | int | str | Ref:
    """Return a constant of a rule as a value. Raises NotFoldable."""
    if isinstance(value, bool | str | int):
        return value
    if isinstance(value, Mapping) and "__entity" in value:
        entity = value["__entity"]
        return Ref(str(entity["type"]), str(entity["id"]))
    raise NotFoldable(rule.id, "a value of a kind that rules do not have")


def _attribute(rule: Rule, parts: Mapping[str, object]) -> _Read:
    base = cast("Mapping[str, str]", parts["left"]).get("Var")
    name = str(parts["attr"])
    if base == "context" and name == "classes":
        return lambda _: _CLASSES
    if base == "context" and name == "purpose":
        return lambda at: at.purpose
    unknown = NotFoldable(rule.id, f"asks about `{base}.{name}`, which the evaluator does not know")
    if base not in {"principal", "resource"}:
        raise unknown
    of_principal = base == "principal"

    def read(at: Standpoint) -> Value:
        of = at.principal if of_principal else at.resource
        if name not in of:
            raise unknown
        return of[name]

    return read


def _is(rule: Rule, parts: Mapping[str, object]) -> _Read:
    base = cast("Mapping[str, str]", parts["left"]).get("Var")
    if base not in {"principal", "resource"} or "in" in parts:
        raise NotFoldable(rule.id, "`is` of something else than the principal or the resource")
    kind = parts["entity_type"]
    return lambda at: kind == ("Application" if base == "principal" else at.kind)


# ------------------------------------------------------------------ comparisons
def _same(one: Value, other: Value) -> bool | None:
    if isinstance(one, _HELD) or isinstance(other, _HELD):
        return None
    return type(one) is type(other) and one == other


def _differs(one: Value, other: Value) -> bool | None:
    same = _same(one, other)
    return None if same is None else not same


def _ordered(order: Callable[[int, int], bool]) -> Callable[[Value, Value], bool | None]:
    def compare(one: Value, other: Value) -> bool | None:
        # a truth is a number too: asked for by its type
        return order(one, other) if type(one) is int and type(other) is int else None

    return compare


def _contains(one: Value, other: Value) -> bool | None:
    return other in one if isinstance(one, frozenset) else None


def _contains_all(one: Value, other: Value) -> bool | None:
    return one >= other if isinstance(one, frozenset) and isinstance(other, frozenset) else None


def _contains_any(one: Value, other: Value) -> bool | None:
    return not one.isdisjoint(other) if isinstance(one, frozenset) and isinstance(other, frozenset) else None


_COMPARED: Mapping[str, Callable[[Value, Value], bool | None]] = {
    "==": _same,
    "!=": _differs,
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "contains": _contains,
    "containsAll": _contains_all,
    "containsAny": _contains_any,
}
"""What each comparison says of two values; None for values that it does not compare."""


def _of_classes(rule: Rule, name: str, left: Value, right: Value) -> Residual:
    """Return what is left of a comparison with the open set of data classes."""
    if isinstance(left, _Classes) and name == "contains":
        return _any_of(_bit(rule, right))
    if name in {"containsAny", "containsAll"}:
        other = right if isinstance(left, _Classes) else left
        if isinstance(other, frozenset):
            named = sum(_bit(rule, one) for one in other)
            if name == "containsAny":
                return _any_of(named)
            return _all_of(named) if isinstance(left, _Classes) else _inverse(_any_of(EVERY & ~named))
    raise NotFoldable(rule.id, f"`{name}` with the set of data classes")


def _bit(rule: Rule, value: Value) -> int:
    if isinstance(value, Ref) and value.kind == "DataClass":
        return BITS[DataClass(value.name)]
    raise NotFoldable(rule.id, "compares data classes with something else")
