"""`ecluse rules`: a change of the rules from its draft to its publication, by two persons, proven before."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ecluse.app import grounds
from ecluse.cli.main import app
from ecluse.edge.config import load
from ecluse.edge.snapshots import build
from ecluse.edge.stores.beside import drafts_of
from tests.console.world import DAY
from tests.docs.markdown import fences, page

CAMILLE, DOMINIQUE = ("--by", "Camille Martin", "--role", "dpo"), ("--by", "Dominique Petit", "--role", "security")
WHY = ("--reason", "A month of observation has ended")
STRICTER = ("--mode", "region:gdpr.special_terms=enforce")
SETTINGS = """
gateway.unsafe_pinned_date = 2026-11-24
classification.tagger = false
destinations.credentials = { "scaleway/generative-apis/gpt-oss-120b" = "env:KEY" }

[[organisations]]
id = "region"
name = "A region"
kind = "local_authority"
contracts = ["scaleway"]
modes = { "gdpr.special_terms" = "observe" }
[[organisations.applications]]
id = "mail"
name = "Mail"
purposes = ["drafting"]
"""
OWN = fences(page("docs/how-to/change-a-rule.md"), "cedar")[0]


class Desk:
    """A settings file and the commands on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "ecluse.toml"
        self.state = folder / "state"
        self.file.write_text(f'gateway.state_dir = "{self.state}"\n{SETTINGS}', encoding="utf-8")

    def run(self, *words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["rules", *words, "--config", str(self.file)])
        return done.exit_code, done.output if done.exit_code == 2 else done.stdout

    def done(self, *words: str) -> dict[str, Any]:
        code, said = self.run(*words, "--json")
        assert code == 0, said
        found: dict[str, Any] = json.loads(said)
        return found

    def refused(self, *words: str) -> str:
        code, said = self.run(*words)
        assert code == 2, said
        return said

    def serve(self) -> None:
        """Do what the gateway does with new steps."""
        kept = drafts_of(self.state)
        for seq, _ in kept.untold():
            kept.told(seq)

    def in_force(self) -> dict[str, str]:
        """Return the modes that the next start decides by."""
        made = build(grounds(load(self.file)), DAY)
        return dict(next(iter(made.applications.values())).organisation.modes)

    def published(self, *words: str) -> dict[str, Any]:
        made = self.done("draft", *words, *WHY, *CAMILLE)
        self.done("approve", made["draft"], "--content", made["content"], *DOMINIQUE)
        done = self.done("publish", made["draft"], *CAMILLE)
        self.serve()
        return done


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_mode_is_changed_by_two_persons_and_restored_by_two(desk: Desk) -> None:
    made = desk.done("draft", *STRICTER, *WHY, *CAMILLE)
    id_, content = made["draft"], made["content"]
    assert "needs the approval of another person" in desk.refused("publish", id_, *CAMILLE)
    assert "another person approves it" in desk.refused("approve", id_, "--content", content, *CAMILLE)
    assert "was changed since you read it" in desk.refused("approve", id_, "--content", "0" * 12, *DOMINIQUE)
    desk.done("approve", id_, "--content", content[:12], *DOMINIQUE)
    done = desk.done("publish", id_, *CAMILLE)
    assert done["before"] != done["after"]
    assert desk.in_force() == {"gdpr.special_terms": "observe"}
    desk.serve()
    assert desk.in_force() == {"gdpr.special_terms": "enforce"}
    assert build(grounds(load(desk.file)), DAY).id == done["after"]
    back = desk.published("--restore", id_)
    assert back["after"] == done["before"]
    assert desk.in_force() == {"gdpr.special_terms": "observe"}
    assert [one["state"] for one in json.loads(desk.run("history", "--json")[1])] == ["published", "published"]


def test_what_breaks_an_invariant_is_approved_in_vain(desk: Desk) -> None:
    made = desk.done("draft", "--mode", "region:gdpr.transfer=observe", *WHY, *CAMILLE)
    desk.done("approve", made["draft"], "--content", made["content"], *DOMINIQUE)
    assert "breaks what the rules in force keep" in desk.refused("publish", made["draft"], *CAMILLE)
    assert desk.in_force() == {"gdpr.special_terms": "observe"}


def test_forbids_of_ones_own_are_added_for_one_organisation_and_taken_away(desk: Desk) -> None:
    file = desk.folder / "house_rules.cedar"
    file.write_text(OWN, encoding="utf-8")
    added = ("--pack", str(file), "--for", "region")
    (weighed,) = desk.done("show", desk.done("draft", *added, *WHY, *CAMILLE)["draft"])["weighed"]
    assert (weighed["organisation"], weighed["newly_broken"], weighed["opened"]) == ("region", [], [])
    assert weighed["closed"]
    assert {(one["term"], one["old"]) for one in weighed["rules"]} == {("rule", None)}
    desk.published(*added)
    assert desk.done("show")["reviews"]["house_rules"]["by"] is None
    assert "base.cedar: Reviewed by nobody; written on 2026-11-24." in desk.run("show")[1]
    assert desk.in_force() == {"gdpr.special_terms": "observe", "house_rules.state_providers": "enforce"}
    assert "house_rules.state_providers" in desk.run("show", "--settings")[1]
    gone = desk.done("draft", "--without-pack", "house_rules", *WHY, *CAMILLE)["draft"]
    shown = desk.run("show", gone, "--settings")[1]
    assert "house_rules" not in shown


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("--mode", "region:dr.classified=observe"), "no mode to change"),
        (("--mode", "nobody:gdpr.transfer=warn"), "no organisation 'nobody'"),
        (("--mode", "region:gdpr.transfer=lax"), "write ORGANISATION:RULE=observe"),
        (("--mode", "region:no.such=warn"), "there is no rule"),
        ((), "that is what is in force"),
        (("--restore", "R-0"), "was not published"),
        (("--revise", "R-0", *STRICTER), "there is no draft"),
    ],
)
def test_a_draft_that_no_gateway_could_take_is_refused(desk: Desk, change: tuple[str, ...], why: str) -> None:
    assert why in desk.refused("draft", *change, *WHY, *CAMILLE)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (OWN.replace("forbid", "permit").replace('@opt_in("true")\n', ""), "only base.cedar permits"),
        (OWN.replace('@opt_in("true")\n', ""), "or it would hold for everybody"),
        (OWN.replace("resource.established", "resource.estabished"), "did you mean `established`?"),
    ],
)
def test_a_pack_that_does_not_load_is_refused_with_its_line(desk: Desk, text: str, why: str) -> None:
    file = desk.folder / "house_rules.cedar"
    file.write_text(text, encoding="utf-8")
    said = desk.refused("draft", "--pack", str(file), "--for", "region", *WHY, *CAMILLE)
    assert why in said
    assert "house_rules.cedar:" in said


def test_a_draft_over_rules_that_changed_since_is_refused(desk: Desk) -> None:
    old = desk.done("draft", "--mode", "region:gdpr.processor=warn", *WHY, *CAMILLE)
    text = desk.file.read_text(encoding="utf-8")
    desk.file.write_text(text.replace('"observe"', '"warn"'), encoding="utf-8")
    assert "other rules than those in force" in desk.refused(
        "approve", old["draft"], "--content", old["content"], *DOMINIQUE
    )
    anew = desk.done("draft", "--revise", old["draft"], *STRICTER, *WHY, *CAMILLE)
    assert not anew["outdated"]
