"""How long a provider asks to be left alone, as its headers say it."""

import pytest

from ecluse.domain.snapshot import Instant
from ecluse.passage.route import rest_until

NOW = Instant(1_795_521_600_000)  # 2026-11-24T12:00:00Z


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"retry-after": "3"}, 3000),
        (429, {"retry-after-ms": "250", "retry-after": "1"}, 250),
        (429, {"retry-after": "Tue, 24 Nov 2026 12:00:09 GMT"}, 9000),
        (503, {"retry-after": "2"}, 2000),
        (200, {"retry-after": "3"}, None),
        (429, {}, None),
        (429, {"retry-after": "soon"}, None),
        (429, {"retry-after": "0"}, None),
        (200, {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s"}, 360_000),
        (200, {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1.5s"}, 1500),
        (200, {"x-ratelimit-remaining-tokens": "12", "x-ratelimit-reset-tokens": "1.5s"}, None),
        (200, {"x-ratelimit-remaining-requests": "0"}, None),
        (
            200,
            {
                "anthropic-ratelimit-requests-remaining": "0",
                "anthropic-ratelimit-requests-reset": "2026-11-24T12:00:30Z",
            },
            30_000,
        ),
        (200, {"anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": "2026-11-24"}, None),
        (429, {"retry-after": "1", "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "4s"}, 4000),
    ],
)
def test_a_wait_is_read_or_unsaid(status: int, headers: dict[str, str], wait: int | None) -> None:
    until = rest_until(status, headers, NOW)
    assert (None if until is None else until - NOW) == wait
