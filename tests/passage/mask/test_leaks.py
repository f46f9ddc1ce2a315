"""No value of a masked class is left in what is sent, however it is written; else nothing is sent."""

import base64
import itertools
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.errors import GatewayError
from ecluse.domain.request import Json, Message, Request, Role, Surface, ToolCall, slots
from ecluse.passage.mask.encoded import encoded
from ecluse.passage.mask.spelling import compact
from ecluse.passage.unmask import Restorer
from tests.passage.mask.case import chat, finding, masked, message, restored, seen, text_of

NAME = "Éléonore Lefèvre"
LOOKALIKES = str.maketrans("eoacpxELOAB", "\u0435\u043e\u0430\u0441\u0440\u0445\u0415L\u041e\u0410\u0412")


def b64(text: str, encoding: str = "utf-8") -> str:
    return base64.b64encode(text.encode(encoding)).decode()


def plain(text: str) -> str:
    return unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "capitals": str.upper,
    "small letters": str.lower,
    "without accents": plain,
    "decomposed": lambda t: unicodedata.normalize("NFD", t),
    "wide": lambda t: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in t),
    "look-alikes": lambda t: t.translate(LOOKALIKES),
    "zero-width spaces": "\u200b".join,
    "soft hyphens": "\u00ad".join,
    "invisible tags": lambda t: "".join(chr(0xE0000 + ord(c)) for c in plain(t)),
    "fillers of Hangul": "\u3164".join,
    "percent-encoded": quote,
    "percent-encoded twice": lambda t: quote(quote(t)),
    "escapes of JSON": lambda t: t.encode("ascii", "backslashreplace").decode().replace("\\x", "\\u00"),
    "entities of HTML": lambda t: t.encode("ascii", "xmlcharrefreplace").decode(),
    "base64": b64,
    "base64 without its end": lambda t: b64(t).rstrip("="),
    "base64 for links": lambda t: base64.urlsafe_b64encode(f"nom={t}?>".encode()).decode(),
    "base64 of UTF-16": lambda t: b64(t, "utf-16-le"),
    "base64 in a path": lambda t: f"/lettres/{b64(t)}/fin",
    "base64 twice": lambda t: b64(b64(t)),
    "base64 in lines": lambda t: "\n".join(b64("Dossier de " * 9 + t)[at : at + 76] for at in range(0, 228, 76)),
    "quoted-printable": lambda t: "".join(f"={o:02X}" if o > 127 else chr(o) for o in t.encode()),
    "quoted-printable of Latin-1": lambda t: "".join(f"={ord(c):02X}" if ord(c) > 127 else c for c in t),
    "octal escapes": lambda t: "".join(f"\\{o:03o}" if o > 127 else chr(o) for o in t.encode()),
    "escapes in braces": lambda t: "".join(f"\\u{{{ord(c):x}}}" if ord(c) > 127 else c for c in t),
    "misread as Windows-1252": lambda t: t.encode().decode("cp1252"),
    "misread as Latin-1": lambda t: t.encode().decode("latin-1"),
    "hexadecimal": lambda t: t.encode().hex(),
    "hexadecimal of Latin-1": lambda t: t.encode("latin-1").hex(),
    "hexadecimal in code": lambda t: f"0x{t.encode().hex()}",
    "octets of a database": lambda t: f"\\x{t.encode().hex()}",
    "octets one by one": lambda t: t.encode().hex(" "),
    "octets in a list": lambda t: ", ".join(f"0x{o:02x}" for o in t.encode()),
    "base64 of Latin-1": lambda t: b64(t, "latin-1"),
    "all octal": lambda t: "".join(f"\\{o:03o}" for o in t.encode()),
    "long escapes": lambda t: "".join(f"\\U{ord(c):08x}" for c in t),
    "escapes of a script": lambda t: "".join(f"%u{ord(c):04x}" for c in t),
    "escapes of Perl": lambda t: "".join(f"\\x{{{ord(c):x}}}" for c in t),
    "long entities": lambda t: "".join(f"&#{ord(c):07d};" for c in t),
    "entities without an end": lambda t: "".join(f"&#{ord(c)}" for c in t),
    "percent-encoded three times": lambda t: quote(quote(quote(t))),
    "question marks for accents": lambda t: t.encode("ascii", "replace").decode(),
    "two question marks for accents": lambda t: t.encode().decode("ascii", "replace").replace("\ufffd", "?"),
    "octets of RTF": lambda t: "".join(f"\\'{c.encode('cp1252').hex()}" if ord(c) > 127 else c for c in t),
    "a letter a line": lambda t: "\n".join(t.replace(" ", "")),
    "a list of letters": lambda t: str([c for c in t if c.isalpha()]),
    "letters in brackets": lambda t: "".join(f"[{c}]" for c in t if c.isalpha()),
    "in the plural": lambda t: f"the {t.split()[1]}s",
    "accents of an old system": lambda t: t.encode("cp850").decode("latin-1"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_copy_in_any_spelling_is_replaced_and_comes_back(spelling: str) -> None:
    copy = SPELLINGS[spelling](NAME)
    request = chat(f"{NAME} ; copie : {copy} ; fin")
    result = masked(request, seen(request, NAME))
    left = text_of(result.request)
    assert copy not in left
    assert left.endswith(" ; fin")
    assert restored(Restorer(result.vault), left) == f"{NAME} ; copie : {copy} ; fin"


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(sorted(SPELLINGS)), min_size=1, max_size=4), st.sampled_from([NAME, "Zoé Ly-Durand"]))
def test_many_copies_are_all_replaced(spellings: list[str], name: str) -> None:
    copies = [SPELLINGS[spelling](name) for spelling in spellings]
    text = f"{name} ; " + " ; ".join(copies)
    request = chat(text)
    result = masked(request, seen(request, name))
    left = text_of(result.request)
    assert not any(copy in left for copy in copies)
    assert restored(Restorer(result.vault), left) == text


@pytest.mark.parametrize(
    "word", ["administrativement", "Bonjour", "ANTICONSTITUTIONNELLEMENT", "d41d8cd98f00b204e9800998ecf8427e"]
)
def test_what_says_no_text_is_no_copy(word: str) -> None:
    assert not any("lef" in run.text.lower() for run in encoded(word))


# ------------------------------------------------------------------ cut over texts
@pytest.mark.parametrize("cuts", [(14,), (10, 13), (3, 6, 9, 12), (9,), (1, 15)])
def test_a_copy_cut_over_messages_is_replaced_in_every_piece(cuts: tuple[int, ...]) -> None:
    ends = (0, *cuts, len(NAME))
    pieces = [NAME[a:b] for a, b in itertools.pairwise(ends)]
    request = chat(NAME, *pieces)
    result = masked(request, seen(request, NAME))
    said = "".join(slot.text for slot in slots(result.request) if slot.role is Role.USER)
    for surrogate in sorted(result.vault.originals, key=len, reverse=True):
        said = said.replace(surrogate, "")
    assert not said.strip()
    for i, piece in enumerate(pieces):
        text = next(s.text for s in slots(result.request) if s.path == f"messages/{i + 2}/parts/0")
        assert restored(Restorer(result.vault), text) == piece


def test_a_copy_cut_by_what_the_model_said_is_replaced() -> None:
    request = Request(
        surface=Surface.CHAT,
        model="m",
        messages=(message(NAME), message("note Lefè"), message("Noté.", Role.ASSISTANT), message("vre, merci")),
    )
    result = masked(request, seen(request, NAME))
    left = [s.text for s in slots(result.request) if s.role is Role.USER]
    assert "Lefè" not in left[1]
    assert not left[2].startswith("vre")
    assert left[2].endswith(", merci")


def test_what_only_meets_by_chance_stays() -> None:
    request = chat("Anne", "il y a un an", "ne pas oublier")
    result = masked(request, seen(request, "Anne"))
    assert text_of(result.request) == "ne pas oublier"


def test_a_value_at_the_ends_of_long_texts_is_seen() -> None:
    request = chat(NAME, "x " * 2_000 + "Lefè", "vre" + " y" * 2_000)
    result = masked(request, seen(request, NAME))
    assert not any("Lefè" in slot.text for slot in slots(result.request))


@pytest.mark.parametrize(
    "copy", ["x L e f è v r e", "M L e f è v r e", "a-b-l-e-f-e-v-r-e", "j e a n  l e f e v r e x y", "a.L.E.F.E.V.R.E"]
)
def test_a_name_spelt_letter_by_letter_is_replaced_whatever_letters_stand_beside_it(copy: str) -> None:
    request = chat("Lefèvre", copy)
    result = masked(request, seen(request, "Lefèvre"))
    assert "lefevre" not in compact(text_of(result.request))
    assert restored(Restorer(result.vault), text_of(result.request)) == copy


def test_a_copy_whose_first_letter_was_replaced_for_something_else_is_replaced() -> None:
    request = chat("Camille Lefèvre", "C-a-m-i-l-l-e- -L-e-f-è-v-r-e")
    first = finding(0, 1, slot="messages/1/parts/0", kind="email")
    result = masked(request, seen(request, "Camille Lefèvre"), first)
    assert "lefevre" not in compact(text_of(result.request))


def test_a_copy_cut_by_the_middle_that_is_to_be_written_is_replaced() -> None:
    request = Request(
        surface=Surface.COMPLETIONS, model="m", inputs=(f"# {NAME}\n# Lefè",), options={"stop": ["x"], "suffix": "vre"}
    )
    result = masked(request, seen(request, NAME, slot="inputs/0"))
    assert "Lefè" not in result.request.inputs[0]
    assert result.request.options["suffix"] != "vre"


def test_a_copy_cut_over_two_fields_is_replaced() -> None:
    request = replace(chat(NAME), options={"metadata": {"a": "Lefè", "b": "vre"}})
    result = masked(request, seen(request, NAME))
    assert "vre" not in str(result.request.options)


@pytest.mark.parametrize("given", [{"Lef": 1, "èvre": 2}, {"Lef": {"a": 1}, "èvre": []}, {"Éléonore Lef": "èvre"}])
def test_a_copy_cut_over_keys_refuses(given: dict[str, Json]) -> None:
    request = replace(chat(NAME), options={"metadata": given})
    with pytest.raises(GatewayError) as refused:
        masked(request, seen(request, NAME))
    assert refused.value.code == "mask_unavailable"


@pytest.mark.parametrize(
    ("kind", "value", "numbers"),
    [("phone", "06 39 98 41 27", [6, 39, 98, 41, 27]), ("ip_address", "192.168.14.27", [192, 168, 14, 27])],
)
def test_numbers_in_a_list_that_spell_a_value_refuse(kind: str, value: str, numbers: list[Json]) -> None:
    call = ToolCall(id="c", name="f", arguments={"n": numbers}, decoded=True)
    request = replace(chat(value), messages=(message(value), Message(role=Role.ASSISTANT, tool_calls=(call,))))
    with pytest.raises(GatewayError) as refused:
        masked(request, seen(request, value, kind=kind))
    assert refused.value.code == "mask_unavailable"


# ------------------------------------------------------------------ numbers
@pytest.mark.parametrize("number", [75011, 75011.0, -75011])
def test_a_short_number_that_repeats_a_value_refuses(number: float) -> None:
    request = replace(chat("code 75011"), options={"metadata": {"cp": number}})
    with pytest.raises(GatewayError) as refused:
        masked(request, seen(request, "75011", kind="place"))
    assert refused.value.code == "mask_unavailable"


def test_a_number_in_the_arguments_of_a_tool_that_repeats_a_value_refuses() -> None:
    call = ToolCall(id="c", name="f", arguments={"code": [1, 75011]}, decoded=True)
    request = replace(
        chat("code 75011"), messages=(message("code 75011"), Message(role=Role.ASSISTANT, tool_calls=(call,)))
    )
    with pytest.raises(GatewayError) as refused:
        masked(request, seen(request, "75011", kind="place"))
    assert refused.value.code == "mask_unavailable"


def test_an_option_that_only_looks_like_a_short_value_is_none() -> None:
    request = replace(chat("au 42 rue X"), options={"max_tokens": 42, "temperature": 0.7})
    assert masked(request, seen(request, "42", kind="address")).vault.surrogates == 1


def test_short_numbers_are_listed_only_when_they_are_asked_for() -> None:
    request = replace(chat("a"), options={"max_tokens": 42})
    assert not any(slot.short_number for slot in slots(request))
    assert [slot.text for slot in slots(request, short_numbers=True) if slot.short_number] == ["42"]


@pytest.mark.parametrize("name", ["Paul Roy", "Anne Diaz", "Noé Ly", "Zoé Xu"])
def test_a_short_name_among_other_letters_that_are_spelt_one_by_one_is_replaced(name: str) -> None:
    part = max(name.split(), key=len)
    copy = " ".join(f"a{part}bc")
    result = masked(chat(f"{name} ; {copy}"), seen(chat(f"{name} ; {copy}"), name))
    assert copy not in text_of(result.request)
    assert restored(Restorer(result.vault), text_of(result.request)) == f"{name} ; {copy}"


@pytest.mark.parametrize(
    "said",
    [
        "note : L e f è v r e",
        "note : l.e.f.e.v.r.e",
        f"note : {b64('Lefèvre')}",
        "note : Lef\u200bèvre",
        "note : Lefèvre",
    ],
)
def test_what_follows_a_value_in_the_next_text_is_no_piece_of_it(said: str) -> None:
    request = chat(NAME, said, " a bien reçu le dossier", "Demain")
    result = masked(request, seen(request, NAME))
    left = [slot.text for slot in slots(result.request) if slot.role is Role.USER]
    assert left[2:] == [" a bien reçu le dossier", "Demain"]
    assert not any(one in left[1] for one in ("L e f", "l.e.f", "TGVm", "vre"))
