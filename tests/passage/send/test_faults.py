"""By whose fault a provider failed, and that its words go nowhere."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.errors import EcluseError, ProviderError
from ecluse.passage.send import DIALECTS
from ecluse.passage.send.faults import FILTERS, MESSAGE, SPOKEN, UNSERVED, fault_inside, retry_after

CASES = tomllib.loads(Path(__file__).with_name("faults.toml").read_text())["fault"]
LISTED = SPOKEN | FILTERS | UNSERVED


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['status']}-{case['code']}")
def test_a_status_says_whose_fault_it_is(case: dict[str, Any], dialect: str) -> None:
    error = DIALECTS[dialect].error(case["status"], case.get("headers", {}), case.get("body", "").encode())
    assert (error.code, error.detail, error.retry_after) == (case["code"], case["detail"], case.get("retry_after"))


@given(status=st.integers(201, 599), body=st.binary(max_size=40), dialect=st.sampled_from(sorted(DIALECTS)))
def test_every_answer_but_200_is_the_providers_failure(status: int, body: bytes, dialect: str) -> None:
    assert isinstance(DIALECTS[dialect].error(status, {}, body), ProviderError)


@given(
    words=st.text(min_size=12).filter(lambda words: words not in LISTED),
    status=st.sampled_from([400, 401, 422, 429, 500]),
)
def test_the_providers_words_are_dropped(words: str, status: int) -> None:

    body = json.dumps({"error": {"message": words, "code": words, "type": words}, "detail": words}).encode()
    error: EcluseError = DIALECTS["openai_chat"].error(status, {}, body)
    assert str(error) == f"{error.code}: HTTP {status}"


@pytest.mark.parametrize("value", ["", "-1", "soon", "1e9", "٣", "1.2.3"])
def test_a_wait_that_is_no_number_counts_as_unsaid(value: str) -> None:
    assert retry_after({"retry-after": value}) is None


def test_what_a_provider_says_of_its_limits_is_kept_if_it_is_a_number_or_a_moment() -> None:
    said = {
        "X-RateLimit-Remaining-Tokens": "0",
        "x-ratelimit-reset-tokens": "6m0s",
        "anthropic-ratelimit-requests-reset": "2026-11-24T04:00:00Z",
        "x-ratelimit-limit-note": "Jean Dupont",
        "x-ratelimit-reset": "1\r\nset-cookie: a",
        "x-ratelimit-user": "06 39 98 41 28",
        "x-other": "3",
        "set-cookie": "3",
    }
    error = DIALECTS["openai_chat"].error(429, said, b"")
    assert getattr(error, "limits") == (  # noqa: B009 - every dialect gives a ProviderError, by the test above
        ("anthropic-ratelimit-requests-reset", "2026-11-24T04:00:00Z"),
        ("x-ratelimit-remaining-tokens", "0"),
        ("x-ratelimit-reset-tokens", "6m0s"),
    )
    assert getattr(DIALECTS["openai_chat"].error(500, said, b""), "limits") == ()  # noqa: B009 - the same


def test_an_errors_words_inside_an_answer_are_bounded() -> None:
    event = fault_inside({"error": {"message": "x" * 10_000}})
    assert event is not None
    assert len(event.message) == MESSAGE
