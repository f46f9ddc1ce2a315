"""The way back to the original is exact for every string."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.passage.classify.normalise import Edit, Reading, ascii_of, read

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=80)
"""Every code point, lone surrogates too."""
AWKWARD = st.text(alphabet="aé\u0301\u0327œﬁ\u200b\u00ad\u202f\ufdfa\uff11\u0430😀\ud800\n ", max_size=40)

READS = {
    "Élise à Besançon": "Elise a Besancon",
    "e\u0301le\u0300ve": "eleve",
    "cœur, œuvre, Æther, Straße": "coeur, oeuvre, AEther, Strasse",
    "06\u202f12\u00a034\u200956": "06 12 34 56",
    "ma\u200brie\u00ad.du\u2060bois": "marie.dubois",
    "\uff10\uff16\uff11\uff12\uff26\uff32": "0612FR",
    "ﬁn de l\u2019été \u2013 « oui »": 'fin de l\'ete - " oui "',
    "٠٦": "06",
    "m\u0430rie@\u043erange.fr": "marie@orange.fr",
    "Ив\u0430н \u0430": "Xxxx x",
    "身份": "xx",
    "한글": "xx",
    "😀\ud800": "\x7f\x7f",
    "n° 3 €": "no 3 \x7f",
    "\U000e0041\U000e0062": "Ab",
    "Łódź Đorđe": "Lodz Dorde",
    "ligne\u2028suite\x85fin": "ligne\nsuite\nfin",
}


@pytest.mark.parametrize(("text", "expected"), READS.items())
def test_a_text_is_read_as_ascii(text: str, expected: str) -> None:
    assert read(text).text == expected


def test_ascii_is_read_as_it_is() -> None:
    text = "plain\x00text\x1f\x7f"
    assert read(text) == Reading(text=text)


@pytest.mark.parametrize(
    ("text", "value", "original"),
    [
        ("le cœur bat", "coeur", "cœur"),
        ("un ﬁls", "fils", "ﬁls"),
        ("un ﬁls", "ils", "ﬁls"),
        ("José\u0301 dort", "Jose", "José\u0301"),
        ("a\u200bmarie\u200b b", "marie", "marie"),
        ("x m\u200ba\u200br", "mar", "m\u200ba\u200br"),
        ("e\u0301\u0302\u0303 f", "e", "e\u0301\u0302\u0303"),
        ("\u0301abc", "abc", "abc"),
        ("œ\u0301a", "oe", "œ\u0301"),
    ],
)
def test_a_span_leads_back_to_the_characters_it_came_from(text: str, value: str, original: str) -> None:
    reading = read(text)
    at = reading.text.index(value)
    start, end = reading.original(at, at + len(value))
    assert text[start:end] == original


@given(ANY_TEXT | AWKWARD)
def test_every_string_is_read_and_every_span_lies_in_it(text: str) -> None:
    reading = read(text)
    assert reading.text.isascii()
    spans = [reading.original(i, i + 1) for i in range(len(reading.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)


@given(ANY_TEXT | AWKWARD)
def test_the_way_back_never_goes_backwards(text: str) -> None:
    reading = read(text)
    spans = [reading.original(i, i + 1) for i in range(len(reading.text))]
    assert all(a.start <= b.start and a.end <= b.end for a, b in pairwise(spans))
    assert all(reading.original(i, len(spans)).end == spans[-1].end for i in range(len(spans)))


@given(ANY_TEXT | AWKWARD)
def test_each_character_read_is_what_its_original_is_read_as(text: str) -> None:
    reading = read(text)
    for i, letter in enumerate(reading.text):
        start, end = reading.original(i, i + 1)
        origin = text[start:end]
        alike = "".join(map(ascii_of, origin))
        assert letter in alike or any(ord(c) > 0x7F and unicodedata.category(c)[0] == "L" for c in origin)


@given(AWKWARD, st.data())
def test_an_edited_reading_leads_back_too(text: str, data: st.DataObject) -> None:
    first = read(text)
    size = len(first.text)
    cuts = sorted(data.draw(st.sets(st.integers(0, size), max_size=6)))
    edits = [
        Edit(a, b, data.draw(st.sampled_from(["", "x", "xyz"]))) for a, b in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    second = first.edited(edits)
    kept = first.text
    for edit in reversed(edits):
        kept = kept[: edit.start] + edit.text + kept[edit.end :]
    assert second.text == kept
    for edit in edits:
        before = sum(len(e.text) - (e.end - e.start) for e in edits if e.start < edit.start)
        for at in range(edit.start + before, edit.start + before + len(edit.text)):
            assert second.original(at, at + 1) == first.original(edit.start, edit.end)
    spans = [second.original(i, i + 1) for i in range(len(second.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)


@pytest.mark.parametrize("text", ["e" + "\u0301" * 200_000, "\u200b" * 200_000, "a\u200b" * 100_000, "\ufdfa" * 20_000])
def test_a_flood_is_read_in_linear_time(text: str) -> None:
    reading = read(text)
    assert not reading.text or reading.original(0, len(reading.text)).end <= len(text)
