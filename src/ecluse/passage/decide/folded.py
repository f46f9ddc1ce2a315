"""The rules folded for each caller class and each kind of destination: what decides, microseconds a question.

Law: it answers what Cedar would, or it raises; `agreement` holds it against Cedar before it decides anything. What it
remembers follows from its keys alone, so the passage stays deterministic.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from ecluse.domain.caller import Purpose
from ecluse.domain.destination import Destination, Established, Place
from ecluse.domain.finding import DataClass
from ecluse.domain.party import ProviderId
from ecluse.domain.verdict import Action, RuleId
from ecluse.passage.decide.memo import Memo
from ecluse.passage.decide.question import Fired, Standing
from ecluse.passage.decide.residual import (
    BITS,
    EVERY,
    AnyOf,
    Ref,
    Residual,
    Standpoint,
    Value,
    applies,
    compiled,
    folding,
)
from ecluse.passage.decide.rules import Rule

SUBSETS = 4_096
"""Sets of data classes remembered for one caller class and one kind of destination."""
VIEWS = 512
"""Caller classes, each with an action and a purpose, that are kept folded."""
PERCENT = 100
_ALWAYS = EVERY + 1
"""The bit that every subset has, and that stands for no class: what holds always asks for it."""

Facts: TypeAlias = tuple[ProviderId | None, frozenset[Established], int]
"""What rules can tell of a destination, or of a place, which has no provider."""


class Column(Memo[int, Fired]):
    """What is left of every rule for one caller class and some destinations or places: what fires, by subset."""

    __slots__ = ("_forbids", "_permits")

    def __init__(self, left: Iterable[tuple[Rule, Residual]]) -> None:
        super().__init__(SUBSETS)
        tests = sorted(((rule, *_test(condition)) for rule, condition in left), key=lambda part: part[0].id)
        self._permits = [(rule.id, named, other) for rule, named, other in tests if rule.permits]
        self._forbids = [(rule.id, named, other) for rule, named, other in tests if not rule.permits]

    def __missing__(self, classes: int) -> Fired:
        """Ask the rules about a subset never seen."""
        fired = Fired(_held(self._permits, classes), _held(self._forbids, classes))
        self.put(classes, fired)
        return fired


class View(dict[Facts, Column]):
    """The columns of one caller class for one action and purpose, by facts; they are folded as they are asked for.

    Destinations that no rule tells apart for this caller share a column.
    """

    __slots__ = ("_alike", "_fold")

    def __init__(self, fold: Callable[[Facts], tuple[tuple[Rule, Residual], ...]]) -> None:
        super().__init__()
        self._fold = fold
        self._alike: dict[tuple[tuple[RuleId, Residual], ...], Column] = {}

    def __missing__(self, facts: Facts) -> Column:
        """Fold the rules for facts never seen. Raises NotFoldable, and ValueError for an unknown fact."""
        left = self._fold(facts)
        key = tuple((rule.id, condition) for rule, condition in left)
        column = self[facts] = self._alike.setdefault(key, Column(left))
        return column


class Folded:
    """The rules of a snapshot. Raises NotFoldable for a rule that the evaluator does not know."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        folds = [(rule, folding(rule)) for rule in rules]
        self._of = {action: [part for part in folds if applies(part[0], action)] for action in Action}
        self._views: Memo[tuple[Standing, Action, Purpose], View] = Memo(VIEWS)
        for action in Action:  # what only shows when a rule is folded is found at load
            nothing: Facts = (None if action is Action.HOLD else ProviderId(""), frozenset(), PERCENT)
            self.view(Standing.nobody(), action, Purpose(""))[nothing]

    def view(self, caller: Standing, action: Action, purpose: Purpose) -> View:
        """Return the columns of one caller class; they are folded as they are asked for."""
        key = (caller, action, purpose)
        view = self._views.get(key)
        if view is None:
            view = View(partial(self._fold, _principal(caller), action, purpose))
            self._views.put(key, view)
        return view

    def _fold(
        self, principal: Mapping[str, Value], action: Action, purpose: Purpose, facts: Facts
    ) -> tuple[tuple[Rule, Residual], ...]:
        kind = "Place" if facts[0] is None else "Destination"
        at = Standpoint(principal=principal, resource=_resource(facts), kind=kind, purpose=purpose)
        folded = [(rule, fold(at)) for rule, fold in self._of[action]]
        return tuple((rule, left) for rule, left in folded if left is not False)


def subset(classes: Iterable[DataClass]) -> int:
    """Return data classes as a subset. Raises KeyError for what is none."""
    return sum(BITS[data_class] for data_class in classes)


def facts_of(thing: Destination | Place) -> Facts:
    """Return what rules can tell of a destination or place; those with the same facts are one kind."""
    provider = thing.provider if isinstance(thing, Destination) else None
    return provider, thing.established, thing.non_eu_share_max


def _principal(caller: Standing) -> Mapping[str, Value]:
    return {
        "kind": Ref("CallerKind", caller.kind.value),
        "care": caller.care,
        "analyses": frozenset(Ref("Analysis", kind.value) for kind in caller.analyses),
        "contracts": frozenset(Ref("Provider", name) for name in caller.contracts),
        "purposes": frozenset(str(purpose) for purpose in caller.purposes),
    }


def _resource(facts: Facts) -> Mapping[str, Value]:
    provider, established, share = facts
    if type(share) is not int:
        raise ValueError("a fact is missing")
    resource: dict[str, Value] = {
        "established": frozenset(Ref("Established", Established(fact).value) for fact in established),
        "non_eu_share_max": share,
    }
    return resource if provider is None else {**resource, "provider": Ref("Provider", provider)}


def _test(condition: Residual) -> tuple[int, Callable[[int], bool] | None]:
    """Return the classes of which one is enough, and what else the condition is: nearly all are of the first kind."""
    if isinstance(condition, bool):
        return (_ALWAYS if condition else 0), None
    return (condition.classes, None) if isinstance(condition, AnyOf) else (0, compiled(condition))


def _held(tests: Iterable[tuple[RuleId, int, Callable[[int], bool] | None]], classes: int) -> tuple[RuleId, ...]:
    having = classes | _ALWAYS
    return tuple([id_ for id_, named, other in tests if named & having or (other is not None and other(classes))])
