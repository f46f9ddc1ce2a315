"""A caller's trace: what W3C Trace Context calls well formed is taken up, anything else is none and harms nothing."""

import pytest

from ecluse.edge.trace_context import Parent, parent_of

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
WHOLE = f"00-{TRACE}-{SPAN}-01"


@pytest.mark.parametrize(
    ("header", "sampled"),
    [
        (WHOLE, True),
        (f"00-{TRACE}-{SPAN}-00", False),
        (f"00-{TRACE}-{SPAN}-02", False),
        (f"00-{TRACE}-{SPAN}-ff", True),
        (f"cc-{TRACE}-{SPAN}-01", True),
        (f"cc-{TRACE}-{SPAN}-01-what-a-later-version-says", True),
    ],
)
def test_a_well_formed_header_names_the_caller_s_span(header: str, *, sampled: bool) -> None:
    assert parent_of(header) == Parent(trace=int(TRACE, 16), span=int(SPAN, 16), sampled=sampled)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "00",
        WHOLE[:-1],
        f"{WHOLE}-more",
        f"{WHOLE} ",
        f" {WHOLE}",
        f"{WHOLE}, {WHOLE}",
        f"ff-{TRACE}-{SPAN}-01",
        f"cc-{TRACE}-{SPAN}-01.more",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        WHOLE.upper(),
        f"00-{TRACE}-{SPAN}-0x",
        f"00-{'٤' * 32}-{SPAN}-01",
    ],
)
def test_what_is_malformed_is_no_trace(header: str) -> None:
    assert parent_of(header) is None
