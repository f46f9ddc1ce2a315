"""Where a text stands in a link does not depend on how it was cut."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecluse.domain.links import LinkState, advance, links
from tests.passage.mask.case import pieces

TEXTS = st.lists(
    st.sampled_from(
        [
            *"ab1 \n\"'<>()[]=/\\:.?",
            "http:",
            "//",
            "www.",
            "](",
            "url(",
            "src",
            "href =",
            "mailto:",
            "x.fr/",
            "x.fr:80?",
            "é",
            "curl",
            "fetch(",
            "requests.",
            "x.post(",
            '"https://x',
            '" + ',
            "\n\n",
            "\n```",
            "%.a",
            "z" * 50,
            '"url"',
            '"imageUrl" : "',
            "\\\\",
            "@import ",
            "IMAGE(",
            "xn--p1ai/",
        ]
    ),
    max_size=20,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.lists(st.integers(1, 9), min_size=1, max_size=8))
def test_any_cut_of_a_text_stands_at_the_same_place(text: str, cuts: list[int]) -> None:
    state = LinkState()
    for piece in pieces(text, cuts):
        state = advance(state, piece)
    whole = advance(LinkState(), text)
    assert (state.inside, state.closing, state.depth, state.escaped) == (
        whole.inside,
        whole.closing,
        whole.depth,
        whole.escaped,
    )


@settings(max_examples=300, deadline=None)
@given(TEXTS)
@example("requests.aa?")
@example('"https://x". ')
@example("a.http:1?")
def test_the_links_of_a_text_are_where_one_stands_inside(text: str) -> None:
    listed = {at for _, first, last in links(text) for at in range(first, last + 1)}
    stood = {at for at in range(len(text) + 1) if advance(LinkState(), text[:at]).inside}
    assert stood - listed == set()
    assert all(at + 1 in listed or at - 1 in listed or at in stood for at in listed)


def test_a_link_begins_outside_of_it() -> None:
    for start, first, last in links('a https://x.fr/b c <img src="d"> [e](f (g) h) i'):
        assert start < first <= last


def test_what_is_remembered_is_bounded() -> None:
    state = LinkState()
    for _ in range(100):
        state = advance(state, "x" * 100)
    assert len(state.tail) < 100
