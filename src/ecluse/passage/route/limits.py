"""How long a provider asks to be left alone, from the headers of its answer.

Law: numbers and moments only; what cannot be read is unsaid, never a wait. A limit that is used up counts, whichever
of requests or tokens it is about. Seen: OpenAI and Azure (`x-ratelimit-*`, durations such as `6m0s`), Anthropic
(`anthropic-ratelimit-*`, RFC 3339), Mistral and Cloud Temple (`x-ratelimit-*`, seconds), `Retry-After` everywhere.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from ecluse.domain.snapshot import Instant

TOO_MANY = 429
_KINDS = ("requests", "tokens", "input-tokens", "output-tokens")
_PIECE = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", re.ASCII)
_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,6})?", re.ASCII)


def rest_until(status: int, headers: Mapping[str, str], now: Instant) -> Instant | None:
    """Return until when the provider asks to be left alone, or None when it does not. Names in lower case."""
    asked = _retry_after(headers, now) if status in {TOO_MANY, 503} else None
    waits = [asked] if asked is not None else []
    for kind in _KINDS:
        for left, reset in (
            (f"x-ratelimit-remaining-{kind}", f"x-ratelimit-reset-{kind}"),
            (f"anthropic-ratelimit-{kind}-remaining", f"anthropic-ratelimit-{kind}-reset"),
        ):
            if headers.get(left, "").strip() == "0" and (until := _moment(headers.get(reset, ""), now)) is not None:
                waits.append(until)
    ahead = [until for until in waits if until > now]
    return Instant(max(ahead)) if ahead else None


def _retry_after(headers: Mapping[str, str], now: Instant) -> int | None:
    exact = headers.get("retry-after-ms", "").strip()
    if _NUMBER.fullmatch(exact):
        return now + round(float(exact))
    stated = headers.get("retry-after", "").strip()
    return _moment(stated, now) if stated else None


def _moment(value: str, now: Instant) -> int | None:
    """Read seconds, a duration, an RFC 3339 moment or an HTTP date."""
    value = value.strip()
    if _NUMBER.fullmatch(value):
        return now + round(float(value) * 1000)
    pieces = _PIECE.findall(value)
    if pieces and "".join(number + unit for number, unit in pieces) == value:
        return now + round(sum(float(number) * _UNITS[unit] for number, unit in pieces))
    return _rfc3339(value) or _http_date(value)


def _rfc3339(value: str) -> int | None:
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return round(read.timestamp() * 1000) if read.tzinfo else None


def _http_date(value: str) -> int | None:
    try:
        return round(datetime.strptime(value, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        return None
