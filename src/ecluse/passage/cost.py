"""What a call may take at most, and what it cost: tokens, and millionths of a euro.

Law: an estimate is an upper bound, never a guess at the middle; an unknown price gives no cost, never zero. A price of
so many euros per million tokens is so many millionths of a euro per token.
"""

from math import ceil

from ecluse.domain.destination import Price
from ecluse.domain.effects import Estimate
from ecluse.domain.request import Request, Surface

EURO = "EUR"
BLOB_TOKENS = 16_384
"""For each part that is not text, besides its bytes: a small picture is many tokens."""


def estimate(request: Request, size: int) -> Estimate:
    """Bound the tokens of a call whose body has `size` bytes: no tokeniser makes more tokens than there are bytes."""
    tokens_in = size + BLOB_TOKENS * len(request.unreadable)
    if request.surface is Surface.EMBEDDINGS:
        return Estimate(tokens_in=tokens_in, tokens_out=0)
    most, answers = request.options.get("max_tokens"), request.options.get("n", 1)
    if not isinstance(most, int):
        return Estimate(tokens_in=tokens_in, tokens_out=None)
    return Estimate(tokens_in=tokens_in, tokens_out=most * (answers if isinstance(answers, int) else 1))


def cost(price: Price | None, tokens_in: int, tokens_out: int) -> int | None:
    """Return millionths of a euro, rounded up; None when no price in euros is known."""
    if price is None or price.currency != EURO:
        return None
    return ceil(tokens_in * price.per_million_in + tokens_out * price.per_million_out)
