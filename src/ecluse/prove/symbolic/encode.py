"""Rules as formulas over every fact that they may speak of, none of which is filled in.

Law: written apart from the evaluator that decides, over the same JSON form of Cedar; a construct that is not known is
refused. A destination is any set of facts that `LAWS` allows: those follow from one another however established.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias, cast

import z3

from ecluse.domain.caller import AnalysisKind, CallerKind
from ecluse.domain.destination import Established
from ecluse.domain.finding import DataClass
from ecluse.domain.verdict import Action
from ecluse.passage.decide.lint import Node
from ecluse.passage.decide.rules import Rule
from ecluse.prove.residual import NotProvable, applies

Formula: TypeAlias = Any
"""A z3 expression; the library has no types."""
E = Established

LAWS: Sequence[tuple[Established, frozenset[Established]]] = (
    (E.OPERATED_BY_CALLER, frozenset({E.NO_TRAINING, E.NO_RETENTION})),  # first: of destinations alone
    (E.ON_OWN_PREMISES, frozenset({E.OPERATED_BY_CALLER})),
    (E.PROCESSING_IN_EU, frozenset({E.PROCESSING_IN_EEA})),
    (E.PROCESSING_IN_EEA, frozenset({E.PROCESSING_IN_ADEQUATE})),
    (E.KEPT_IN_ADEQUATE, frozenset({E.KEPT_STATED})),
    (E.KEPT_UNDER_HDS, frozenset({E.KEPT_STATED})),
    (E.SECNUMCLOUD, frozenset({E.PROCESSING_IN_EU, E.EU_CONTROL})),
    (E.SEAL_4, frozenset({E.SEAL_3})),
    (E.SEAL_3, frozenset({E.SEAL_2})),
    (E.SEAL_2, frozenset({E.SEAL_1})),
)
"""A fact, and those that hold wherever it does. Tested against every destination on record, on many days."""
QUALIFIED_SHARE = 39
"""Percent: what can at most be held from outside of a qualified provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The open facts of one action's question, by what rules call them."""

    action: Action
    classes: Mapping[str, Formula]
    established: Mapping[str, Formula]
    analyses: Mapping[str, Formula]
    kinds: Mapping[str, Formula]
    care: Formula
    contract: Formula
    purpose: Formula
    share: Formula

    @property
    def every(self) -> list[Formula]:
        """Every truth that is open, for an example with as few as possible."""
        groups = (self.classes, self.established, self.analyses)
        return [*(one for group in groups for one in group.values()), self.care, self.contract]


def words(action: Action) -> Words:
    """Return fresh words for an action. Places have nothing that the caller contracts for."""

    def truths(prefix: str, names: Iterable[str]) -> dict[str, Formula]:
        return {name: z3.Bool(f"{prefix}.{name}") for name in names}

    return Words(
        action=action,
        classes=truths("class", DataClass),
        established=truths("established", Established),
        analyses=truths("analysis", AnalysisKind),
        kinds=truths("kind", CallerKind),
        care=z3.Bool("care"),
        contract=z3.Bool("contract"),
        purpose=z3.Bool("purpose"),
        share=z3.Int("share"),
    )


def possible(of: Words) -> Formula:
    """Return what holds of any question: one kind of caller, and what follows among facts."""
    kinds = list(of.kinds.values())
    parts = [z3.PbEq([(kind, 1) for kind in kinds], 1), of.share >= 0, of.share <= 100]  # noqa: PLR2004 - percent
    for fact, others in LAWS[1:] if of.action is Action.HOLD else LAWS:
        parts += [z3.Implies(of.established[fact], of.established[other]) for other in others]
    for fact, most in ((E.SECNUMCLOUD, QUALIFIED_SHARE), (E.ON_OWN_PREMISES, 0)):
        parts.append(z3.Implies(of.established[fact], of.share <= most))
    return z3.And(parts)


def fires(rule: Rule, of: Words) -> Formula:
    """Return when a rule fires. Raises NotProvable."""
    if not applies(rule, of.action):
        return z3.BoolVal(val=False)
    kind = "Place" if of.action is Action.HOLD else "Destination"
    parts: list[Formula] = []
    for part, its in (("principal", "Application"), ("resource", kind)):
        scope = cast("Mapping[str, object]", rule.est[part])
        if scope["op"] == "is" and scope["entity_type"] != its:
            return z3.BoolVal(val=False)
    for condition in cast("Sequence[Mapping[str, object]]", rule.est["conditions"]):
        holds = _truth(rule, cast("Node", condition["body"]), of)
        parts.append(holds if condition["kind"] == "when" else z3.Not(holds))
    return z3.And(parts) if parts else z3.BoolVal(val=True)


def permitted(rules: Iterable[Rule], of: Words) -> Formula:
    """Return when the rules permit: one permit fires and no forbid."""
    known = list(rules)
    permits = [fires(rule, of) for rule in known if rule.permits]
    forbids = [fires(rule, of) for rule in known if not rule.permits]
    return z3.And(z3.Or(permits), z3.Not(z3.Or(forbids)))


# ------------------------------------------------------------------ expressions
_ORDERS: Mapping[str, Callable[[Formula, Formula], Formula]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _truth(rule: Rule, node: Node, of: Words) -> Formula:
    ((name, applied),) = node.items()
    if name == "Value" and isinstance(applied, bool):
        return z3.BoolVal(applied)
    parts = cast("Mapping[str, Node]", applied)
    if name == "." and _path(node) == "principal.care":
        return of.care
    if name == "!":
        return z3.Not(_truth(rule, parts["arg"], of))
    if name in {"&&", "||"}:
        sides = [_truth(rule, parts[side], of) for side in ("left", "right")]
        return z3.And(sides) if name == "&&" else z3.Or(sides)
    return _compared(rule, name, parts, of)


def _compared(rule: Rule, name: str, parts: Mapping[str, Node], of: Words) -> Formula:
    if name in _ORDERS:
        return _ORDERS[name](_number(rule, parts["left"], of), _number(rule, parts["right"], of))
    if name in {"==", "!="}:
        same = _same(rule, parts["left"], parts["right"], of)
        return same if name == "==" else z3.Not(same)
    if name == "contains":
        return _contains(rule, parts["left"], parts["right"], of)
    if name in {"containsAny", "containsAll"}:
        return _among(rule, name, parts["left"], parts["right"], of)
    raise NotProvable(rule.id, f"`{name}` is not known to the symbolic proof")


def _number(rule: Rule, node: Node, of: Words) -> Formula:
    value = node.get("Value")
    if type(value) is int:
        return z3.IntVal(value)
    if _path(node) == "resource.non_eu_share_max":
        return of.share
    raise NotProvable(rule.id, "compares something that is no share")


def _same(rule: Rule, left: Node, right: Node, of: Words) -> Formula:
    for one, other in ((left, right), (right, left)):
        if _path(one) == "principal.kind" and (name := _entity(other)):
            return of.kinds[name]
    raise NotProvable(rule.id, "`==` of something else than the caller's kind")


def _sets(of: Words) -> Mapping[str, Mapping[str, Formula]]:
    return {
        "context.classes": of.classes,
        "resource.established": of.established,
        "principal.analyses": of.analyses,
    }


def _contains(rule: Rule, left: Node, right: Node, of: Words) -> Formula:
    held, asked = _path(left), _path(right)
    if (held, asked) == ("principal.contracts", "resource.provider"):
        return of.contract
    if (held, asked) == ("principal.purposes", "context.purpose"):
        return of.purpose
    if asked == "principal.kind" and "Set" in left:
        return z3.Or([of.kinds[one] for one in _entities(rule, left)])
    if held in _sets(of) and (name := _entity(right)):
        return _sets(of)[held][name]
    raise NotProvable(rule.id, "`contains` of values that the symbolic proof does not compare")


def _among(rule: Rule, name: str, left: Node, right: Node, of: Words) -> Formula:
    """Compare an open set with named members, whichever stands left."""
    sets, join = _sets(of), z3.Or if name == "containsAny" else z3.And
    if (held := _path(left)) in sets and "Set" in right:
        return join([sets[held][one] for one in _entities(rule, right)])
    if (asked := _path(right)) in sets and "Set" in left:
        named = _entities(rule, left)
        if name == "containsAny":
            return join([sets[asked][one] for one in named])
        return join([z3.Not(truth) for one, truth in sets[asked].items() if one not in named])
    raise NotProvable(rule.id, f"`{name}` of values that the symbolic proof does not compare")


def _path(node: Node) -> str:
    if "." not in node:
        return ""
    parts = cast("Mapping[str, object]", node["."])
    return f"{cast('Mapping[str, str]', parts['left']).get('Var')}.{parts['attr']}"


def _entity(node: Node) -> str | None:
    value = node.get("Value")
    return str(value["__entity"]["id"]) if isinstance(value, Mapping) and "__entity" in value else None


def _entities(rule: Rule, node: Node) -> list[str]:
    found = [_entity(part) for part in cast("Sequence[Node]", node["Set"])]
    if None in found:
        raise NotProvable(rule.id, "a list with something else than entities")
    return [name for name in found if name is not None]


def with_class(formula: Formula, of: Words, data_class: DataClass, *, there: bool) -> Formula:
    """Return the formula with one data class there, or not."""
    return z3.substitute(formula, (of.classes[data_class], z3.BoolVal(val=there)))


def any_of(formulas: Iterable[Formula]) -> Formula:
    """Return when one of the formulas holds."""
    return reduce(z3.Or, formulas, z3.BoolVal(val=False))
