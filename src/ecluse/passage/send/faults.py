"""What a provider's failure means, by whose fault, from a status and at most a code out of a closed list.

Law: the provider's words are dropped: they may echo the prompt. Its 401 and 403 are about the gateway's credential, not
the caller's (Scaleway answers 403 to a wrong key); its 3xx is not followed; a filter's refusal is terminal.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from ecluse.domain.errors import ProviderError
from ecluse.domain.event import UpstreamError
from ecluse.domain.request import Json

RETRY_AFTER_MAX = 3600.0
"""Seconds; a longer wait is told as this one."""
MESSAGE = 2000
"""Most characters kept of an error's words inside an answer."""

LIMITS = 24
"""Most headers about limits that are passed on."""
_LIMIT = re.compile(r"(x-ratelimit|anthropic-ratelimit)-[a-z0-9-]{1,40}")
_SAID = re.compile(r"\d[\d.:TZ+msh-]{0,39}", re.ASCII)
"""A number, a duration such as `6m0s`, or a moment of RFC 3339: nothing that could be a word of somebody's."""
_TOO_MANY = 429
_BAD = 400

_STATUS = {
    400: "upstream_rejected",
    401: "upstream_credentials",
    402: "upstream_credentials",
    403: "upstream_credentials",
    404: "upstream_unserved",
    405: "upstream_unserved",
    408: "upstream_timeout",
    410: "upstream_unserved",
    413: "upstream_rejected",
    415: "upstream_rejected",
    422: "upstream_rejected",
    429: "upstream_rate_limited",
    501: "upstream_unserved",
    504: "upstream_timeout",
}
NO_CERTIFICATE = (b"No required SSL certificate was sent", b"The SSL certificate error")
"""What nginx writes, under status 400, to a client whose certificate is missing or not believed."""
FILTERS = frozenset({"content_filter", "ResponsibleAIPolicyViolation", "content_policy_violation"})
UNSERVED = frozenset({"model_not_found", "MODEL_NOT_FOUND", "invalid_model", "1500"})
"""Codes by which a 400 or a 422 says that there is no such model: what is on record is wrong, not what the caller asked
(OpenAI, Scaleway, Mistral; github.com/tmc/langchaingo/issues/1233)."""
SPOKEN = frozenset(
    {
        "context_length_exceeded",
        "insufficient_quota",
        "invalid_api_key",
        "model_not_found",
        "previous_response_not_found",
        "DeploymentNotFound",
        "rate_limit_exceeded",
        "string_above_max_length",
        "unsupported_parameter",
        "unsupported_value",
        "3280",
    }
)
"""Codes that may stand in our message, since they say something and nothing of the request (OpenAI, Azure, Mistral)."""


def fault(status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
    """Return the error for an answer with a status other than 200."""
    codes = _codes(body)
    detail = " ".join([f"HTTP {status}", *sorted(codes & SPOKEN)])
    limits = told_limits(headers) if status == _TOO_MANY else ()
    code = "upstream_tls" if _wants_certificate(status, body) else _code(status, codes)
    return ProviderError(code, detail, retry_after=retry_after(headers), limits=limits)


def fault_inside(answer: Mapping[str, Json], *, is_error: bool = False) -> UpstreamError | None:
    """Return the failure that stands where an answer should, under status 200; None if there is none.

    `is_error` is whether the event itself was named `error`.
    """
    error = answer.get("error")
    if not error and answer.get("object") != "error" and not is_error:
        return None
    inner: Json = error if isinstance(error, dict | str) and error else answer
    codes = _codes_of(answer)
    code = "upstream_error"
    if codes & FILTERS:
        code = "upstream_content_filter"
    elif codes & {"429", "rate_limit_exceeded", "rate_limited", "rate_limit_error"}:
        code = "upstream_rate_limited"
    message: object = inner.get("message") if isinstance(inner, Mapping) else inner
    return UpstreamError(code=code, message=message[:MESSAGE] if isinstance(message, str) else "")


def told_limits(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what a provider says of its limits, by the names that its own clients look for."""
    told = ((name.lower(), value.strip()) for name, value in headers.items())
    return tuple(sorted((name, value) for name, value in told if _LIMIT.fullmatch(name) and _SAID.fullmatch(value)))[
        :LIMITS
    ]


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the wait in seconds that the provider asks for; a date counts from the provider's own `Date`."""
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = lower.get(name, "")
        if value.replace(".", "", 1).isdigit() and value.isascii():
            return min(float(value) * unit, RETRY_AFTER_MAX)
    until, now = _date(lower.get("retry-after", "")), _date(lower.get("date", ""))
    if until is None or now is None:
        return None
    return min(max(0.0, (until - now).total_seconds()), RETRY_AFTER_MAX)


def _date(value: str) -> datetime | None:
    """Read a date of HTTP (RFC 9110, section 5.6.7)."""
    try:
        return datetime.strptime(value, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    except ValueError:
        return None


def _code(status: int, codes: frozenset[str]) -> str:
    if status in (400, 422) and codes & FILTERS:
        return "upstream_content_filter"
    if status in (400, 422) and codes & UNSERVED:
        return "upstream_unserved"
    if 300 <= status < 400:  # noqa: PLR2004 - RFC 9110, section 15.4
        return "upstream_redirect"
    if status < 300:  # noqa: PLR2004 - a success that is not 200 holds no answer
        return "upstream_malformed"
    return _STATUS.get(status, "upstream_error")


def _wants_certificate(status: int, body: bytes) -> bool:
    return status == _BAD and body.lstrip()[:1] == b"<" and any(words in body for words in NO_CERTIFICATE)


def _codes(body: bytes) -> frozenset[str]:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return frozenset()
    return _codes_of(value) if isinstance(value, dict) else frozenset()


def _codes_of(answer: Mapping[str, Json]) -> frozenset[str]:
    """Gather the codes of OpenAI's, Azure's and Mistral's shapes of an error."""
    places: list[Mapping[str, Json]] = [answer]
    for name in ("error", "innererror", "inner_error"):
        inner = places[-1].get(name)
        if isinstance(inner, Mapping):
            places.append(inner)
    found = (place.get(name) for place in places for name in ("code", "type", "status", "raw_status_code"))
    return frozenset(str(code) for code in found if isinstance(code, str | int))
