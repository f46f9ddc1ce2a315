"""The tables that the packs come with: each rule refuses a case and lets a near one pass."""

from typing import Any

import pytest

from ecluse.domain.destination import DestinationId
from ecluse.domain.finding import DataClass
from ecluse.domain.verdict import Action, Choice, Mode, Question
from ecluse.packs import policies
from ecluse.packs.policies.cases import read, rows
from ecluse.packs.registry import place
from tests.passage.decide.world import TODAY, caller, keeping, question, registry, rulebook

PACKS = tuple(policies.load().policies)
FIELDS = {"rule", "verdict", "why", "why_fr", "caller", "classes", "masked", "action", "purpose", "date"}
OF_THE_CALLER = {"modes", "contracts", "plus", "minus", "care", "declared"}
WHERE = {"destination", "place", "country"}


def cases() -> list[Any]:
    found: list[Any] = []
    for pack in PACKS:
        table = rows(read.BUILT_IN / f"{pack}.toml")
        found += [pytest.param(pack, row, id=f"{row['rule']}-{row['verdict']}-{i}") for i, row in enumerate(table)]
    return found


CASES = cases()


def asked(row: dict[str, Any]) -> Question:
    assert row.keys() <= FIELDS | OF_THE_CALLER | WHERE
    application = caller(row["caller"], **{key: row[key] for key in OF_THE_CALLER & row.keys()})
    return question(
        application,
        *(DataClass(name) for name in row["classes"]),
        action=Action(row.get("action", "infer")),
        purpose=row.get("purpose", "drafting"),
    )


@pytest.mark.parametrize(("pack", "row"), CASES)
def test_a_case_has_its_verdict(pack: str, row: dict[str, Any]) -> None:
    day = row.get("date", TODAY)
    book = keeping(day)
    assert book.rules[row["rule"]].pack == pack
    if "place" in row:
        where = place(registry(), row["place"], "runs", day, row.get("country"))
        fired = [reason.rule for reason in book.hold(asked(row), where) if reason.mode is Mode.ENFORCE]
        permitted_by: tuple[str, ...] = () if fired else ("base.hold",)
    else:
        choice = Choice(destination=DestinationId(row["destination"]), masked=row.get("masked", False))
        (ruling,) = book.rule(asked(row), [choice])
        fired, permitted_by = [reason.rule for reason in ruling.reasons], ruling.permitted_by
        assert ruling.permitted == (not fired)
    rule = book.rules[row["rule"]]
    if row["verdict"] == "permit":
        assert fired == []
        assert not rule.permits or row["rule"] in permitted_by
    elif rule.permits:
        assert fired
        assert row["rule"] not in permitted_by
    else:
        assert row["rule"] in fired


def test_each_rule_has_a_case_that_it_refuses_and_one_that_passes() -> None:
    told = {(case.values[1]["rule"], case.values[1]["verdict"]) for case in CASES}
    assert told == {(rule, verdict) for rule in rulebook().rules for verdict in ("permit", "refuse")}


def test_each_pack_has_its_table() -> None:
    tables = {path.stem for path in read.BUILT_IN.glob("*.toml")} - {"callers"}
    assert tables == set(PACKS)
