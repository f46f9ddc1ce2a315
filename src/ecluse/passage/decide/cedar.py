"""Cedar itself: the reference that decides until the folded rules agree with it, and that they are checked against.

Law: Cedar skips a forbid that errs, so any error, any missing decision and any exception of the engine is raised and
never a permit (INVARIANT 3).
"""

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import cedarpy

from ecluse.domain.destination import Destination, DestinationId, Place
from ecluse.domain.verdict import RuleId
from ecluse.passage.decide.memo import Memo
from ecluse.passage.decide.question import (
    Asked,
    Fired,
    Json,
    Standing,
    destination_entity,
    keeper_entity,
    place_entity,
)
from ecluse.passage.decide.rules import Rule

STANDINGS = 256
"""Callers' classes kept in the engine's own form."""

ENGINE_ERRORS = (ValueError, TypeError, KeyError, AttributeError, RuntimeError)
"""What cedarpy raises, and what a malformed answer of it makes us raise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Rules and facts in Cedar's own form, parsed once."""

    schema: cedarpy.Schema
    rules: AbstractSet[RuleId]
    every: cedarpy.PolicySet
    permits: cedarpy.PolicySet
    destinations: cedarpy.Entities


class Cedar:
    """Asks Cedar which rules hold. Raises one of ENGINE_ERRORS when it cannot answer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._entities: Memo[Standing, cedarpy.Entities] = Memo(STANDINGS)

    @property
    def schema(self) -> cedarpy.Schema:
        """What rules may speak of."""
        return self._engine.schema

    def fired(self, caller: Standing, asked: Sequence[Asked], place: Place | None = None) -> list[Fired]:
        """Return which rules hold for each question about destinations, or about one place."""
        entities = self._entities.get(caller) if place is None else None
        if entities is None:
            entities = self.entities(caller, place)
            if place is None:
                self._entities.put(caller, entities)
        return self.evaluate(entities, asked)

    def entities(self, caller: Standing, place: Place | None) -> cedarpy.Entities:
        """Return a caller, and a place or every destination, in Cedar's own form."""
        if place is not None:
            told = [caller.entity, place_entity(place), keeper_entity(place)]
            return cedarpy.Entities.from_json_str(json.dumps(told), self._engine.schema)
        return self._engine.destinations.with_added_json_str(json.dumps([caller.entity]), self._engine.schema)

    def evaluate(self, entities: cedarpy.Entities, asked: Sequence[Asked]) -> list[Fired]:
        """Ask. Where a forbid decides Cedar does not say which permits hold: those are asked again, alone."""
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
            if (result.allowed and not reasons) or not self._engine.rules >= set(reasons):
                raise ValueError("Cedar names no rule of ours")
            answers.append((result.allowed, reasons))
        return answers


def engine(schema: cedarpy.Schema, rules: Sequence[Rule], destinations: Mapping[DestinationId, Destination]) -> Engine:
    """Parse rules and facts into Cedar's own form. Raises ValueError for facts that the schema does not have."""
    facts = json.dumps([destination_entity(destination) for destination in destinations.values()])
    return Engine(
        schema=schema,
        rules=frozenset(rule.id for rule in rules),
        every=_policy_set(rules),
        permits=_policy_set([rule for rule in rules if rule.permits]),
        destinations=cedarpy.Entities.from_json_str(facts, schema),
    )


def _policy_set(rules: Sequence[Rule]) -> cedarpy.PolicySet:
    est = {"templates": {}, "templateLinks": [], "staticPolicies": {rule.id: rule.est for rule in rules}}
    return cedarpy.PolicySet.from_json_str(json.dumps(est))
