"""The compiled rules at work: Cedar decides, and what errs refuses.

Law: Cedar skips a forbid that errs, so any error, any missing decision and any exception of the engine is
`policy_unavailable` and never a permit (INVARIANT 3). Modes are applied to what fired, so that the enforced rules alone
decide and the others are told; the floor knows no mode.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

import cedarpy

from ecluse.domain.destination import Destination, DestinationId, Place
from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import classes_after_masking
from ecluse.domain.verdict import Action, Choice, Mode, Question, Reason, RuleId, Ruling
from ecluse.passage.decide.question import Asked, Json, Standing, destination_entity, place_entity, standing
from ecluse.passage.decide.rules import Rule

NO_PERMIT = RuleId("base.no_permit")
"""The rule that says in words that no base rule permits."""

REMEMBERED = 20_000
"""Verdicts kept, the oldest dropped first."""

STANDINGS = 256
"""Callers' classes kept in the engine's own form."""

_ENGINE_ERRORS = (ValueError, TypeError, KeyError, AttributeError, RuntimeError)
"""What cedarpy raises, and what a malformed answer of it makes us raise."""

_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """Which rules hold for one question: the permits, and the forbids whatever their mode."""

    permits: tuple[RuleId, ...]
    forbids: tuple[RuleId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Rules and facts in Cedar's own form, parsed once."""

    schema: cedarpy.Schema
    every: cedarpy.PolicySet
    permits: cedarpy.PolicySet
    destinations: cedarpy.Entities


class _Memo(Generic[_K, _V]):
    """A bounded memory. What it holds follows from its key alone, so the passage stays deterministic."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[_K, _V] = {}

    def get(self, key: _K) -> _V | None:
        return self._kept.get(key)

    def put(self, key: _K, value: _V) -> None:
        if len(self._kept) >= self._most:
            self._kept.pop(next(iter(self._kept)), None)
        self._kept[key] = value


class CedarRulebook:
    """The rules over the facts of one day. Implements `domain.snapshot.Rulebook`."""

    def __init__(
        self,
        *,
        rules: Mapping[RuleId, Rule],
        engine: Engine,
        destinations: Mapping[DestinationId, Destination],
        today: date,
    ) -> None:
        self.rules = rules
        self._engine = engine
        self._destinations = destinations
        self._today = today
        self._fired: _Memo[tuple[Standing, Asked, object], Fired] = _Memo(REMEMBERED)
        self._entities: _Memo[Standing, cedarpy.Entities] = _Memo(STANDINGS)

    def rule(self, question: Question, choices: Sequence[Choice]) -> tuple[Ruling, ...]:
        """Rule on each choice, in the order given. Raises GatewayError when the engine cannot answer."""
        asked = [self._asked(question, choice) for choice in choices]
        fired = self._answers(standing(question, self._today), asked)
        return tuple(self._ruling(question, choice, one) for choice, one in zip(choices, fired, strict=True))

    def hold(self, question: Question, place: Place) -> tuple[Reason, ...]:
        """Return why `place` may not hold the data; reasons in another mode than enforce refuse nothing."""
        asked = Asked(
            kind="Place", name=place.id, action=Action.HOLD, purpose=question.purpose, classes=question.classes
        )
        (fired,) = self._answers(standing(question, self._today), [asked], place)
        reasons = self._reasons(question, fired.forbids)
        if not fired.permits and not any(reason.mode is Mode.ENFORCE for reason in reasons):
            return (self.rules[NO_PERMIT].reason, *reasons)
        return reasons

    def unchangeable(self, modes: Mapping[str, str]) -> tuple[str, ...]:
        """Name the rules among `modes` that have no mode to change: unknown ones, permits and the floor."""
        known = {id_ for id_, rule in self.rules.items() if not rule.permits and not rule.floor}
        return tuple(sorted(modes.keys() - known))

    def _asked(self, question: Question, choice: Choice) -> Asked:
        if choice.destination not in self._destinations:
            raise GatewayError("policy_unavailable", "a destination has no facts on record")
        covered = question.covered if choice.masked else frozenset()
        return Asked(
            kind="Destination",
            name=choice.destination,
            action=question.action,
            purpose=question.purpose,
            classes=classes_after_masking(question.classes, covered),
        )

    def _ruling(self, question: Question, choice: Choice, fired: Fired) -> Ruling:
        reasons = self._reasons(question, fired.forbids)
        enforced = tuple(reason for reason in reasons if reason.mode is Mode.ENFORCE)
        if not fired.permits and not enforced:
            enforced = (self.rules[NO_PERMIT].reason,)
        return Ruling(
            choice=choice,
            permitted=not enforced,
            permitted_by=fired.permits,
            reasons=enforced,
            observed=tuple(reason for reason in reasons if reason.mode is not Mode.ENFORCE),
        )

    def _reasons(self, question: Question, fired: Sequence[RuleId]) -> tuple[Reason, ...]:
        modes = question.application.organisation.modes
        try:
            return tuple(self.rules[id_].in_mode(modes.get(id_)) for id_ in fired)
        except ValueError as error:
            raise GatewayError("policy_unavailable", "a rule has a mode that does not exist") from error

    # ------------------------------------------------------------------ the engine
    def _answers(self, caller: Standing, asked: Sequence[Asked], place: Place | None = None) -> list[Fired]:
        told = None if place is None else (place.established, place.non_eu_share_max)
        known: dict[Asked, Fired] = {}
        for one in asked:
            remembered = self._fired.get((caller, one, told))
            if remembered is not None:
                known[one] = remembered
        missing = list(dict.fromkeys(one for one in asked if one not in known))
        if missing:
            try:
                found = self._evaluate(self._entities_of(caller, place), missing)
            except _ENGINE_ERRORS as error:
                raise GatewayError("policy_unavailable", "the engine of the rules failed") from error
            for one, fired in zip(missing, found, strict=True):
                known[one] = fired
                self._fired.put((caller, one, told), fired)
        return [known[one] for one in asked]

    def _entities_of(self, caller: Standing, place: Place | None) -> cedarpy.Entities:
        if place is not None:
            return cedarpy.Entities.from_json_str(json.dumps([caller.entity, place_entity(place)]), self._engine.schema)
        entities = self._entities.get(caller)
        if entities is None:
            entities = self._engine.destinations.with_added_json_str(json.dumps([caller.entity]), self._engine.schema)
            self._entities.put(caller, entities)
        return entities

    def _evaluate(self, entities: cedarpy.Entities, asked: Sequence[Asked]) -> list[Fired]:
        """Ask Cedar. Where a forbid decides it does not say which permits hold: those are asked again, alone."""
        requests = [one.request for one in asked]
        answers = self._ask(requests, self._engine.every, entities)
        closed = [index for index, (allowed, reasons) in enumerate(answers) if reasons and not allowed]
        alone = self._ask([requests[index] for index in closed], self._engine.permits, entities)
        permits = dict(zip(closed, (reasons for _, reasons in alone), strict=True))
        return [
            Fired(permits=reasons, forbids=()) if allowed else Fired(permits=permits.get(index, ()), forbids=reasons)
            for index, (allowed, reasons) in enumerate(answers)
        ]

    def _ask(
        self, requests: list[Json], policies: cedarpy.PolicySet, entities: cedarpy.Entities
    ) -> list[tuple[bool, tuple[RuleId, ...]]]:
        if not requests:
            return []
        results = cedarpy.is_authorized_batch(requests, policies, entities, self._engine.schema)
        answers: list[tuple[bool, tuple[RuleId, ...]]] = []
        for _, result in zip(requests, results, strict=True):
            if result.diagnostics.errors or result.decision is cedarpy.Decision.NoDecision:
                raise ValueError("Cedar reports an error, and would skip the rule that erred")
            reasons = tuple(sorted(RuleId(name) for name in result.diagnostics.reasons))
            if (result.allowed and not reasons) or not self.rules.keys() >= set(reasons):
                raise ValueError("Cedar names no rule of ours")
            answers.append((result.allowed, reasons))
        return answers


def engine(schema: cedarpy.Schema, rules: Sequence[Rule], destinations: Mapping[DestinationId, Destination]) -> Engine:
    """Parse rules and facts into Cedar's own form. Raises ValueError for facts that the schema does not have."""
    facts = json.dumps([destination_entity(destination) for destination in destinations.values()])
    return Engine(
        schema=schema,
        every=_policy_set(rules),
        permits=_policy_set([rule for rule in rules if rule.permits]),
        destinations=cedarpy.Entities.from_json_str(facts, schema),
    )


def _policy_set(rules: Sequence[Rule]) -> cedarpy.PolicySet:
    est = {"templates": {}, "templateLinks": [], "staticPolicies": {rule.id: rule.est for rule in rules}}
    return cedarpy.PolicySet.from_json_str(json.dumps(est))
