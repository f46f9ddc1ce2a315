"""What third entities can hold: intervals on small graphs, and the same upper bound as the rules read."""

import math
from collections.abc import Iterable
from datetime import date

import pytest

from ecluse.cli.facts import graph_of
from ecluse.domain.party import Confidence, Entity, EntityId, Source, Stake, StakeKind
from ecluse.packs.registry.ownership import non_eu_share_max
from ecluse.prove.holding import Graph, Result, Seat, outside_together, share_test
from tests.prove.prove_world import registry

READ = Source(title="read", url="https://example.org", as_of=date(2026, 1, 1), confidence=Confidence.HIGH)
RUMOUR = Source(title="rumour", url="https://example.org", as_of=date(2026, 1, 1), confidence=Confidence.LOW)
UNION = frozenset({"FR", "DE", "NL"})


def entity(name: str, seat: str | None, source: Source = READ) -> Entity:
    return Entity(id=EntityId(name), name=name.title(), seat=seat, source=source)


def stake(
    holder: str,
    held: str,
    low: float,
    high: float | None = None,
    kind: StakeKind = StakeKind.EQUITY,
    source: Source = READ,
) -> Stake:
    return Stake(
        holder=EntityId(holder),
        held=EntityId(held),
        kind=kind,
        low=low,
        high=low if high is None else high,
        source=source,
    )


PEOPLE = [
    entity("acme", "FR"), entity("group", "DE"), entity("founder", "FR"), entity("fund", None),
    entity("us", "US"), entity("uk", "GB"), entity("parent", "CA"), entity("gossip", "FR", RUMOUR),
]  # fmt: skip
SPLIT = [stake("us", "group", 30), stake("founder", "group", 70)]


def graph(stakes: Iterable[Stake]) -> Graph:
    known = {one.id: one for one in PEOPLE}
    return Graph(entities=known, stakes=tuple(stakes), unheld=frozenset({EntityId("founder")}), union=UNION)


@pytest.mark.parametrize(
    ("stakes", "single", "together", "result"),
    [
        pytest.param([], (0, 100), (0, 100), Result.UNKNOWN, id="nothing is known"),
        pytest.param([stake("founder", "acme", 80)], (0, 20), (0, 20), Result.PASS, id="the rest may be one holder"),
        pytest.param([stake("founder", "acme", 70)], (0, 30), (0, 30), Result.UNKNOWN, id="and may be too much"),
        pytest.param(
            [stake("founder", "acme", 64), stake("us", "acme", 18), stake("uk", "acme", 18)],
            (18, 18), (36, 36), Result.PASS, id="two that are known to be two",
        ),
        pytest.param(
            [stake("founder", "acme", 60), stake("us", "acme", 20), stake("uk", "acme", 20)],
            (20, 20), (40, 40), Result.FAIL, id="together above 39",
        ),
        pytest.param(
            [stake("founder", "acme", 64), *(stake(who, "acme", 18, source=RUMOUR) for who in ("us", "uk"))],
            (18, 36), (36, 36), Result.UNKNOWN, id="a rumour that there are two opens nothing",
        ),
        pytest.param([stake("us", "acme", 25)], (25, 100), (25, 100), Result.FAIL, id="alone above 24"),
        pytest.param(
            [stake("us", "acme", 25, source=RUMOUR)], (25, 100), (25, 100), Result.FAIL, id="a rumour still closes"
        ),
        pytest.param(
            [stake("founder", "acme", 80, source=RUMOUR)], (0, 100), (0, 100), Result.UNKNOWN, id="a rumour inside"
        ),
        pytest.param(
            [stake("group", "acme", 100), stake("us", "group", 30), stake("founder", "group", 70)],
            (30, 30), (30, 30), Result.FAIL, id="indirectly, through a company inside",
        ),
        pytest.param(
            [*(stake(who, "acme", 50) for who in ("group", "founder")), *SPLIT],
            (15, 15), (15, 15), Result.PASS, id="half of what is behind",
        ),
        pytest.param(
            [*(stake(who, "acme", 15) for who in ("us", "uk")), stake("founder", "acme", 70),
             *(stake("parent", who, 100) for who in ("us", "uk"))],
            (30, 30), (30, 30), Result.FAIL, id="two that are one holder's",
        ),
        pytest.param(
            [*(stake(who, "acme", 15) for who in ("us", "uk")), stake("founder", "acme", 70),
             *(stake("parent", who, 0, 60) for who in ("us", "uk"))],
            (15, 30), (30, 30), Result.UNKNOWN, id="two that may be one holder's",
        ),
        pytest.param(
            [stake("us", "acme", 20), stake("uk", "acme", 15), stake("us", "uk", 30), stake("founder", "acme", 65)],
            (24.5, 24.5), (35, 35), Result.FAIL, id="one that holds a part of another",
        ),
        pytest.param(
            [stake("group", "acme", 100), stake("us", "group", 38), stake("founder", "group", 62),
             *(stake(who, "group", 19, kind=StakeKind.VOTES) for who in ("us", "uk")),
             stake("founder", "group", 62, kind=StakeKind.VOTES)],
            (38, 38), (38, 38), Result.FAIL, id="more of the capital than of the votes, further up",
        ),
        pytest.param(
            [stake("group", "acme", 40), stake("founder", "acme", 60), stake("us", "group", 60),
             stake("founder", "group", 40)],
            (24, 40), (24, 40), Result.UNKNOWN, id="a company inside that one from outside may rule",
        ),
        pytest.param(
            [stake("founder", "acme", 80), stake("us", "acme", 0, 3, StakeKind.CONVERTIBLE)],
            (0, 23), (0, 23), Result.PASS, id="a convertible may become shares",
        ),
        pytest.param(
            [stake("founder", "acme", 80), stake("us", "acme", 0, 5, StakeKind.CONVERTIBLE)],
            (0, 25), (0, 25), Result.UNKNOWN, id="or too many",
        ),
        pytest.param(
            [stake("founder", "acme", 80), stake("group", "acme", 0, 20, StakeKind.CONVERTIBLE), *SPLIT],
            (0, 26), (0, 26), Result.UNKNOWN, id="or those of a company inside, as far as it is held from outside",
        ),
        pytest.param(
            [stake("fund", "acme", 30), stake("founder", "acme", 70)],
            (0, 30), (0, 30), Result.UNKNOWN, id="a holder whose seat nobody knows",
        ),
        pytest.param(
            [stake("gossip", "acme", 30), stake("founder", "acme", 70)],
            (0, 30), (0, 30), Result.UNKNOWN, id="a seat inside by rumour",
        ),
        pytest.param(
            [stake("group", "acme", 100), stake("acme", "group", 100)],
            (0, 100), (0, 100), Result.UNKNOWN, id="two that hold each other",
        ),
        pytest.param(
            [stake("founder", "acme", 80), stake("us", "acme", 0, 0, StakeKind.BOARD, RUMOUR)],
            (0, 20), (0, 20), Result.UNKNOWN, id="a third entity on the board",
        ),
        pytest.param(
            [stake("founder", "acme", 80), stake("founder", "acme", 0, 0, StakeKind.BOARD)],
            (0, 20), (0, 20), Result.PASS, id="one of the Union on the board",
        ),
        pytest.param(
            [stake("founder", "acme", 80), stake("us", "acme", 0, 0, StakeKind.TECHNOLOGY_LICENCE)],
            (0, 20), (0, 20), Result.PASS, id="a licence is no share",
        ),
    ],
)  # fmt: skip
def test_the_intervals_and_the_test(
    stakes: list[Stake], single: tuple[float, float], together: tuple[float, float], result: Result
) -> None:
    found = share_test(graph(stakes), EntityId("acme"))
    assert (found.capital.single.low, found.capital.single.high) == pytest.approx(single)
    assert (found.capital.together.low, found.capital.together.high) == pytest.approx(together)
    assert found.result is result


def test_votes_are_tested_apart() -> None:
    stakes = [stake("founder", "acme", 90), stake("founder", "acme", 55, kind=StakeKind.VOTES)]
    found = share_test(graph([*stakes, stake("us", "acme", 45, kind=StakeKind.VOTES)]), EntityId("acme"))
    assert found.votes is not None
    assert found.votes.single.low == 45
    assert found.result is Result.FAIL


def test_a_seat_outside_fails_whoever_holds_it_and_a_qualification_passes() -> None:
    assert share_test(graph([]), EntityId("uk")).result is Result.FAIL
    assert share_test(graph([]), EntityId("gossip")).seat is Seat.UNKNOWN
    assert share_test(graph([]), EntityId("acme"), proof="decision 1").result is Result.PASS


def test_the_upper_bound_is_the_one_that_the_rules_read() -> None:
    """Written twice, apart: `packs` for the rules, `prove` for the proof."""
    known, seen = registry(), graph_of(registry())
    for id_ in known.entities:
        assert math.ceil(outside_together(seen, id_).high - 1e-9) == non_eu_share_max(known, id_), id_
