"""Estimates are upper bounds; a cost is known or it is none."""

from typing import Any

import pytest

from ecluse.domain.destination import Price
from ecluse.domain.effects import Estimate
from ecluse.domain.request import BlobPart, Message, Request, Role, Surface
from ecluse.passage.cost import BLOB_TOKENS, cost, estimate
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


def price(currency: str, tokens_in: float, tokens_out: float) -> Price:
    return Price(currency=currency, per_million_in=tokens_in, per_million_out=tokens_out, source=SOURCE)


def test_a_cost_is_in_millionths_of_a_euro_rounded_up() -> None:
    assert cost(price("EUR", 0.4, 2.0), 1_000_000, 500_000) == 1_400_000
    assert cost(price("EUR", 0.4, 2.0), 1, 0) == 1
    assert cost(price("EUR", 0, 0), 10, 10) == 0


def test_a_price_that_is_not_in_euros_or_not_known_gives_no_cost_and_never_zero() -> None:
    assert cost(price("USD", 1, 1), 10, 10) is None
    assert cost(None, 10, 10) is None
