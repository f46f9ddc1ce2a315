"""What asks about the past asks each request as of its own day: what counted then counts, and nothing else does."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ecluse.app import grounds
from ecluse.domain.destination import DestinationId
from ecluse.domain.finding import DataClass
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Entry
from ecluse.domain.verdict import Choice
from ecluse.edge.bygone import Bygone
from ecluse.edge.config import load
from ecluse.edge.docket import Docket, Kind, Move, Step
from ecluse.edge.keys import Secrets
from ecluse.edge.stores.beside import docket_of
from tests.cli.test_past import AZURE, OWN, sent, told, trail
from tests.passage.record import samples

SECRET = {DataClass.SREN31}
"""What only a qualified offer may have, unless an exception lifts that."""
TEMPLE = Choice(destination=DestinationId("cloud_temple/own-vm/mistral-small-4"), masked=False)
TO_AZURE = (str(AZURE.destination),)
PINNED = "unsafe_pinned_date = 2026-11-24"


def world(tmp_path: Path, entries: Sequence[Entry], *, more: str = "", ends: str = "") -> Path:
    """Write a trail and settings that are read in January 2027; `more` is written after the application.

    `ends` is written to its entry in the register, without which no personal data go anywhere.
    """
    config = trail(tmp_path, entries)
    text = config.read_text(encoding="utf-8").replace(PINNED, "unsafe_pinned_date = 2027-01-15")
    own = '"outscale/own-vm/mistral-small-4" = "http://127.0.0.1:9"'
    text = text.replace(own, f'{own}\n"{TEMPLE.destination}" = "http://127.0.0.1:8"')
    text = text.replace('["azure"]', '["azure", "cloud_temple"]')
    text = text.replace('reference = "1"', f'reference = "1"{ends}')
    config.write_text(text + more, encoding="utf-8")
    return config


def exception(rule: str, starts: str, ends: str, to: Sequence[str] = TO_AZURE) -> str:
    return f"""
[[organisations.applications.exceptions]]
id = "D-1"
rule = "{rule}"
ground = "A project under way"
requested_by = "Camille Martin"
approved_by = "Dominique Petit"
starts = {starts}
ends = {ends}
destinations = {list(to)}
""".replace("'", '"')


def wrong(config: Path, *, code: int = 1) -> dict[str, int]:
    """Return what an incident lists, by destination."""
    document = told("incident", config, code, "--since", "2026-01-01")
    assert document["cannot_be_asked_again"] == 0
    return {one["destination"]: one["requests"] for one in document["exposed"]}


def fates(config: Path, code: int = 1) -> dict[str, int]:
    """Return how many decisions a simulation has of each fate."""
    counted: dict[str, int] = told("simulate", config, code)["fates"]
    return {fate: number for fate, number in counted.items() if number}


def test_what_left_under_an_exception_that_has_ended_since_is_not_listed(tmp_path: Path) -> None:
    lifted = exception("cac.sren31", "2026-11-20", "2026-11-25")
    config = world(tmp_path, [sent(1, AZURE, SECRET), sent(2, AZURE, SECRET, days=1)], more=lifted)
    assert wrong(config, code=0) == {}
    assert fates(config, 0) == {"same": 2}


def test_what_left_after_an_exception_or_before_it_is_listed(tmp_path: Path) -> None:
    lifted = exception("cac.sren31", "2026-11-24", "2026-11-24")
    days = [sent(number, AZURE, SECRET, days=days) for number, days in enumerate((-1, 0, 1), 1)]
    assert wrong(world(tmp_path, days, more=lifted)) == {AZURE.destination: 2}


def test_an_exception_that_names_what_is_gone_counts_for_nothing_and_stops_nothing(tmp_path: Path) -> None:
    lifted = exception("cac.gone", "2026-11-20", "2026-11-25")
    assert wrong(world(tmp_path, [sent(1, AZURE, SECRET), sent(2, OWN, SECRET)], more=lifted)) == {AZURE.destination: 1}


def test_what_left_under_an_analysis_that_has_ended_since_is_not_listed(tmp_path: Path) -> None:
    days = [sent(number, TEMPLE, {DataClass.PERSONAL}, days=days) for number, days in enumerate((0, 1, 2), 1)]
    config = world(tmp_path, days, ends=", valid_until = 2026-11-25")
    assert wrong(config) == {TEMPLE.destination: 1}


def test_an_attestation_that_expired_between_still_counts_on_its_days(tmp_path: Path) -> None:
    before, after = sent(1, OWN, SECRET, days=5), sent(2, OWN, SECRET, days=6)
    assert (before.at[:10], after.at[:10]) == ("2026-11-29", "2026-11-30")  # it is out on its last day
    assert wrong(world(tmp_path, [before, after])) == {OWN.destination: 1}


def test_an_attestation_that_began_later_did_not_count_yet(tmp_path: Path) -> None:
    before, after = sent(1, TEMPLE, SECRET, days=-117), sent(2, TEMPLE, SECRET, days=-116)
    assert (before.at[:10], after.at[:10]) == ("2026-07-30", "2026-07-31")
    assert wrong(world(tmp_path, [before, after])) == {TEMPLE.destination: 1}


# ------------------------------------------------------------------ what persons decided and ended
def moment(text: str) -> Instant:
    return Instant(int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000))


ENDS = datetime(2027, 3, 1, tzinfo=UTC).date()
EXCEPTION = Step(
    kind=Kind.EXCEPTION, name="Camille Martin", role="owner", application="crisis", rule="cac.sren31",
    ground="a project under way", ends=ENDS, destinations=TO_AZURE,
)  # fmt: skip
CONTEST = Step(
    kind=Kind.CONTEST, name="Camille Martin", role="owner", application="crisis", ground="no patient, a street",
    ends=ENDS, marks=("aa",), entry=samples.id_of(1),
)  # fmt: skip


def granted(config: Path, step: Step, ended: str) -> str:
    """Have two persons grant what one asks for on 24 November at nine, and one end it; return its id."""
    state = config.parent / "state"
    docket: Docket = docket_of(state, Secrets.open(state))
    asked = docket.ask(step, moment("2026-11-24T08:00"))
    nine = moment("2026-11-24T09:00")
    docket.decide(asked.matter, step.kind, Move.GRANTED, name="Dominique Petit", role="dpo", now=nine)
    docket.decide(asked.matter, step.kind, Move.ENDED, name="Camille Martin", role="owner", now=moment(ended))
    for seq, _ in docket.untold():
        docket.told(seq)
    return asked.matter


def test_an_exception_that_was_revoked_early_counted_until_then(tmp_path: Path) -> None:
    left = [sent(number, AZURE, SECRET, days=days) for number, days in enumerate((0, 1, 2), 1)]  # at noon
    config = world(tmp_path, left)
    granted(config, EXCEPTION, "2026-11-25T15:00")
    assert wrong(config) == {AZURE.destination: 1}
    document: dict[str, Any] = told("explain", config, 0, "1")
    assert document["entry"]["decided_alike"] is True
    assert told("explain", config, 0, "2")["entry"]["decided_alike"] is False


def test_an_exception_that_was_revoked_on_a_day_no_longer_counted_later_that_day(tmp_path: Path) -> None:
    config = world(tmp_path, [sent(1, AZURE, SECRET), sent(2, AZURE, SECRET, days=1)])
    granted(config, EXCEPTION, "2026-11-24T11:00")
    assert wrong(config) == {AZURE.destination: 2}


def test_what_left_under_a_contest_is_asked_as_its_findings_were_left(tmp_path: Path) -> None:
    left_out = sent(1, AZURE, set())
    left_out = replace(left_out, body={**left_out.body, "contested": ("C-1",)})
    config = world(tmp_path, [left_out, sent(2, AZURE, {DataClass.HEALTH})])
    granted(config, CONTEST, "2026-11-30T09:00")
    assert wrong(config) == {AZURE.destination: 1}
    assert fates(config) == {"same": 1, "would_be_refused": 1}


# ------------------------------------------------------------------ a month is quick
def test_days_between_which_nothing_begins_or_ends_share_what_they_are_asked_of(tmp_path: Path) -> None:
    config = world(tmp_path, [], more=exception("cac.sren31", "2026-11-20", "2026-11-25"))
    past = Bygone(grounds(load(config)))
    assert past.at("2026-11-23T08:00:00.000Z") is past.at("2026-11-21T08:00:00.000Z")
    assert past.at("2026-11-25T00:00:00.000Z").snapshot is past.at("2026-11-20T08:00:00.000Z").snapshot
    assert past.at("2026-11-26T00:00:00.000Z").snapshot is not past.at("2026-11-25T23:59:59.999Z").snapshot


def test_what_asked_the_same_on_two_days_is_one_change(tmp_path: Path) -> None:
    config = world(tmp_path, [sent(1, AZURE, SECRET), sent(2, AZURE, SECRET, days=3)])
    (change,) = told("simulate", config, 1)["changes"]
    assert (change["decisions"], change["first"][:10], change["last"][:10]) == (2, "2026-11-24", "2026-11-27")
