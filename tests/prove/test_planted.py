"""Policy bugs as people make them: planted in shipped packs, and found by `prove` or `diff` as the table says."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ecluse.prove.confirm import Engine
from ecluse.prove.diff import compare
from ecluse.prove.invariants import show
from ecluse.prove.symbolic.show import show_symbolic
from tests.prove.prove_world import SOURCES, engine, few, shipped_invariants

BUGS = tomllib.loads(Path(__file__).with_name("planted.toml").read_text(encoding="utf-8"))["bugs"]

AMONG = {id_: one for id_, one in few().items() if id_.startswith(("aws/", "mistral/", "scaleway/"))}
"""One that is under no control of the Union, one that keeps what it gets, and one that does neither."""
SHORT = 6
"""Bugs of the short tests."""


@cache
def sound() -> Engine:
    return engine(among=AMONG)


def planted(bug: dict[str, Any]) -> Engine:
    """Return an engine with the bug: in its rule alone, or everywhere in its pack."""
    text = SOURCES.policies[bug["pack"]]
    start = text.index(f'@id("{bug["rule"]}")')
    stop = text.index(";\n", start) if "everywhere" not in bug else len(text)
    start = 0 if "everywhere" in bug else start
    wrong = text[start:stop].replace(bug["old"], bug["new"])
    assert wrong != text[start:stop]
    return engine({bug["pack"]: text[:start] + wrong + text[stop:]}, among=AMONG)


def by_prove(wrong: Engine) -> dict[str, Any]:
    shown = show(wrong.rulebook.rules, shipped_invariants(), wrong, drawn=1)
    found: dict[str, Any] = {}
    if shown.broken:
        found["prove"] = ", ".join(one.invariant.id for one in shown.broken)
    if shown.dead:
        found["dead"] = ", ".join(shown.dead)
    if news := set(shown.not_enforced) - set(NOT_ENFORCED):
        found["not_enforced"] = ", ".join(sorted(news))
    return found


def by_symbolic(wrong: Engine, bug: dict[str, Any]) -> dict[str, Any]:
    stated = [one for one in shipped_invariants() if one.id in {bug.get("symbolic"), bug.get("prove"), "inv.dora"}]
    shown = show_symbolic(wrong.rulebook.rules, stated, wrong)
    return {"symbolic": ", ".join(one.invariant.id for one in shown.broken)} if shown.broken else {}


def by_diff(wrong: Engine) -> dict[str, Any]:
    ways = {change.way for change in compare(sound(), wrong).changes}
    return {"diff": "both" if len(ways) > 1 else next(iter(ways))} if ways else {}


NOT_ENFORCED = sorted(rule.id for rule in engine().rulebook.rules.values() if rule.opt_in)


def of(bug: dict[str, Any], *ways: str) -> dict[str, Any]:
    return {way: bug[way] for way in ways if way in bug}


NEITHER = [bug for bug in BUGS if not of(bug, "prove", "dead", "diff")]


@pytest.mark.parametrize(
    "bug", [pytest.param(b, id=b["rule"], marks=[pytest.mark.long] if n >= SHORT else []) for n, b in enumerate(BUGS)]
)
def test_a_planted_bug_is_found_by_the_commands_that_the_table_names_and_no_other(bug: dict[str, Any]) -> None:
    wrong = planted(bug)
    assert by_prove(wrong) | by_diff(wrong) == of(bug, "prove", "dead", "not_enforced", "diff")


@pytest.mark.parametrize("bug", NEITHER, ids=[bug["rule"] for bug in NEITHER])
def test_what_no_destination_on_record_shows_is_found_over_any_destination(bug: dict[str, Any]) -> None:
    assert by_symbolic(planted(bug), bug) == of(bug, "symbolic") != {}


@pytest.mark.long
@pytest.mark.parametrize("bug", BUGS, ids=[bug["rule"] for bug in BUGS])
def test_each_planted_bug_is_asked_of_the_solver_too(bug: dict[str, Any]) -> None:
    assert by_symbolic(planted(bug), bug) == of(bug, "symbolic")


def test_at_least_five_bugs_are_planted_and_both_commands_are_needed() -> None:
    assert len(BUGS) >= SHORT
    assert [bug for bug in BUGS if "diff" not in bug]
    assert [bug for bug in BUGS if "prove" not in bug]
