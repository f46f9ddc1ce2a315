"""What a call may take at most, and what it cost: tokens, and millionths of a euro.

Law: an estimate is an upper bound, never a guess at the middle; an unknown price gives no cost, never zero. A price of
so many euros per million tokens is so many millionths of a euro per token.
"""

from collections.abc import Mapping
from math import ceil

from ecluse.domain.destination import Price, Reuse
from ecluse.domain.effects import Estimate
from ecluse.domain.event import Usage
from ecluse.domain.request import CacheSpan, HostedPart, Request, Surface

EURO = "EUR"
BLOB_TOKENS = 16_384
"""For each part that is not text, besides its bytes: a small picture is many tokens."""


def estimate(request: Request, size: int) -> Estimate:
    """Bound the tokens of a call whose body has `size` bytes: no tokeniser makes more tokens than there are bytes."""
    tokens_in = size + BLOB_TOKENS * len(request.unreadable)
    if request.surface is Surface.EMBEDDINGS:
        return Estimate(tokens_in=tokens_in, tokens_out=0)
    most, answers = request.options.get("max_tokens"), request.options.get("n", 1)
    hour = CacheSpan.HOUR in _spans(request)
    if not isinstance(most, int):
        return Estimate(tokens_in=tokens_in, tokens_out=None, hour=hour)
    return Estimate(tokens_in=tokens_in, tokens_out=most * (answers if isinstance(answers, int) else 1), hour=hour)


def most(price: Price | None, estimated: Estimate, tokens_out: int) -> int | None:
    """Return in millionths of a euro what a call costs at most, rounded up; None when no price in euros is known.

    All that is read in counts at the dearest price on record: the provider may write it down, for an hour if asked to.
    """
    if price is None or price.currency != EURO:
        return None
    dearest = max(price.per_million_in, price.per_million_written or 0.0)
    if estimated.hour:
        dearest = max(dearest, price.per_million_written_hour or 0.0)
    return ceil(estimated.tokens_in * dearest + tokens_out * price.per_million_out)


def reuse_of(usage: Usage) -> Reuse:
    """Return what a provider says that it remembered, or wrote to remember it, under OpenAI's names or Anthropic's.

    It is part of what was read in: never more than that, whatever the provider writes.
    """
    raw, read = usage.raw, usage.tokens_in or 0
    details, split = raw.get("prompt_tokens_details"), raw.get("cache_creation")
    cached = min(read, _counted(raw, "cache_read_input_tokens") or _counted(details, "cached_tokens"))
    written = _counted(raw, "cache_creation_input_tokens") or _counted(details, "cache_write_tokens")
    written = min(read - cached, written)
    hour = min(written, _counted(split, "ephemeral_1h_input_tokens"))
    return Reuse(cached=cached, written=written - hour, written_hour=hour)


def _counted(details: object, name: str) -> int:
    counted = details.get(name) if isinstance(details, Mapping) else None
    return counted if type(counted) is int and counted > 0 else 0


def _spans(request: Request) -> set[CacheSpan | None]:
    """Return for how long a provider is asked to remember anything of a request."""
    parts = (part for message in request.messages for part in message.parts if not isinstance(part, HostedPart))
    marked = (*request.messages, *request.tools, *parts)
    return {request.cache, *(one.cache for one in marked)}
