"""A caller's trace, as W3C Trace Context writes it in `traceparent` (https://www.w3.org/TR/trace-context/, 3.2).

Law: what is malformed is no trace, as the recommendation says, and never an error. `tracestate` is not read, and
neither goes on to a provider.
"""

import re
from dataclasses import dataclass

HEADER = "traceparent"
LENGTH = 55
"""Characters of version 00; a later version may say more after a dash."""
FORM = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
SAMPLED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """The caller's span, and whether its trace is kept."""

    trace: int
    span: int
    sampled: bool


def parent_of(header: str) -> Parent | None:
    """Return the caller's span, None for what is no `traceparent`."""
    found = FORM.match(header)
    if found is None or found[1] == "ff":
        return None
    more = header[LENGTH:]
    if more and (found[1] == "00" or not more.startswith("-")):
        return None
    trace, span = int(found[2], 16), int(found[3], 16)
    if not trace or not span:
        return None
    return Parent(trace=trace, span=span, sampled=bool(int(found[4], 16) & SAMPLED))
