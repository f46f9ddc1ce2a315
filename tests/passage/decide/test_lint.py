"""Planted traps: a rule that would permit by accident, or would not say why, does not load and says what to write."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ecluse.domain.caller import AnalysisKind, CallerKind
from ecluse.domain.destination import Established
from ecluse.domain.finding import DataClass
from ecluse.packs import policies
from ecluse.passage.decide import RuleRefused, compile_rules, read_packs
from ecluse.passage.decide.lint import statement_lines
from tests.passage.decide.world import TODAY, destinations

TRAPS = tomllib.loads(Path(__file__).with_name("traps.toml").read_text(encoding="utf-8"))["traps"]
ANNOTATED = (
    '@id("planted.rule") @reason("a sentence") @reason_fr("une phrase")'
    ' @source("a text") @basis("law") @mode("enforce")'
)
SOURCES = policies.load()


def load(text: str, *, schema: str = SOURCES.schema, pack: str = "planted") -> None:
    read_packs(schema, {**SOURCES.policies, pack: text})


@pytest.mark.parametrize("trap", TRAPS, ids=[trap["name"] for trap in TRAPS])
def test_a_planted_trap_refuses_to_load(trap: dict[str, Any]) -> None:
    with pytest.raises(RuleRefused) as raised:
        load(trap["text"].replace("ANNOTATED", ANNOTATED))
    assert (raised.value.file, raised.value.line) == ("planted.cedar", trap.get("line", 1))
    assert [words for words in trap["says"] if words not in str(raised.value)] == []


def test_a_rule_that_forbids_more_loads() -> None:
    load(f'{ANNOTATED} forbid (principal, action, resource) when {{ context.classes.contains(DataClass::"health") }};')


def test_a_rule_may_refuse_for_a_restriction() -> None:
    load(
        f"{ANNOTATED} forbid (principal, action, resource)"
        ' when { resource.established.contains(Established::"state_cloud") };'
    )


def test_an_optional_attribute_refuses_to_load() -> None:
    with pytest.raises(RuleRefused, match="optional attribute") as raised:
        load("", schema=SOURCES.schema.replace("care: Bool", "care?: Bool"))
    assert SOURCES.schema.split("\n")[raised.value.line - 1].strip() == "care: Bool"


def test_a_schema_that_is_none_refuses_to_load() -> None:
    with pytest.raises(RuleRefused, match="is not a Cedar schema"):
        load("", schema="entity")


@pytest.mark.parametrize("lost", ["base.no_permit", "base.contract"])
def test_rules_without_their_base_refuse_to_load(lost: str) -> None:
    packs = {"base": ""} if lost == "base.contract" else {}
    with pytest.raises(RuleRefused, match="nothing would be decided"):
        read_packs(SOURCES.schema, packs)


def test_an_empty_set_of_rules_refuses_to_compile() -> None:
    with pytest.raises(RuleRefused, match="nothing would be decided"):
        compile_rules(SOURCES.schema, {}, destinations=destinations(), today=TODAY)


def test_a_permit_that_only_warns_refuses_to_load() -> None:
    base = SOURCES.policies["base"].replace('@mode("enforce")', '@mode("warn")', 1)
    with pytest.raises(RuleRefused, match='a permit has @mode\\("enforce"\\)'):
        read_packs(SOURCES.schema, {**SOURCES.policies, "base": base})


def test_statements_are_counted_outside_comments_and_strings() -> None:
    text = '// one; two\n@reason("a; b // c")\npermit (p);\n\n// last;\nforbid (q);\n'
    assert statement_lines(text) == [2, 6]


@pytest.mark.parametrize(
    ("entity", "words"),
    [("DataClass", DataClass), ("Established", Established), ("CallerKind", CallerKind), ("Analysis", AnalysisKind)],
)
def test_the_closed_lists_of_the_schema_are_those_of_the_domain(entity: str, words: Any) -> None:
    stated = SOURCES.schema.split(f"entity {entity} enum [")[1].split("]")[0]
    assert [word.strip().strip('"') for word in stated.split(",")] == [str(word) for word in words]


def test_no_shipped_rule_names_a_provider() -> None:
    named = [
        rule.id
        for rule in read_packs(SOURCES.schema, SOURCES.policies).values()
        if '"Provider"' in json.dumps(rule.est)
    ]
    assert named == []


def test_each_rule_speaks_to_a_reader_in_both_languages() -> None:
    for rule in read_packs(SOURCES.schema, SOURCES.policies).values():
        for sentence in (rule.reason.en, rule.reason.fr):
            assert sentence[0].isupper()
            assert sentence.endswith(".")
        assert rule.reason.en != rule.reason.fr
        assert rule.reason.mode == "enforce"
