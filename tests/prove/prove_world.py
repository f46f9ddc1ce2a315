"""The shipped facts and rules of one fixed day as `prove` sees them, and ways to write them wrong."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import cedarpy

from ecluse.cli.facts import graph_of, perimeters_of, places_of, record_of
from ecluse.domain.destination import Destination, DestinationId, Place
from ecluse.domain.verdict import Basis, Mode, Reason, RuleId
from ecluse.packs import invariants, policies
from ecluse.packs.registry import Registry, establish, load
from ecluse.passage.decide import Rule, compile_rules
from ecluse.passage.decide.cedar import engine as cedar_engine
from ecluse.passage.decide.rulebook import CedarRulebook
from ecluse.passage.decide.rules import read_rules
from ecluse.prove.confirm import Engine
from ecluse.prove.grounds import Ungrounded, ungrounded

TODAY = date(2026, 11, 24)
SOURCES = policies.load()
SCHEMA = cedarpy.Schema.from_str(SOURCES.schema)
FEW = (
    "albert/state/mistral-small-3.2", "aws/us-east-1/mistral-large-3", "deepseek/api/deepseek-v4.1-flash",
    "mistral/eu/mistral-large-3", "outscale/own-vm/mistral-small-4", "scaleway/generative-apis/mistral-medium-3.5",
    "self_hosted/own_premises/smollm2-135m",
)  # fmt: skip


@cache
def registry() -> Registry:
    return load()


@cache
def destinations(day: date = TODAY) -> Mapping[DestinationId, Destination]:
    return establish(registry(), day)


@cache
def few() -> Mapping[DestinationId, Destination]:
    return {id_: one for id_, one in destinations().items() if id_ in FEW}


@cache
def places() -> Mapping[str, Place]:
    return places_of(registry(), TODAY)


@cache
def shipped_invariants() -> tuple[Rule, ...]:
    return tuple(
        rule for name, text in invariants.load().items() for rule in read_rules(name, text, SOURCES.schema, SCHEMA)
    )


def engine(
    texts: Mapping[str, str] | None = None, *, among: Mapping[DestinationId, Destination] | None = None
) -> Engine:
    """Return an engine over the shipped rules, some packs written otherwise, over a few destinations."""
    known = few() if among is None else among
    sources = {**SOURCES.policies, **(texts or {})}
    rulebook = compile_rules(SOURCES.schema, sources, destinations=known, today=TODAY)
    held = {
        name: place for name, place in places().items() if name in {"own_premises (FR)", "unknown", "azure_public (US)"}
    }
    return Engine(rulebook=rulebook, schema=SCHEMA, destinations=known, places=held, today=TODAY)


def unlinted(*rules: Rule) -> Engine:
    """Return an engine over rules that no check of the packs has seen."""
    known = few()
    rulebook = CedarRulebook(
        rules={rule.id: rule for rule in rules},
        engine=cedar_engine(SCHEMA, rules, known),
        destinations=known,
        today=TODAY,
    )
    return Engine(rulebook=rulebook, schema=SCHEMA, destinations=known, places={}, today=TODAY)


def raw(id_: str, text: str) -> Rule:
    """Return a rule from its text alone, past every check of the packs."""
    (est,) = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"].values()
    return of_est(id_, est)


def of_est(id_: str, est: Mapping[str, Any]) -> Rule:
    reason = Reason(rule=RuleId(id_), en="A.", fr="A.", source="test", basis=Basis.HOUSE, mode=Mode.ENFORCE)
    return Rule(reason=reason, permits=est["effect"] == "permit", floor=False, pack="test", line=1, est=est)


def changed(pack: str, old: str, new: str, *, count: int = 1) -> dict[str, str]:
    """Return a pack in which some words stand otherwise."""
    text = SOURCES.policies[pack]
    assert text.count(old) >= count
    return {pack: text.replace(old, new)}


def without_class(pack: str, rule: str, data_class: str) -> dict[str, str]:
    """Return a pack in which one rule lost one data class."""
    text = SOURCES.policies[pack]
    start = text.index(f'@id("{rule}")')
    stop = text.index(";\n", start)
    body = text[start:stop]
    less = body.replace(f', DataClass::"{data_class}"', "", 1)
    assert less != body
    return {pack: text[:start] + less + text[stop:]}


def faults(found: Iterable[Destination], day: date = TODAY) -> list[Ungrounded]:
    """Return the facts that the record does not bear out."""
    graph, perimeters = graph_of(registry()), perimeters_of(registry(), day)
    return [f for one in found for f in ungrounded(one, record_of(registry(), one), graph, perimeters, day)]


def but(id_: str, **facts: Any) -> Destination:
    """Return a shipped destination of which something is said otherwise."""
    return replace(destinations()[DestinationId(id_)], **facts)
