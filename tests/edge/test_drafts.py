"""Drafts of the rules: who may approve what, what an approval is of, and what of them reaches the trail."""

import sqlite3
from datetime import date
from pathlib import Path

import msgspec
import pytest

from ecluse.domain.verdict import Mode
from ecluse.edge.amendment import NOTHING, Amendment
from ecluse.edge.chain import DocketUnusable
from ecluse.edge.clock import start_of
from ecluse.edge.drafts import APPLICATION_ID, Act, Drafts, DraftStep
from ecluse.edge.keys.signer import Ed25519Signer
from ecluse.edge.stores.step_file import FileSteps

NOW = start_of(date(2026, 11, 24))
FIRST = NOTHING.with_mode("region", "gdpr.transfer", Mode.WARN)
SECOND = FIRST.with_mode("region", "gdpr.processor", Mode.OBSERVE)
OVER = "a" * 64


def drafts(folder: Path) -> Drafts:
    return Drafts(FileSteps(folder / "rules.db", APPLICATION_ID), Ed25519Signer("test", b"s" * 32))


def written(kept: Drafts, content: Amendment = FIRST, **more: str) -> DraftStep:
    stated = {"name": "Camille Martin", "role": "dpo", "person": "p1", "reason": "a trial of a month", "over": OVER}
    step = msgspec.convert({"act": Act.WRITTEN, "hash": "", **stated, **more}, DraftStep)
    return kept.write(msgspec.structs.replace(step, content=content), NOW)


def approve(kept: Drafts, id_: str, content: Amendment, **more: str) -> DraftStep:
    stated = {"name": "Dominique Petit", "role": "security", "person": "p2", **more}
    return kept.approve(id_, content.hash, now=NOW, **stated)


def publish(kept: Drafts, id_: str, content: Amendment, over: str = OVER, standing: Amendment = NOTHING) -> DraftStep:
    step = DraftStep(draft=id_, act=Act.PUBLISHED, name="Claude Roy", role="platform", hash=content.hash, over=over)
    return kept.publish(step, standing.hash, NOW)


def trail_it(kept: Drafts) -> None:
    for seq, _ in kept.untold():
        kept.told(seq)


def test_what_was_approved_and_published_is_in_force_once_the_trail_has_it(tmp_path: Path) -> None:
    kept = drafts(tmp_path)
    one = written(kept)
    approve(kept, one.draft, FIRST)
    publish(kept, one.draft, FIRST)
    assert kept.in_force() == NOTHING
    trail_it(kept)
    assert kept.in_force() == FIRST
    assert [one.state for one in kept.drafts()] == ["published"]


@pytest.mark.parametrize(
    "who",
    [
        {"name": "  camille  MARTIN", "person": "p9"},
        {"name": "Another name", "person": "p1"},
    ],
)
def test_whoever_wrote_a_part_of_it_is_refused_as_its_second_person(tmp_path: Path, who: dict[str, str]) -> None:
    kept = drafts(tmp_path)
    one = written(kept)
    written(kept, SECOND, draft=one.draft, name="Claude Roy", person="p3")
    with pytest.raises(DocketUnusable, match="another person approves it"):
        approve(kept, one.draft, SECOND, **who)
    approve(kept, one.draft, SECOND)


def test_a_change_after_the_approval_voids_it_and_publication_is_refused(tmp_path: Path) -> None:
    kept = drafts(tmp_path)
    one = written(kept)
    approve(kept, one.draft, FIRST)
    written(kept, SECOND, draft=one.draft)
    for content in (FIRST, SECOND):
        with pytest.raises(DocketUnusable, match="needs the approval of another person, of what it says now"):
            publish(kept, one.draft, content)
    with pytest.raises(DocketUnusable, match="was changed since you read it"):
        approve(kept, one.draft, FIRST)
    approve(kept, one.draft, SECOND)
    publish(kept, one.draft, SECOND)


def test_a_draft_over_other_rules_than_those_in_force_is_refused(tmp_path: Path) -> None:
    kept = drafts(tmp_path)
    one = written(kept)
    approve(kept, one.draft, FIRST)
    with pytest.raises(DocketUnusable, match="other rules than those in force"):
        publish(kept, one.draft, FIRST, over="b" * 64)


def test_of_two_drafts_over_the_same_rules_the_second_is_refused_though_the_trail_has_neither(tmp_path: Path) -> None:
    kept = drafts(tmp_path)
    one, other = written(kept), written(kept, SECOND)
    approve(kept, one.draft, FIRST)
    approve(kept, other.draft, SECOND)
    publish(kept, one.draft, FIRST)
    with pytest.raises(DocketUnusable, match="other rules than those in force"):
        publish(kept, other.draft, SECOND)
    publish(kept, other.draft, SECOND, standing=FIRST)


def test_a_draft_that_ended_takes_no_step_more(tmp_path: Path) -> None:
    kept = drafts(tmp_path)
    one = written(kept)
    kept.withdraw(one.draft, name="Camille Martin", role="dpo", person="", now=NOW)
    with pytest.raises(DocketUnusable, match="is withdrawn"):
        approve(kept, one.draft, FIRST)
    with pytest.raises(DocketUnusable, match="is withdrawn"):
        written(kept, SECOND, draft=one.draft)
    with pytest.raises(DocketUnusable, match="there is no draft"):
        approve(kept, "R-0", FIRST)


@pytest.mark.parametrize(
    ("more", "content", "why"),
    [
        ({"reason": " "}, FIRST, "say why"),
        ({"role": "Madame"}, FIRST, "a role in one lower-case word"),
        ({}, NOTHING.with_pack("../base", "forbid"), "no name of a pack"),
        ({}, NOTHING.with_pack("long", "x" * 300_000), "characters at most"),
    ],
)
def test_what_cannot_be_read_later_is_refused(
    tmp_path: Path, more: dict[str, str], content: Amendment, why: str
) -> None:
    with pytest.raises(DocketUnusable, match=why):
        written(drafts(tmp_path), content, **more)


def test_the_trail_gets_roles_and_hashes_and_no_word_of_a_person(tmp_path: Path) -> None:
    kept = drafts(tmp_path)
    one = written(kept, FIRST.with_pack("own", "// a secret project"))
    approve(kept, one.draft, kept.drafts()[0].content)
    told = [said for _, said in kept.news()]
    assert [(said.action, said.actor, said.subject) for said in told] == [
        ("rules_written", "dpo", one.draft),
        ("rules_approved", "security", one.draft),
    ]
    assert told[0].facts == {"content": one.hash, "modes": 1, "packs": 1}
    assert not [word for word in ("Camille", "trial", "secret project") if word in repr(told)]


def test_a_step_that_was_changed_is_refused(tmp_path: Path) -> None:
    kept = drafts(tmp_path)
    written(kept)
    with sqlite3.connect(kept.steps.name) as db:
        db.execute("UPDATE steps SET step = CAST(replace(CAST(step AS TEXT), 'warn', 'observe') AS BLOB)")
    with pytest.raises(DocketUnusable, match="was not written by this gateway"):
        kept.in_force()


def test_a_mode_that_is_taken_away_leaves_nothing_behind() -> None:
    gone = FIRST.with_mode("region", "gdpr.transfer", None)
    assert (gone, gone.hash) == (NOTHING, NOTHING.hash)
    assert FIRST.hash != SECOND.hash
