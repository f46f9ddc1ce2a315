"""Rules with one thing of them written otherwise, to show that an evaluator follows what is written.

Law: a mutant is never loaded to decide; it may contradict everything that `lint` and `polarity` ask of a rule.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from ecluse.domain.caller import AnalysisKind, CallerKind
from ecluse.domain.destination import Established
from ecluse.domain.finding import DataClass
from ecluse.passage.decide.rules import Rule

SWAPS = {
    "&&": "||", "||": "&&", "containsAny": "containsAll", "containsAll": "containsAny", ">": "<=",
    "==": "!=", "!=": "==",
}  # fmt: skip
"""Operators, and what to write instead."""

LISTS: dict[str, list[str]] = {
    "DataClass": [c.value for c in DataClass],
    "Established": [e.value for e in Established],
    "Analysis": [a.value for a in AnalysisKind],
    "CallerKind": [k.value for k in CallerKind],
}
TURNED, NEGATED, PERCENT = 2, 4, 100


_Spot: TypeAlias = tuple[Any, Any]
"""A place of an expression: what holds it, and its key there."""


def mutant(rule: Rule, draw: np.random.Generator) -> Rule | None:
    """Write one thing of a rule otherwise: an operator, a constant, a member less, a condition turned round."""
    est = json.loads(json.dumps(rule.est))
    if not est["conditions"]:
        return None
    condition = est["conditions"][int(draw.integers(len(est["conditions"])))]
    chance = int(draw.integers(10))
    if chance < TURNED:
        condition["kind"] = "when" if condition["kind"] == "unless" else "unless"
    elif chance < NEGATED:
        condition["body"] = {"!": {"arg": condition["body"]}}
    else:
        found = list(_spots(condition["body"]))
        if not found:
            return None
        _change(found[int(draw.integers(len(found)))], draw)
    return replace(rule, est=est)


def _change(spot: _Spot, draw: np.random.Generator) -> None:
    holder, key = spot
    if isinstance(key, int):
        if len(holder) > 1:
            holder.pop(key)
    elif key == "Value":
        value = holder["Value"]
        if isinstance(value, dict) and value["__entity"]["type"] in LISTS:
            words = LISTS[value["__entity"]["type"]]
            value["__entity"]["id"] = words[int(draw.integers(len(words)))]
        elif type(value) is int:
            holder["Value"] = int(draw.integers(PERCENT))
    else:
        holder[SWAPS[key]] = holder.pop(key)


def _spots(node: object) -> Iterator[_Spot]:
    """Iterate over every place of an expression that can be written otherwise."""
    if isinstance(node, list):
        for index, part in enumerate(node):
            yield node, index
            yield from _spots(part)
    elif isinstance(node, dict):
        for operator, applied in node.items():
            if operator in SWAPS or operator == "Value":
                yield node, operator
            if isinstance(applied, list) and operator != "Value":
                yield from _spots(applied)
            elif isinstance(applied, dict) and operator != "Value":
                for part in applied.values():
                    yield from _spots(part)
