"""Each recogniser alone against its fixture: what it finds, to the character, and what it leaves alone."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ecluse.packs import dictionaries
from ecluse.passage.classify import Engine, built_in
from ecluse.passage.classify.recogniser import DOUBTFUL, WEAK

FIXTURES = Path(__file__).resolve().parents[2] / "recognisers"
NAMES = sorted(built_in())
UNBOUNDED = re.compile(r"(?<!\\)[*+]|\{\d+,\}")
CHARACTER_CLASS = re.compile(r"\[(?:\\.|[^\]\\])*\]|\\.")


def fixture(name: str) -> dict[str, Any]:
    return tomllib.loads((FIXTURES / f"{name}.toml").read_text(encoding="utf-8"))


def cases(kind: str) -> list[Any]:
    return [
        pytest.param(name, case, id=f"{name}-{i}") for name in NAMES for i, case in enumerate(fixture(name)[kind], 1)
    ]


@cache
def alone(name: str, floor: float) -> Engine:
    return Engine([built_in()[name]], dictionaries.load(), floor=floor)


def test_each_recogniser_has_a_fixture_and_each_fixture_a_recogniser() -> None:
    assert sorted(path.stem for path in FIXTURES.glob("*.toml")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_fixture_has_what_is_found_and_why_what_is_ignored_is(name: str) -> None:
    made = fixture(name)
    assert made["finds"]
    assert all(case["why"] for case in made["ignores"])


@pytest.mark.parametrize(("name", "case"), cases("finds"))
def test_a_recogniser_finds(name: str, case: dict[str, Any]) -> None:
    floor = DOUBTFUL if case.get("doubtful") else WEAK
    claims = alone(name, floor).search(case["text"], indirect=True)
    assert [case["text"][c.start : c.end] for c in claims] == case["spans"]
    assert all((c.confidence < WEAK) == case.get("doubtful", False) for c in claims)


@pytest.mark.parametrize(("name", "case"), cases("ignores"))
def test_a_recogniser_ignores(name: str, case: dict[str, Any]) -> None:
    claims = alone(name, WEAK).search(case["text"], indirect=True)
    assert [case["text"][c.start : c.end] for c in claims] == []


@pytest.mark.parametrize(("name", "case"), cases("finds"))
def test_evidence_never_repeats_a_value(name: str, case: dict[str, Any]) -> None:
    for claim in alone(name, DOUBTFUL).search(case["text"], indirect=True):
        value = case["text"][claim.start : claim.end].lower()
        assert len(value) <= 2 or value not in claim.evidence.lower()


@pytest.mark.parametrize("name", NAMES)
def test_a_pattern_has_a_bounded_length(name: str) -> None:
    for pattern in built_in()[name].patterns:
        assert not UNBOUNDED.search(CHARACTER_CLASS.sub("c", pattern))


def test_no_pattern_reads_what_a_reading_cannot_hold() -> None:
    assert all(pattern.isascii() for r in built_in().values() for pattern in r.patterns)
