"""The digest says what the trail says, read at once or in pieces."""

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ecluse.console.digest import Digest, Filter, Passed, Way
from ecluse.edge.keys import state as where
from ecluse.edge.stores.reader import TrailReader
from ecluse.passage.record import parse
from tests.console.world import ground, write_trail


@pytest.fixture
def trail(month: Path, tmp_path: Path) -> TrailReader:
    shutil.copytree(month, tmp_path / "state")
    return TrailReader.open(where.trail(tmp_path / "state"))


def test_the_sums_are_those_of_the_trail(trail: TrailReader, tmp_path: Path) -> None:
    digest = Digest(tmp_path / "console.db")
    assert digest.follow(trail, 10**9) == 0
    entries = [parse(data) for _, data, _ in trail.rows(0, trail.size())]
    refused = Counter(rule for e in entries if e.kind == "refusal" for rule in e.body["refused_by"])  # type: ignore[union-attr] # a list
    ways = {way: count for way, count, *_ in digest.sums(Filter(), "way")}
    assert ways[Way.REFUSED] == sum(e.kind == "refusal" for e in entries)
    assert ways[Way.MASKED] == sum(e.kind == "intent" and bool(e.body["masked"]) for e in entries)
    assert ways[Way.AS_IS] == sum(e.kind == "intent" and not e.body["masked"] for e in entries)
    assert dict(digest.fired(Filter(), "refused", 99)) == refused
    ((_, tokens_in, tokens_out, cost),) = digest.sums(Filter())
    outcomes = [e.body for e in entries if e.kind == "outcome"]
    assert tokens_in == sum(int(str(b["tokens_in"])) for b in outcomes)
    assert tokens_out == sum(int(str(b["tokens_out"] or 0)) for b in outcomes)
    assert cost == sum(int(str(b["cost_micro"] or 0)) for b in outcomes)
    digest.close()
    trail.close()


def test_a_passage_whose_destinations_were_all_unreachable_left_for_nowhere() -> None:
    one = Passed(seq=1, passage="p", at="2026-11-24T08:00:00.000Z")
    asked: dict[str, object] = {
        "organisation": "o",
        "application": "a",
        "purpose": None,
        "model": "auto",
        "found": [],
        "declared": [],
    }
    one.take("intent", asked | {"observed": [], "masked": False, "destination": "d/m", "permitted_by": ["r"]})
    assert (one.way, one.destination) == (Way.AS_IS, "d/m")
    ended = {"status": "failed", "tokens_in": None, "tokens_out": None, "duration_ms": 3}
    one.take("outcome", ended | {"code": "upstream_error"})
    assert (one.way, one.destination) == (Way.AS_IS, "d/m")
    one.take("outcome", ended | {"code": "no_permitted_destination_alive"})
    assert (one.way, one.destination) == (Way.UNANSWERED, "")


@pytest.mark.parametrize("step", [1, 7, 501])
def test_reading_in_pieces_gives_the_same(trail: TrailReader, tmp_path: Path, step: int) -> None:
    whole, pieces = Digest(tmp_path / "whole.db"), Digest(tmp_path / "pieces.db")
    most = 60 if step == 1 else 800
    whole.follow(trail, most)
    for _ in range(0, most, step):
        pieces.follow(trail, min(step, most - pieces.size))
    for query in (
        "SELECT * FROM passages ORDER BY seq",
        "SELECT * FROM ruled ORDER BY 1, 2",
        "SELECT * FROM fired WHERE passages > 0 ORDER BY 1, 2, 3, 4, 5",
    ):
        assert pieces.ask(query) == whole.ask(query)
    names = ("day", "organisation", "way", "destination", "currency")
    kept = [[row for row in sorted(one.sums(Filter(), *names)) if row[5]] for one in (whole, pieces)]
    assert kept[0] == kept[1]
    for one in (whole, pieces):
        one.close()
    trail.close()


def test_another_trail_makes_it_begin_again(trail: TrailReader, tmp_path: Path) -> None:
    digest = Digest(tmp_path / "console.db")
    digest.follow(trail, 10**9)
    over = ground(tmp_path / "other")
    write_trail(over, 400, seed=8)
    other = TrailReader.open(where.trail(over.state))
    digest.follow(other, 10**9)
    assert digest.size == other.size()
    assert sum(row[0] for row in digest.sums(Filter())) == 400
    for one in (digest, trail, other, over):
        one.close()


def test_a_damaged_digest_is_made_anew(trail: TrailReader, tmp_path: Path) -> None:
    path = tmp_path / "console.db"
    path.write_bytes(b"not a database at all" * 100)
    digest = Digest(path)
    digest.follow(trail, 100)
    assert digest.size == 100
    digest.close()
    trail.close()


@pytest.mark.parametrize(
    "asked",
    [
        Filter(way="refused"),
        Filter(principal="health"),
        Filter(application="region-mail"),
        Filter(organisation="bank", way="masked"),
        Filter(first_day="2026-11-10", last_day="2026-11-12"),
        Filter(watched=True),
    ],
    ids=str,
)
def test_passages_and_sums_answer_the_same_filter(trail: TrailReader, tmp_path: Path, asked: Filter) -> None:
    digest = Digest(tmp_path / "console.db")
    digest.follow(trail, 10**9)
    found = digest.passages(asked, most=10**6)
    assert found
    assert len(found) == digest.sums(asked)[0][0]
    digest.close()
    trail.close()


def test_a_rule_and_the_beginning_of_a_passage_can_be_searched(trail: TrailReader, tmp_path: Path) -> None:
    digest = Digest(tmp_path / "console.db")
    digest.follow(trail, 10**9)
    ((rule, count),) = digest.fired(Filter(), "refused", 1)
    assert len(digest.passages(Filter(rule=rule, way="refused"), most=10**6)) == count
    entries = [parse(data) for _, data, _ in trail.rows(0, trail.size())]
    observed, fired = "", set[str]()
    for entry in entries:
        body: dict[str, Any] = dict(entry.body)
        observed = next(iter(body.get("observed") or ()), observed)
    for entry in entries:
        body = dict(entry.body)
        if observed in {*(body.get("observed") or ()), *(body.get("refused_by") or ())}:
            fired.add(entry.passage)
    found = digest.passages(Filter(rule=observed), most=10**6)
    assert {one.passage for one in found} == fired
    assert [one.seq for one in found] == sorted((one.seq for one in found), reverse=True)
    assert digest.passages(Filter(rule=observed), before=found[4].seq, most=1) == found[5:6]
    assert digest.passages(Filter(rule=observed, application="no-such")) == []
    one = digest.passages(Filter())[3]
    assert [found.passage for found in digest.passages(Filter(passage=one.passage[:12]))] == [one.passage]
    assert digest.passages(Filter(), before=one.seq)[0].seq < one.seq
    digest.close()
    trail.close()
