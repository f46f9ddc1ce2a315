"""The docket: two persons in two roles, steps that cannot be changed unseen, nothing counts before the trail has it."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ecluse.domain.caller import Application, ApplicationId
from ecluse.domain.snapshot import Instant
from ecluse.edge.chain import DocketUnusable
from ecluse.edge.clock import start_of
from ecluse.edge.decided import lay_over
from ecluse.edge.docket import Docket, Kind, Move, Step
from ecluse.edge.keys.signer import Ed25519Signer
from ecluse.edge.stores.step_file import FileSteps
from tests.passage.decide.world import caller

DAY = date(2026, 11, 24)
NOW = start_of(DAY)
ENDS = date(2027, 1, 31)
ASKED = Step(
    kind=Kind.EXCEPTION, name="Camille Martin", role="owner", application="mail", rule="cac.sren31",
    ground="a project under way", starts=DAY, ends=ENDS, destinations=("a/b/c",),
)  # fmt: skip
CONTEST = Step(
    kind=Kind.CONTEST, name="key:k1", role="caller", application="mail", ground="a street, no person",
    marks=("aa", "bb"), counts={"person": 2}, entry="0" * 32,
)  # fmt: skip


def docket(folder: Path, seed: bytes = b"s" * 32) -> Docket:
    return Docket(FileSteps(folder / "docket.db"), Ed25519Signer("test", seed))


def grant(kept: Docket, asked: Step, **stated: object) -> Step:
    told: dict[str, object] = {"name": "Dominique Petit", "role": "dpo", "now": NOW, "ends": None, **stated}
    return kept.decide(asked.matter, asked.kind, Move.GRANTED, **told)  # type: ignore[arg-type] # the test's words


def trail_it(kept: Docket) -> None:
    for seq, _ in kept.untold():
        kept.told(seq)


def laid_over(kept: Docket) -> Application:
    mail = ApplicationId("mail")
    merged = lay_over({mail: replace(caller("ministry"), id=mail)}, kept.matters())
    return merged[ApplicationId("mail")]


def test_what_is_asked_for_counts_once_it_was_granted_and_is_on_the_trail(tmp_path: Path) -> None:
    kept = docket(tmp_path)
    asked, contested = kept.ask(ASKED, NOW), kept.ask(CONTEST, NOW)
    trail_it(kept)
    assert laid_over(kept).exceptions == ()
    grant(kept, asked)
    grant(kept, contested, ends=ENDS)
    assert (laid_over(kept).exceptions, laid_over(kept).contests) == ((), ())
    trail_it(kept)
    (exception,), (contest,) = laid_over(kept).exceptions, laid_over(kept).contests
    assert (exception.id, exception.rule, exception.ends) == (asked.matter, "cac.sren31", ENDS)
    assert (exception.requested_by, exception.approved_by) == ("Camille Martin", "Dominique Petit")
    assert (contest.marks, contest.starts, contest.ends) == (frozenset({"aa", "bb"}), DAY, ENDS)


def test_what_was_ended_or_turned_down_counts_no_more(tmp_path: Path) -> None:
    kept = docket(tmp_path)
    first, second = kept.ask(ASKED, NOW), kept.ask(ASKED, NOW)
    grant(kept, first)
    kept.decide(first.matter, Kind.EXCEPTION, Move.ENDED, name="Camille Martin", role="owner", now=NOW)
    kept.decide(second.matter, Kind.EXCEPTION, Move.REFUSED, name="Dominique Petit", role="dpo", now=NOW)
    trail_it(kept)
    assert laid_over(kept).exceptions == ()
    assert [matter.state for matter in kept.matters()] == ["ended", "refused"]


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        ({"name": "camille martin "}, "another person"),
        ({"role": "owner"}, "another person in another role"),
        ({"name": " "}, "state a person's name"),
        ({"role": "The DPO"}, "one lower-case word"),
    ],
)
def test_one_person_or_one_role_refuses(tmp_path: Path, stated: dict[str, object], why: str) -> None:
    kept = docket(tmp_path)
    asked = kept.ask(ASKED, NOW)
    with pytest.raises(DocketUnusable, match=why):
        grant(kept, asked, **stated)


@pytest.mark.parametrize(
    "out_of_turn",
    [
        lambda kept, asked: kept.decide(asked.matter, asked.kind, Move.ENDED, name="B", role="b", now=NOW),
        lambda kept, asked: (grant(kept, asked), grant(kept, asked)),
        lambda kept, asked: kept.decide(asked.matter, Kind.CONTEST, Move.REFUSED, name="B", role="b", now=NOW),
        lambda kept, _asked: kept.decide("E-0", Kind.EXCEPTION, Move.REFUSED, name="B", role="b", now=NOW),
    ],
)
def test_a_step_out_of_turn_refuses(tmp_path: Path, out_of_turn: Callable[[Docket, Step], object]) -> None:
    kept = docket(tmp_path)
    asked = kept.ask(ASKED, NOW)
    with pytest.raises(DocketUnusable):
        out_of_turn(kept, asked)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE steps SET step = CAST(replace(CAST(step AS TEXT), 'cac.sren31', 'base.purpose') AS BLOB)",
        "DELETE FROM steps WHERE seq = 1",
        "PRAGMA user_version = 9",
    ],
)
def test_a_docket_that_was_changed_by_hand_refuses(tmp_path: Path, change: str) -> None:
    kept = docket(tmp_path)
    grant(kept, kept.ask(ASKED, NOW))
    with sqlite3.connect(tmp_path / "docket.db") as db:
        db.execute(change)
    db.close()
    with pytest.raises(DocketUnusable):
        kept.matters()


def test_a_docket_of_another_key_refuses(tmp_path: Path) -> None:
    docket(tmp_path).ask(ASKED, NOW)
    with pytest.raises(DocketUnusable, match="was not written by this gateway"):
        docket(tmp_path, b"t" * 32).matters()


def test_an_application_that_left_the_record_gets_nothing(tmp_path: Path) -> None:
    kept = docket(tmp_path)
    grant(kept, kept.ask(ASKED, Instant(NOW)))
    trail_it(kept)
    assert lay_over({}, kept.matters()) == {}
