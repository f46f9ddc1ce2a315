"""More data classes never widen a permit, asked of Cedar itself on the text of the rules, past our own code."""

import json
from functools import cache
from itertools import combinations
from typing import Any

import cedarpy
import hypothesis.strategies as st
from hypothesis import given, settings

from ecluse.domain.caller import AnalysisKind, CallerKind
from ecluse.domain.destination import DestinationId, Established
from ecluse.domain.finding import DataClass
from ecluse.domain.verdict import Choice
from ecluse.packs import policies
from ecluse.passage.decide.lint import statement_spans
from tests.passage.decide.world import caller, destinations, question, rulebook

SOURCES = policies.load()
SCHEMA = cedarpy.Schema.from_str(SOURCES.schema)
EVERYBODYS = [
    statement
    for text in SOURCES.policies.values()
    for _, statement in statement_spans(text)
    if "forbid" in statement or "permit" in statement
    if "@opt_in" not in statement
]
"""The rules that hold for every organisation; with those that one may ask for, hardly anything is permitted."""
RULES = cedarpy.PolicySet.from_str("\n".join(EVERYBODYS))
CLASSES = tuple(DataClass)
CALLERS = ("ministry", "hospital", "region", "bank")


def ref(kind: str, name: str) -> dict[str, Any]:
    return {"__entity": {"type": kind, "id": name}}


def refs(kind: str, names: Any) -> list[dict[str, Any]]:
    return [ref(kind, str(name)) for name in names]


def principal(kind: str, analyses: Any, contracts: Any, *, care: bool) -> dict[str, Any]:
    attributes = {
        "kind": ref("CallerKind", kind),
        "contracts": refs("Provider", contracts),
        "purposes": ["drafting"],
        "analyses": refs("Analysis", analyses),
        "care": care,
    }
    return {"uid": {"type": "Application", "id": "a"}, "parents": [], "attrs": attributes}


def resource(provider: str, established: Any, share: int, name: str = "d") -> dict[str, Any]:
    attributes = {
        "provider": ref("Provider", provider),
        "established": refs("Established", established),
        "non_eu_share_max": share,
    }
    return {"uid": {"type": "Destination", "id": name}, "parents": [], "attrs": attributes}


def allowed(entities: cedarpy.Entities, names: list[str], sets: list[frozenset[DataClass]]) -> dict[Any, bool]:
    keys = [(name, classes) for name in names for classes in sets]
    requests = [
        {
            "principal": {"type": "Application", "id": "a"},
            "action": {"type": "Action", "id": "infer"},
            "resource": {"type": "Destination", "id": name},
            "context": {"classes": refs("DataClass", classes), "purpose": "drafting"},
        }
        for name, classes in keys
    ]
    results = cedarpy.is_authorized_batch(requests, RULES, entities, SCHEMA)
    assert not any(result.diagnostics.errors for result in results)
    return {key: result.allowed for key, result in zip(keys, results, strict=True)}


@cache
def native(name: str) -> cedarpy.Entities:
    application = caller(name)
    entities = [
        principal(
            application.organisation.kind,
            [analysis.kind for analysis in application.analyses],
            application.organisation.contracts,
            care=application.care,
        ),
        *(resource(d.provider, d.established, d.non_eu_share_max, d.id) for d in destinations().values()),
    ]
    return cedarpy.Entities.from_json_str(json.dumps(entities), SCHEMA)


DISTINCT = sorted({(d.established, d.non_eu_share_max): str(id_) for id_, d in destinations().items()}.values())
"""One destination for each different set of facts: the rules know nothing else of it."""
SMALL = [frozenset(classes) for size in (0, 1, 2) for classes in combinations(CLASSES, size)]


def test_a_second_class_never_opens_what_the_first_closed() -> None:
    """Every pair of classes, every set of facts on record, four callers."""
    for name in CALLERS:
        open_ = allowed(native(name), DISTINCT, SMALL)
        assert [
            (name, id_, sorted(classes))
            for (id_, classes), permitted in open_.items()
            if permitted and not all(open_[id_, classes - {one}] for one in classes)
        ] == []


def test_our_rulebook_says_what_cedar_says_of_the_text() -> None:
    for name in CALLERS:
        sets = SMALL[::5]
        open_ = allowed(native(name), DISTINCT, sets)
        choices = [Choice(destination=DestinationId(id_), masked=False) for id_ in DISTINCT]
        for classes in sets:
            rulings = rulebook().rule(question(caller(name), *classes, covered=()), choices)
            assert [r.permitted for r in rulings] == [open_[id_, classes] for id_ in DISTINCT]


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(CallerKind),
    analyses=st.sets(st.sampled_from(AnalysisKind)),
    contract=st.booleans(),
    care=st.booleans(),
    established=st.sets(st.sampled_from(Established)),
    share=st.integers(0, 100),
    classes=st.sets(st.sampled_from(CLASSES)),
    more=st.sampled_from(CLASSES),
    better=st.sampled_from([fact for fact in Established if fact is not Established.STATE_CLOUD]),
)
def test_whatever_the_facts_a_class_never_opens_and_a_fact_never_closes(
    kind: CallerKind,
    analyses: set[AnalysisKind],
    contract: bool,  # noqa: FBT001 - a drawn value
    care: bool,  # noqa: FBT001 - a drawn value
    established: set[Established],
    share: int,
    classes: set[DataClass],
    more: DataClass,
    better: Established,
) -> None:
    entities = [
        principal(kind, analyses, ["p"] if contract else [], care=care),
        resource("p", established, share),
        resource("p", {*established, better}, share, "better"),
    ]
    fewer, wider = frozenset(classes), frozenset({*classes, more})
    open_ = allowed(cedarpy.Entities.from_json_str(json.dumps(entities), SCHEMA), ["d", "better"], [fewer, wider])
    assert not open_["d", wider] or open_["d", fewer]
    assert not open_["d", wider] or open_["better", wider]


def test_no_permit_fires_exactly_when_no_base_rule_permits() -> None:
    for contracts in ([], ["scaleway"], ["azure", "mistral"]):
        asked = question(caller("company", contracts=contracts))
        choices = [Choice(destination=id_, masked=False) for id_ in destinations()]
        for ruling in rulebook().rule(asked, choices):
            assert ("base.no_permit" in {reason.rule for reason in ruling.reasons}) == (not ruling.permitted_by)
