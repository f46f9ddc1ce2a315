"""The console's sentences, in both languages: one file of words for each page, one for what pages share.

Law: a word that is missing in one language stops the start, an unknown one the page; a sentence is text, never markup.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

from ecluse.console.numbers import LANGUAGES, NO_BREAK, THIN, number

SHARED = "common"
ONE, OTHER = "one", "other"
Sentence: TypeAlias = str | Mapping[str, str]


class WordsBroken(ValueError):
    """A file of words has a sentence without its other language."""


class Words:
    """The sentences of one language."""

    def __init__(self, language: str, sentences: Mapping[str, Sentence]) -> None:
        """Keep the sentences."""
        self.language = language
        self._sentences = sentences

    def __call__(self, name: str, /, **values: object) -> str:
        """Say `page.word`, or a shared word; numbers are written as the language does. `n` chooses the plural.

        Raises KeyError for a word that nobody wrote.
        """
        sentence = self._sentences.get(name)
        if sentence is None:
            sentence = self._sentences[f"{SHARED}.{name}"]
        if not isinstance(sentence, str):
            sentence = sentence[plural(values.get("n", OTHER), self.language)]
        if not values:
            return sentence
        said = {
            key: number(value, self.language) if isinstance(value, int | float) else self.named(str(value))
            for key, value in values.items()
        }
        return sentence.format(**said)

    def named(self, text: str) -> str:
        """Return a name of the shipped records in this language; any other text as it is."""
        found = self._sentences.get(f"{SHARED}.name.{text}")
        return found if isinstance(found, str) else text

    def has(self, name: str) -> bool:
        """Say whether there is such a word."""
        return name in self._sentences or f"{SHARED}.{name}" in self._sentences


def plural(count: object, language: str) -> str:
    """Return the form that a count takes: in French nought and one are singular, in English one alone."""
    if not isinstance(count, int | float):
        return OTHER
    few = abs(count) < 2 if language == "fr" else count == 1  # noqa: PLR2004 - French: below two
    return ONE if few else OTHER


@cache
def words(language: str) -> Words:
    """Return the words of a language. Raises WordsBroken."""
    return Words(language, dict(_read(language)))


def _read(language: str) -> Iterator[tuple[str, Sentence]]:
    for file in sorted(files("ecluse.console").joinpath("words").iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            page = file.name.removesuffix(".toml")
            yield from _walk(page, tomllib.loads(file.read_text(encoding="utf-8")), language)


def _spaced(sentence: Sentence) -> Sentence:
    """Put the no-break spaces of French before its high marks and inside its quotation marks."""
    if not isinstance(sentence, str):
        return {form: str(_spaced(text)) for form, text in sentence.items()}
    for mark, space in ((";", THIN), ("!", THIN), ("?", THIN), (":", NO_BREAK), ("»", NO_BREAK)):
        sentence = sentence.replace(f" {mark}", f"{space}{mark}")
    return sentence.replace("« ", f"«{NO_BREAK}")


def _walk(prefix: str, table: Mapping[str, Any], language: str) -> Iterator[tuple[str, Sentence]]:
    for name, value in table.items():
        where = f"{prefix}.{name}"
        if not isinstance(value, dict):
            raise WordsBroken(f"{where}: write {{ fr = ..., en = ... }}")
        if set(value) & set(LANGUAGES):
            if set(value) != set(LANGUAGES) or not all(value.values()):
                raise WordsBroken(f"{where} has one language only")
            yield where, _spaced(value[language]) if language == "fr" else value[language]
        else:
            yield from _walk(where, value, language)
