"""Estimates are upper bounds; a cost is known or it is none."""

from typing import Any

import pytest

from ecluse.domain.destination import Price, Reuse
from ecluse.domain.effects import Estimate
from ecluse.domain.event import Usage
from ecluse.domain.request import BlobPart, CacheSpan, Json, Message, Request, Role, Surface, TextPart, Tool
from ecluse.passage.cost import BLOB_TOKENS, estimate, most, reuse_of
from tests.passage.play import SOURCE


def asked(surface: Surface = Surface.CHAT, messages: tuple[Message, ...] = (), **options: Any) -> Request:
    return Request(surface=surface, model="m", messages=messages, options=options)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (asked(max_tokens=50), Estimate(tokens_in=1000, tokens_out=50)),
        (asked(max_tokens=50, n=3), Estimate(tokens_in=1000, tokens_out=150)),
        (asked(), Estimate(tokens_in=1000, tokens_out=None)),
        (asked(Surface.EMBEDDINGS), Estimate(tokens_in=1000, tokens_out=0)),
        (
            asked(messages=(Message(role=Role.USER, parts=(BlobPart(media="image", wire={}),)),), max_tokens=1),
            Estimate(tokens_in=1000 + BLOB_TOKENS, tokens_out=1),
        ),
    ],
    ids=["a maximum", "three answers", "no maximum", "vectors", "a picture"],
)
def test_an_estimate_bounds_what_a_call_can_take(request_: Request, expected: Estimate) -> None:
    assert estimate(request_, 1000) == expected


def price(currency: str, tokens_in: float, tokens_out: float, **apart: float) -> Price:
    return Price(currency=currency, per_million_in=tokens_in, per_million_out=tokens_out, source=SOURCE, **apart)


def taking(tokens_in: int, *, hour: bool = False) -> Estimate:
    return Estimate(tokens_in=tokens_in, tokens_out=None, hour=hour)


def test_a_bound_is_in_millionths_of_a_euro_rounded_up() -> None:
    assert most(price("EUR", 0.4, 2.0), taking(1_000_000), 500_000) == 1_400_000
    assert most(price("EUR", 0.4, 2.0), taking(1), 0) == 1
    assert most(price("EUR", 0, 0), taking(10), 10) == 0


def test_a_price_that_is_not_in_euros_or_not_known_gives_no_bound_and_never_zero() -> None:
    assert most(price("USD", 1, 1), taking(10), 10) is None
    assert most(None, taking(10), 10) is None


# ------------------------------------------------------------------ what a provider remembers
CLAUDE = price("EUR", 3, 15, per_million_cached=0.3, per_million_written=3.75, per_million_written_hour=6)
PLAIN = price("EUR", 3, 15)


@pytest.mark.parametrize(
    ("asked_at", "reuse", "expected", "bounds"),
    [
        (CLAUDE, Reuse(), 3_000 + 150, False),
        (CLAUDE, Reuse(cached=400), 1_800 + 120 + 150, False),
        (CLAUDE, Reuse(cached=400, written=400, written_hour=100), 300 + 120 + 1_500 + 600 + 150, False),
        (PLAIN, Reuse(cached=400), 3_000 + 150, True),
        (PLAIN, Reuse(written=1), None, False),
        (PLAIN, Reuse(written_hour=1), None, False),
        (CLAUDE, Reuse(cached=2_000), 600 + 150, False),
    ],
    ids=["nothing", "read", "read and written", "unknown price: at most", "written", "for an hour", "more than all"],
)
def test_what_is_remembered_costs_its_own_price_or_at_most_that_of_input_and_what_is_written_never_less(
    asked_at: Price,
    reuse: Reuse,
    expected: int | None,
    bounds: bool,  # noqa: FBT001 - a table
) -> None:
    assert asked_at.cost(1_000, 10, reuse) == expected
    assert asked_at.bounds(reuse) is bounds


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({}, Reuse()),
        ({"prompt_tokens_details": {"cached_tokens": 4}}, Reuse(cached=4)),
        ({"prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2}}, Reuse(cached=4, written=2)),
        ({"cache_read_input_tokens": 4, "cache_creation_input_tokens": 9}, Reuse(cached=4, written=9)),
        (
            {"cache_creation_input_tokens": 9, "cache_creation": {"ephemeral_1h_input_tokens": 6}},
            Reuse(written=3, written_hour=6),
        ),
        (
            {"cache_creation_input_tokens": 9, "cache_creation": {"ephemeral_1h_input_tokens": 10}},
            Reuse(written_hour=9),
        ),
        ({"prompt_tokens_details": {"cached_tokens": "4"}, "cache_read_input_tokens": -1}, Reuse()),
        ({"prompt_tokens_details": [1], "cache_read_input_tokens": True}, Reuse()),
        ({"cache_read_input_tokens": 10**30, "cache_creation_input_tokens": 10**30}, Reuse(cached=20)),
        ({"cache_read_input_tokens": 5, "cache_creation_input_tokens": 10**30}, Reuse(cached=5, written=15)),
    ],
)
def test_what_was_remembered_is_read_under_each_providers_names(raw: dict[str, Json], expected: Reuse) -> None:
    assert reuse_of(Usage(tokens_in=20, tokens_out=1, raw=raw)) == expected


def test_the_bound_covers_what_may_be_written_down() -> None:
    assert most(CLAUDE, taking(1_000), 10) == 3_750 + 150
    assert most(CLAUDE, taking(1_000, hour=True), 10) == 6_000 + 150
    assert most(price("EUR", 3, 15, per_million_cached=0.3), taking(1_000, hour=True), 10) == 3_000 + 150


HOUR = CacheSpan.HOUR


@pytest.mark.parametrize(
    "marked",
    [
        Request(surface=Surface.CHAT, model="m", cache=HOUR),
        Request(surface=Surface.CHAT, model="m", tools=(Tool(name="f", cache=HOUR),)),
        asked(messages=(Message(role=Role.TOOL, cache=HOUR),)),
        asked(messages=(Message(role=Role.USER, parts=(TextPart(text="a", cache=HOUR),)),)),
    ],
    ids=["the whole", "a tool", "a result", "a text"],
)
def test_a_wish_for_an_hour_is_seen_wherever_it_stands(marked: Request) -> None:
    assert estimate(marked, 10).hour
    assert not estimate(asked(messages=(Message(role=Role.USER, cache=CacheSpan.MINUTES),)), 10).hour
