"""A dictionary says where it comes from, under which licence and of when, or is refused."""

from importlib.resources import files
from pathlib import Path

import pytest

from ecluse.packs import dictionaries

HEAD = "# source: INSEE\n# licence: Licence Ouverte 2.0\n# as_of: 2026-11-24\n"
LARGEST = 200_000


def test_the_dictionaries_that_ship_are_loaded() -> None:
    loaded = dictionaries.load()
    assert set(loaded) == {"given_names", "surnames", "not_names", "health_terms"}
    assert "marie" in loaded["given_names"]


def test_no_dictionary_is_larger_than_it_is_worth() -> None:
    sizes = {f.name: len(f.read_bytes()) for f in files(dictionaries).iterdir() if f.name.endswith(".txt")}
    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}


def test_a_later_folder_adds_words(tmp_path: Path) -> None:
    (tmp_path / "projects.txt").write_text(f"{HEAD}belenos\n", encoding="utf-8")
    assert dictionaries.load(tmp_path, tmp_path) == {"projects": frozenset({"belenos"})}


@pytest.mark.parametrize("field", ["source", "licence", "as_of"])
def test_a_dictionary_that_does_not_say_where_it_comes_from_refuses(field: str) -> None:
    text = "".join(line for line in HEAD.splitlines(keepends=True) if field not in line)
    with pytest.raises(dictionaries.DictionaryRefused, match=field):
        dictionaries.words_of("names", f"{text}marie\n")


@pytest.mark.parametrize("words", ["", "Marie\n", "élise\n"])
def test_a_dictionary_without_words_that_can_be_met_refuses(words: str) -> None:
    with pytest.raises(dictionaries.DictionaryRefused):
        dictionaries.words_of("names", HEAD + words)
