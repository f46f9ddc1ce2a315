"""The invariants that come with Ecluse: checked like rules, said in two languages, and forbids only."""

from pathlib import Path

import pytest

from ecluse.packs import invariants
from ecluse.packs.errors import PackError
from ecluse.passage.decide.rules import read_rules
from tests.docs.markdown import code, page, rows
from tests.prove.prove_world import SCHEMA, SOURCES, shipped_invariants


def test_each_invariant_is_a_forbid_in_two_languages_with_its_source() -> None:
    shipped = shipped_invariants()
    assert len({rule.id for rule in shipped}) == len(shipped) > 15
    for rule in shipped:
        assert not rule.permits
        assert rule.id.startswith("inv.")
        assert rule.reason.en.endswith(".")
        assert rule.reason.fr.endswith(".")
        assert rule.reason.en != rule.reason.fr
        assert rule.reason.source


def test_a_folder_of_ones_own_stands_beside(tmp_path: Path) -> None:
    text = (
        '@id("inv.own") @reason("A.") @reason_fr("B.") @source("house") @basis("house") @mode("enforce")\n'
        'forbid (principal, action, resource) when { context.classes.contains(DataClass::"health") };\n'
    )
    (tmp_path / "own.cedar").write_text(text, encoding="utf-8")
    found = invariants.load(tmp_path)
    assert found.keys() == {"shipped", "own"}
    (rule,) = read_rules("own", found["own"], SOURCES.schema, SCHEMA)
    assert rule.id == "inv.own"


def test_a_name_used_twice_and_bytes_that_are_no_text_refuse(tmp_path: Path) -> None:
    (tmp_path / "shipped.cedar").write_text("", encoding="utf-8")
    with pytest.raises(PackError, match="loaded already"):
        invariants.load(tmp_path)
    (tmp_path / "shipped.cedar").rename(tmp_path / "own.cedar")
    (tmp_path / "own.cedar").write_bytes(b"\xff")
    with pytest.raises(PackError, match="cannot be read"):
        invariants.load(tmp_path)


def test_each_invariant_has_its_row_and_its_words() -> None:
    table = [
        (code(row["invariant"]), row["must hold"], row["doit être respecté"], row["source"])
        for row in rows(page("docs/explanation/proof.md"))
        if "invariant" in row
    ]
    assert table == [(r.id, r.reason.en, r.reason.fr, r.reason.source) for r in shipped_invariants()]
