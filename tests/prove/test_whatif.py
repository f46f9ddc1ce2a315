"""A convertible that becomes shares: exact for who converts, diluted for the others, and read strictly."""

import pytest

from ecluse.cli.facts import graph_of
from ecluse.domain.party import EntityId, StakeKind
from ecluse.prove.holding import Result, share_test
from ecluse.prove.whatif import Conversion, NoSuchSupposition, read_supposition, suppose
from tests.prove.prove_world import TODAY, registry
from tests.prove.test_holding import graph, stake

ACME = EntityId("acme")
THE_2024_CASE = "microsoft converts 15 MEUR in mistral_ai at 20 GEUR post-money"


def test_the_2024_case_is_less_than_a_tenth_of_a_percent() -> None:
    conversion = read_supposition(THE_2024_CASE, registry().entities)
    assert conversion.share == pytest.approx(0.075)
    after = {(s.holder, s.kind): s for s in suppose(registry().stakes, conversion, TODAY) if s.held == "mistral_ai"}
    assert (EntityId("microsoft"), StakeKind.CONVERTIBLE) not in after
    shares = after[EntityId("microsoft"), StakeKind.EQUITY]
    assert (shares.low, shares.high) == (conversion.share, conversion.share)
    asml = after[EntityId("asml"), StakeKind.EQUITY]
    assert asml.low == pytest.approx(11 * 0.99925)
    assert asml.high == pytest.approx(11.2 * 0.99925)
    assert after[EntityId("microsoft"), StakeKind.SUB_PROCESSOR].high == 0
    other = [s for s in registry().stakes if s.held != "mistral_ai"]
    assert [s for s in suppose(registry().stakes, conversion, TODAY) if s.held != "mistral_ai"] == other


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("us converts 15 MEUR in acme at 60 MEUR post-money", 25),
        ("us converts 15 MEUR in acme at 45 MEUR pre-money", 25),
        ("us converts 500 KUSD in acme at 2 MUSD post-money", 25),
        ("us converts 1000000 EUR in acme at 0.004 GEUR  post-money", 25),
    ],
)
def test_money_is_read_with_its_unit_and_its_side(text: str, share: float) -> None:
    assert read_supposition(text, graph([]).entities).share == pytest.approx(share)


def test_what_a_holder_had_before_is_kept_and_diluted() -> None:
    before = (stake("founder", "acme", 60), stake("us", "acme", 20))
    after = suppose(before, Conversion(holder=EntityId("us"), held=ACME, share=25, stated="x"), TODAY)
    assert {s.holder: (s.low, s.high) for s in after} == {"founder": (45, 45), "us": (40, 40)}
    assert share_test(graph(before), ACME).result is Result.UNKNOWN
    assert share_test(graph(after), ACME).result is Result.FAIL


def test_votes_on_record_move_with_the_shares() -> None:
    before = (stake("founder", "acme", 80), stake("founder", "acme", 90, kind=StakeKind.VOTES))
    after = suppose(before, Conversion(holder=EntityId("us"), held=ACME, share=50, stated="x"), TODAY)
    assert {(s.holder, s.kind.value): s.low for s in after} == {
        ("founder", "equity"): 40, ("founder", "votes"): 45, ("us", "equity"): 50, ("us", "votes"): 50,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("microsoft buys mistral_ai", "write:"),
        ("microsoft converts 15 MEUR in mistral_ai at 20 GEUR", "write:"),
        ("nobody converts 15 MEUR in mistral_ai at 20 GEUR post-money", "no entity"),
        ("microsoft converts 15 MEUR in nothing at 20 GEUR post-money", "no entity"),
        ("microsoft converts 15 MEUR in microsoft at 20 GEUR post-money", "into itself"),
        ("microsoft converts 15 MEUR in mistral_ai at 20 GUSD post-money", "one currency"),
        ("microsoft converts 20 GEUR in mistral_ai at 20 GEUR post-money", "below the value"),
        ("microsoft converts 0 EUR in mistral_ai at 20 GEUR post-money", "above nothing"),
    ],
)
def test_what_cannot_be_computed_refuses(text: str, why: str) -> None:
    with pytest.raises(NoSuchSupposition, match=why):
        read_supposition(text, registry().entities)


def test_the_supposed_graph_has_no_bound_above_everything() -> None:
    conversion = read_supposition("microsoft converts 19 GEUR in mistral_ai at 20 GEUR post-money", registry().entities)
    seen = graph_of(registry())
    assert all(s.high <= 100 for s in suppose(seen.stakes, conversion, TODAY))


def test_a_name_that_is_not_on_record_asks_which_was_meant_in_french_too() -> None:
    with pytest.raises(NoSuchSupposition) as refused:
        read_supposition("microsft converts 15 MEUR in mistral_ai at 20 GEUR post-money", registry().entities)
    assert "vouliez-vous dire `microsoft` ?" in refused.value.fr
