"""The rules page: each rule with its cases in plain words, and what was proven of it, when, over which snapshot."""

import html
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ecluse.console import last_proof
from ecluse.domain.caller import CallerKind
from ecluse.packs.policies.cases import cases
from tests.console.running import Console, running
from tests.console.world import ground


def rule(page: str, name: str) -> str:
    return html.unescape(page.split(f'id="{name}"')[1].split("</article>", maxsplit=1)[0])


def proof(page: str) -> str:
    return html.unescape(page.split('id="proof"')[1].split("</section>", maxsplit=1)[0])


@pytest.fixture
def proving(month: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Console]:
    """A console whose proofs are of companies alone, so that one takes a moment."""
    monkeypatch.setattr(last_proof, "EVERYBODY", (CallerKind.PRIVATE,))
    state = tmp_path / "state"
    shutil.copytree(month, state)
    with running(ground(state)) as one:
        yield one


def test_every_case_of_a_rule_is_told_in_plain_words(console: Console) -> None:
    page = console.get("/rules?lang=fr")
    for name in ("hds.host", "base.kept_secret", "gdpr.transfer"):
        assert rule(page, name).count("<li><span class=") == len([one for one in cases() if one.rule == name])
    told = " ".join(re.sub(r"<[^>]+>", " ", rule(page, "hds.host")).split())
    assert "refusé Établissement de santé, à l'occasion de soins · santé → OVHcloud Public Cloud (FR)" in told
    assert "avec, au dossier : le contrat d'hébergement de données de santé" in told
    assert "le même hôpital, hors du soin" in told
    assert "the same hospital, outside care" in rule(console.get("/rules?lang=en"), "hds.host")


def test_a_rule_without_cases_says_so_and_a_table_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    pack = '@id("ours.one")\n@reason("A.")\n@reason_fr("A.")\n@source("ours")\n@basis("house")\n@mode("enforce")\n'
    pack += 'forbid (principal, action, resource) when { context.classes.contains(DataClass::"classified") };\n'
    (tmp_path / "own" / "cases").mkdir(parents=True)
    (tmp_path / "own" / "ours.cedar").write_text(pack, encoding="utf-8")
    with running(ground(tmp_path / "state", rules={"folders": [str(tmp_path / "own")]})) as one:
        assert "no case comes with this rule" in rule(one.get("/rules?lang=en"), "ours.one")
        (tmp_path / "own" / "cases" / "ours.toml").write_text("[[cases]", encoding="utf-8")
        one.over.adopt(one.over.settings, one.over.base)
        page = one.get("/rules?lang=en")
        assert "ours.toml: cannot be read" in page
        assert "no case comes with this rule" in rule(page, "gdpr.transfer")


def test_nothing_is_shown_as_proven_before_it_was(proving: Console) -> None:
    page = proving.get("/rules?lang=en")
    assert "nothing is shown as proven" in proof(page)
    assert "hold" not in proof(page)
    assert "Proof: not made yet." in rule(page, "gdpr.transfer")


def test_a_proof_is_made_once_for_each_snapshot_and_told_with_it_also_as_an_organisation_composed_the_rules(
    proving: Console,
) -> None:
    over = proving.over
    assert proving.ask("/rules/prove", {"csrf": proving.csrf()})[0] == 303
    page = proving.settled("/rules?lang=en")
    assert re.search(r"27 of 27 invariants hold, over [\d,]+ questions\.", proof(page))
    assert over.snapshot.id[:12] in proof(page)
    assert "Prove now" not in proof(page)
    assert "1 invariant rests on it alone" in rule(page, "gdpr.transfer")
    assert "enforced for nobody" in rule(page, "dora.exit")
    assert "all 27 invariants were asked" in rule(page, "base.contract")
    assert "26 invariants respectés sur 27" in (broken := proof(proving.get("/rules?lang=fr")))
    assert "✗ Les données de santé et les catégories particulières ne vont qu'avec une analyse" in broken
    assert proving.ask("/rules/prove", {"csrf": proving.csrf()})[0] == 303
    assert "data-again" not in proving.get("/rules")

    fewer = {name: text for name, text in over.base.policies.policies.items() if name != "neutrality"}
    over.adopt(over.settings, replace(over.base, policies=replace(over.base.policies, policies=fewer)))
    page = proving.get("/rules?lang=en")
    assert "Made over another snapshot" in proof(page)
    assert "Prove now" in proof(page)


def test_a_proof_that_cannot_be_made_refuses_to_say_anything(proving: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ValueError("this rule is not provable")

    monkeypatch.setattr(last_proof, "show", fails)
    assert proving.ask("/rules/prove", {"csrf": proving.csrf()})[0] == 303
    told = proof(proving.settled("/rules?lang=en"))
    assert "Nothing was proven" in told
    assert "this rule is not provable" in told
    assert "nothing is shown as proven" in told
