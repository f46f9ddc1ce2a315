"""The sentences: both languages, the same places for values, and every word that a page asks for is there."""

import re
import string
from enum import StrEnum
from pathlib import Path

import pytest

import ecluse.console
from ecluse.console.digest import Way
from ecluse.console.numbers import LANGUAGES
from ecluse.console.words import WordsBroken, _walk, plural, words
from ecluse.domain.caller import CallerKind
from ecluse.domain.finding import DataClass
from ecluse.domain.trail import OutcomeStatus
from ecluse.domain.verdict import Action, Basis, Mode
from ecluse.edge.docket import Kind, Move
from ecluse.edge.drafts import Act
from ecluse.packs.registry.facts import Scheme
from tests.console.world import ground

FOLDER = Path(ecluse.console.__file__).parent
FR, EN = (words(language)._sentences for language in LANGUAGES)


def holes(sentence: object) -> set[str]:
    texts = [sentence] if isinstance(sentence, str) else list(sentence.values())  # type: ignore[attr-defined] # plural forms
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}


def test_each_sentence_has_the_same_places_for_values_in_both_languages() -> None:
    assert FR.keys() == EN.keys()
    assert [name for name in FR if holes(FR[name]) != holes(EN[name])] == []


def test_each_word_that_is_asked_for_is_written() -> None:
    asked = {
        (path.name, word)
        for folder, kinds in (("templates", "*.html"), ("pages", "*.py"))
        for path in (FOLDER / folder).glob(kinds)
        for word in re.findall(r"""\bt\(["']([a-z_]+(?:\.[a-z0-9_]+)+)["']\s*[,)]""", path.read_text(encoding="utf-8"))
    }
    assert len(asked) > 100
    assert [pair for pair in sorted(asked) if not words("fr").has(pair[1])] == []


def test_french_marks_stand_after_a_space_that_does_not_break() -> None:
    texts = [text for value in FR.values() for text in ([value] if isinstance(value, str) else value.values())]
    assert [text for text in texts if re.search(r" [;:?!»]|« |[a-zé][;?!](?!\w)", text)] == []


def test_each_act_of_a_person_that_the_trail_names_has_its_words() -> None:
    matters = [f"{kind}_{move}" for kind in (Kind.EXCEPTION, Kind.CONTEST) for move in Move]
    acts = [*matters, *(f"rules_{act}" for act in Act), "key_created", "key_rotated", "key_revoked", "settings_taken"]
    assert [act for act in acts if not words("fr").has(f"trail.did.{act}")] == []
    assert [action for action in Action if not words("fr").has(f"drafts.action.{action}")] == []


@pytest.mark.parametrize(
    ("shared", "members"),
    [
        ("class", DataClass),
        ("caller", CallerKind),
        ("basis", Basis),
        ("mode", Mode),
        ("status", OutcomeStatus),
        ("way", Way),
        ("scheme", Scheme),
    ],
)
def test_each_member_of_a_closed_list_has_its_word(shared: str, members: type[StrEnum]) -> None:
    assert [member for member in members if not words("fr").has(f"{shared}.{member}")] == []


@pytest.mark.parametrize(
    ("count", "fr", "en"), [(0, "one", "other"), (1, "one", "one"), (1.5, "one", "other"), (2, "other", "other")]
)
def test_plurals_follow_each_language(count: float, fr: str, en: str) -> None:
    assert (plural(count, "fr"), plural(count, "en")) == (fr, en)


def test_a_sentence_in_one_language_only_is_refused() -> None:
    with pytest.raises(WordsBroken, match="one language only"):
        dict(_walk("page", {"title": {"fr": "Flux"}}, "fr"))


def test_a_word_that_nobody_wrote_is_an_error() -> None:
    with pytest.raises(KeyError):
        words("fr")("flows.no_such_word")


def test_what_the_record_says_in_english_words_is_named_in_french_too(month: Path) -> None:
    over = ground(month)
    registry = over.base.registry
    english = re.compile(r"\b(address|endpoints?|regions?|standard|that you run|residency|investors|holdings|trust)\b")
    named = [over.destination(name)[1] for name in registry.destinations]
    named += [one.name for one in registry.entities.values()]
    named = [name for name in named if english.search(name)] + [regime.text for regime in registry.regimes]
    french = words("fr")
    assert len(named) > 10
    assert [name for name in named if french.named(name) == name] == []
