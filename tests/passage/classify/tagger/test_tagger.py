"""Exact spans on any text, the same each time; and the shipped weights know a name when they see one."""

import time
import tomllib
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.packs import dictionaries, weights
from ecluse.passage.classify import Engine, built_in
from ecluse.passage.classify.resolve import Claim
from ecluse.passage.classify.tagger import Kind, Mention, Tagger, Weights, claims
from ecluse.passage.classify.tagger import network as network_module
from ecluse.passage.classify.tagger import tagger as tagger_module
from ecluse.passage.classify.tagger.claims import persons
from tests.passage.classify.tagger.made import tagger

WORDS = dictionaries.load()
CASES = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))
ODD = st.text(
    st.characters(exclude_categories=()) | st.sampled_from("\u200b\u202e\u05d0\u0627\u0301\ud800\n '-."), max_size=120
)


@cache
def shipped() -> Tagger:
    return Tagger(Weights.of(weights.load()))


@given(ODD)
def test_mentions_stand_in_order_within_any_text_and_never_overlap(text: str) -> None:
    at = 0
    for mention in tagger().mentions(text):
        assert at <= mention.start < mention.end <= len(text)
        assert not text[mention.start].isspace()
        assert not text[mention.end - 1].isspace()
        assert 0 <= mention.confidence <= 1
        at = mention.end


@given(st.lists(ODD, max_size=4))
def test_what_was_read_before_changes_no_mention(texts: list[str]) -> None:
    used = tagger()
    for text in texts:
        assert list(used.mentions(text)) == list(tagger().mentions(text))


def test_a_full_memory_changes_no_mention(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [" ".join(f"Nom{i}x{j}" for j in range(30)) for i in range(10)]
    expected = [list(tagger().mentions(text)) for text in texts]
    monkeypatch.setattr(network_module, "TYPES", 64)
    small = tagger()
    assert [list(small.mentions(text)) for text in texts] == expected


def test_where_a_text_is_cut_into_windows_changes_no_mention(monkeypatch: pytest.MonkeyPatch) -> None:
    text = " ".join(case["text"] for case in CASES["finds"])
    expected = [(m.start, m.end, m.kind) for m in shipped().mentions(text)]
    monkeypatch.setattr(tagger_module, "WINDOW", 7)
    assert [(m.start, m.end, m.kind) for m in shipped().mentions(text)] == expected


@pytest.mark.parametrize("line", ["a" * 1_000_000, "Marie Dubois " * 20_000, "\u0301" * 50_000, "\ud800" * 50_000])
def test_a_very_long_line_takes_linear_time(line: str) -> None:
    start = time.process_time()
    found = sum(1 for _ in shipped().mentions(line))
    assert time.process_time() - start < 8
    assert found <= len(line)


@pytest.mark.parametrize("case", CASES["finds"], ids=lambda case: case["text"][:40])
def test_finds(case: dict[str, str]) -> None:
    text = case["text"]
    found = {(text[m.start : m.end], m.kind) for m in shipped().mentions(text)}
    assert {(value, Kind(kind)) for kind in Kind for value in case.get(kind, [])} <= found


@pytest.mark.parametrize("case", CASES["ignores"], ids=lambda case: case["text"][:40])
def test_ignores(case: dict[str, str]) -> None:
    found = [m for m in shipped().mentions(case["text"]) if m.kind in {Kind.PERSON, Kind.ADDRESS}]
    assert not found, case["why"]


def test_a_street_a_postcode_and_a_town_are_one_address() -> None:
    text = "Mme Marie Dubois habite 12 rue des Lilas, 69003 Lyon depuis un an."
    found = [(text[c.start : c.end], c.recogniser.kind) for c in claims(shipped(), text, WORDS)]
    assert found == [("Marie Dubois", "person"), ("12 rue des Lilas, 69003 Lyon", "postal_address")]


def test_a_place_or_an_organisation_alone_names_nobody() -> None:
    found = list(claims(shipped(), "Quel temps fera-t-il à Paris ? Le siège de la CNIL est à Paris.", WORDS))
    assert found
    assert all(claim.recogniser.indirect for claim in found)


@pytest.mark.parametrize(
    "text",
    ["https://marie.dupont.example/x", "src/marie/Dubois.py", "marie_dubois = 3", "joindre marie.dubois@orange.fr"],
)
def test_a_piece_of_an_address_or_of_a_program_is_no_person(text: str, cascade: Engine) -> None:
    assert [c for c in cascade.search(text) if c.recogniser.kind == "person"] == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("John (Support Agent) thanked Kevin's manager", ["John", "Kevin"]),
        ("Contact du père Bernard Meyer, et de Mme DELPUECH Olivia Née le 3", ["Bernard Meyer", "DELPUECH Olivia"]),
        ("Présents :\nMarie Dubois\nKarim Benali\n", ["Marie Dubois", "Karim Benali"]),
    ],
)
def test_a_name_ends_at_a_bracket_a_line_or_a_genitive(text: str, names: list[str], cascade: Engine) -> None:
    assert [text[c.start : c.end] for c in cascade.search(text) if c.recogniser.kind == "person"] == names


def test_a_recogniser_of_another_kind_wins_over_the_tagger() -> None:
    text = "Écrire à Karim Benali"
    iban = built_in()["iban"]
    taken = Claim(9, 14, 0.3, iban, "not even believed")
    assert list(claims(shipped(), text, WORDS, [taken])) == []
    assert list(claims(shipped(), text, WORDS))


def test_a_name_of_ordinary_words_is_doubted_and_an_unknown_lone_word_a_little() -> None:
    mention = Mention(0, 0, Kind.PERSON, 1.0)
    sure = {
        text: [m.confidence for m in persons(text, mention._replace(end=len(text)), WORDS)]
        for text in ("Marie Dubois", "Zorvak", "ZORVAK", "Conseil", "R2D2", "BaseHandler")
    }
    assert sure == {
        "Marie Dubois": [1.0],
        "Zorvak": [0.9],
        "ZORVAK": [0.7],
        "Conseil": [0.3],
        "R2D2": [0.3],
        "BaseHandler": [0.3],
    }


def test_no_claim_repeats_the_value() -> None:
    text = "Je m'appelle Karim Benali."
    for claim in claims(shipped(), text, WORDS):
        assert text[claim.start : claim.end] not in claim.evidence
