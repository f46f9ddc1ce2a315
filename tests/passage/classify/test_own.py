"""An organisation's own entries: they only add, whatever the text is; hashes find what was hashed and nothing else."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import DataClass
from ecluse.domain.request import Role, Slot, SlotPath
from ecluse.passage.classify import Engine, Entry, EntryError, OwnDetector
from ecluse.passage.classify.prints import RUN, hash_value, shingles, tokens, value_of

KEY = b"k" * 32
PLAN = (
    "Le site de Brest fermera au second semestre, et l'activité de câblage sera reprise à Gdańsk par une filiale "
    "commune dont le capital reste à négocier avec les deux fonds."
)
WORDS = Entry(
    name="projects",
    kind="project_name",
    data_class=DataClass.TRADE_SECRET,
    words=("Projet Aigue-Marine", "Opération Été", "C++ secret"),
)
PATTERN = Entry(name="codes", kind="project_code", data_class=DataClass.TRADE_SECRET, patterns=(r"\bPRJ-[0-9]{4}\b",))
NUMBERS = Entry(
    name="customers",
    kind="customer_number",
    data_class=DataClass.PERSONAL,
    values=frozenset({hash_value(KEY, value_of("C-0012 3456"))}),
    lengths=frozenset({9}),
)
DOCUMENT = Entry(
    name="plan",
    kind="strategy",
    data_class=DataClass.TRADE_SECRET,
    words_of=frozenset(shingles(KEY, tokens(PLAN))),
)
ALL = (WORDS, PATTERN, NUMBERS, DOCUMENT)


def slot(text: str, n: int = 0) -> Slot:
    return Slot(path=SlotPath(f"messages/{n}/parts/0"), text=text, role=Role.USER)


@pytest.fixture(scope="module")
def own(detector: Engine) -> OwnDetector:
    return OwnDetector(detector, ALL, KEY)


def seen(own: OwnDetector, text: str) -> list[tuple[str, str]]:
    return [(f.recogniser, text[f.start : f.end]) for f in own.own((slot(text),))]


@pytest.mark.parametrize(
    ("text", "finds"),
    [
        ("Le projet aigue-marine avance.", [("own:projects", "projet aigue-marine")]),
        ("PROJET\u202fAIGUE-MARINE", [("own:projects", "PROJET\u202fAIGUE-MARINE")]),
        ("l'operation ete", [("own:projects", "operation ete")]),
        ("du C++ secret.", [("own:projects", "C++ secret")]),
        ("les projets aigue-marines", []),
        ("voir PRJ-2041 et PRJ-20411", [("own:codes", "PRJ-2041")]),
        ("client C 0012-3456.", [("own:customers", "C 0012-3456")]),
        ("client c00123456", [("own:customers", "c00123456")]),
        ("client C-0012 3457, C-0012 34567", []),
    ],
)
def test_entries_find_what_is_theirs_however_it_is_spelt(
    own: OwnDetector, text: str, finds: list[tuple[str, str]]
) -> None:
    assert seen(own, text) == finds


def test_a_passage_of_a_document_is_found_and_a_phrase_of_it_is_not(own: OwnDetector) -> None:
    words = PLAN.split()
    quoted = "Il paraît que " + " ".join(words[4:20]).upper() + ", dit-on."
    found = seen(own, quoted)
    assert [name for name, _ in found] == ["own:plan"]
    assert len(found[0][1].split()) >= RUN
    assert seen(own, "Bonjour. " + " ".join(words[4:13]) + " Bien à vous.") == []


def test_another_key_recognises_nothing(detector: Engine) -> None:
    other = OwnDetector(detector, (NUMBERS, DOCUMENT), b"o" * 32)
    assert other.own((slot(PLAN + " C-0012 3456"),)) == ()
    assert other.version != OwnDetector(detector, (NUMBERS, DOCUMENT), KEY).version


def test_a_word_cut_over_two_messages_is_found(own: OwnDetector) -> None:
    found = own.own((slot("voir PRJ-", 0), slot("2041 demain", 1)))
    assert {f.slot for f in found} == {"messages/0/parts/0", "messages/1/parts/0"}


PIECES = st.sampled_from(
    [
        "Projet Aigue-Marine", "Mme Marie Dubois", "marie@orange.fr", "PRJ-2041", "C-0012 3456", PLAN, " ", "\n", "é",
        "FR76 3000 6000 0112 3456 7890 189", "patient diabétique", "\u200b", "\ud800", "\u0301", "SECRET", "TLP:RED",
    ]
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(PIECES, max_size=6).map("".join), max_size=3))
def test_entries_add_findings_and_take_none_away(detector: Engine, own: OwnDetector, texts: list[str]) -> None:
    slots = [slot(text, n) for n, text in enumerate(texts)]
    without, found = detector.classify(slots), own.classify(slots)
    assert set(without.findings) <= set(found.findings)
    assert found.unreadable == without.unreadable
    assert [f for f in found.findings if not f.recogniser.startswith("own:")] == list(without.findings)
    by_path = {one.path: one.text for one in slots}
    assert all(f.end <= len(by_path[f.slot]) for f in found.findings)


def test_a_search_that_is_stopped_refuses(detector: Engine) -> None:
    hashed = OwnDetector(detector, (NUMBERS,), KEY)
    with pytest.raises(GatewayError, match="classification_unavailable"):
        hashed.own((slot("un deux trois"),), lambda: True)


@pytest.mark.parametrize("entries", [(NUMBERS,), (DOCUMENT,)])
def test_hashes_without_their_key_are_refused_with_why(detector: Engine, entries: tuple[Entry, ...]) -> None:
    with pytest.raises(ValueError, match="key"):
        OwnDetector(detector, entries)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"patterns": ("a.*b",)}, "has no end"),
        ({"patterns": ("a{2,}",)}, "has no end"),
        ({"patterns": ("(a",)}, "RE2 does not take it"),
        ({"patterns": ("a?",)}, "matches nothing"),
        ({"patterns": ("Пр",)}, "read as ASCII"),
        ({"words": ("ab",)}, "from 3 to"),
        ({"words": ("Проект",)}, "Latin letters"),
        ({"data_class": DataClass.UNREADABLE}, "write one of"),
        ({"data_class": DataClass.PERSONAL_MASKED}, "write one of"),
        ({"confidence": 0.2}, "less is no finding"),
        ({"words": ()}, "finds nothing"),
        ({"name": "Two words"}, "write a-z"),
        ({"lengths": frozenset({9})}, "go together"),
    ],
)
def test_what_could_not_be_recognised_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(EntryError, match=says):
        replace(WORDS, **change)


def test_signs_that_only_look_unbounded_are_taken() -> None:
    kept = replace(WORDS, patterns=(r"[*+]x{1,3}", r"a\*b\+", r"été[0-9]"))
    assert kept.patterns[2] == "été[0-9]"
