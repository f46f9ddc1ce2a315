"""Energy and carbon of what was used: joined with the registry; what is unknown is named and is in no sum."""

import tomllib
from pathlib import Path

import pytest

from ecluse.edge.footprint import Estimate, Unknown, footprint
from ecluse.edge.usage import Line, Sums
from ecluse.packs.footprint import load as figures
from ecluse.packs.registry import Registry, load

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
WORDS = ROOT / "src" / "ecluse" / "console" / "words" / "usage.toml"


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load()


def line(name: str, *, tokens: int = 400, currency: str = "", **counts: int) -> Line:
    return Line(name=name, currency=currency, sums=Sums(**{"passages": 1, "tokens_out": tokens} | counts))


def one(registry: Registry, sent: Line, own_country: str | None = None) -> Estimate:
    (found,) = footprint(registry, [sent], own_country=own_country).destinations
    return found


@pytest.mark.parametrize(
    ("destination", "energy", "carbon", "why"),
    [
        ("scaleway/generative-apis/mistral-small-3.2", True, True, ()),
        ("mistral/eu/mistral-large-3", True, True, ()),
        ("self_hosted/own_premises/mistral-small-3.2", True, False, (Unknown.COUNTRY,)),
        ("openai/eu/gpt-5.4", False, False, (Unknown.SIZE,)),
        ("left/the/registry", False, False, (Unknown.DESTINATION,)),
    ],
)
def test_what_is_not_on_record_is_unknown_and_never_zero(
    registry: Registry, destination: str, *, energy: bool, carbon: bool, why: tuple[Unknown, ...]
) -> None:
    found = one(registry, line(destination))
    assert (found.energy_wh is not None, found.carbon_g is not None, found.unknown) == (energy, carbon, why)


def test_one_s_own_machines_stand_where_their_owner_says(registry: Registry) -> None:
    found = one(registry, line("self_hosted/own_premises/mistral-small-3.2"), "FR")
    assert found.carbon_g == one(registry, line("scaleway/generative-apis/mistral-small-3.2")).carbon_g
    assert one(registry, line("self_hosted/own_premises/mistral-small-3.2"), "ZZ").carbon_g is None


def test_a_sum_is_of_what_is_known_and_says_when_it_is_not_all(registry: Registry) -> None:
    small = line("scaleway/generative-apis/mistral-small-3.2", currency="EUR")
    again = line("scaleway/generative-apis/mistral-small-3.2")
    made = footprint(registry, [small, again, line("openai/eu/gpt-5.4"), line("", passages=0)])
    (known, unknown) = made.destinations
    assert made.energy_wh == known.energy_wh == one(registry, line(small.name, tokens=800)).energy_wh
    assert unknown.energy_wh is None
    assert not made.whole
    assert footprint(registry, [small]).whole
    assert footprint(registry, []).energy_wh is None


def test_passages_without_a_count_are_named_and_all_of_them_without_one_is_unknown(registry: Registry) -> None:
    name = "scaleway/generative-apis/mistral-small-3.2"
    some = one(registry, line(name, passages=2, uncounted=1))
    assert (some.energy_wh is not None, some.unknown) == (True, (Unknown.TOKENS,))
    none = one(registry, line(name, tokens=0, uncounted=1))
    assert (none.energy_wh, none.unknown) == (None, (Unknown.TOKENS,))


def test_passages_without_output_tokens_are_unknown_and_never_zero(registry: Registry) -> None:
    found = one(registry, line("scaleway/generative-apis/mistral-small-3.2", tokens=0))
    assert (found.energy_wh, found.carbon_g, found.unknown) == (None, None, (Unknown.NO_OUTPUT,))


def test_each_reason_has_words_and_the_page_on_it_counts_the_countries() -> None:
    why = tomllib.loads(str(WORDS.read_text(encoding="utf-8")))["why"]
    assert set(why) == set(Unknown)
    page = (DOCS / "explanation" / "energy-and-carbon.md").read_text(encoding="utf-8")
    assert f"of the {len(figures().grid.grams)} countries with a figure" in page


def test_simulated_passages_are_marked(registry: Registry) -> None:
    name = "scaleway/generative-apis/mistral-small-3.2"
    assert one(registry, line(name, simulated=1)).simulated
    assert not one(registry, line(name)).simulated
