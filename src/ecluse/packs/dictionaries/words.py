"""Reads dictionaries: a head of `#` lines, then a word a line.

Law: a dictionary without source, licence and date is refused, as a fact without a source is. Words are kept in
lower-case ASCII.
"""

import re
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

_FIELD = re.compile(r"# (source|licence|as_of): (\S.*)")
_REQUIRED = frozenset({"source", "licence", "as_of"})
_SUFFIX = ".txt"
_HERE = __name__.rpartition(".")[0]


class DictionaryRefused(ValueError):
    """A dictionary that says too little of itself, or whose words are not in the form that is searched for."""


def load(*folders: Traversable) -> Mapping[str, frozenset[str]]:
    """Read every `*.txt` of the given folders, or of this package; a later folder adds words to a dictionary.

    Raises:
        DictionaryRefused: when a file lacks source, licence or date, has no word, or a word with capitals or accents.
    """
    found: dict[str, frozenset[str]] = {}
    for folder in folders or (files(_HERE),):
        for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if file.name.endswith(_SUFFIX):
                name = file.name.removesuffix(_SUFFIX)
                found[name] = found.get(name, frozenset()) | words_of(name, file.read_text(encoding="utf-8"))
    return found


def words_of(name: str, text: str) -> frozenset[str]:
    """Return the words of a dictionary's text: a line a word, after a head of `#` lines. Raises DictionaryRefused."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = {field[1] for line in lines if (field := _FIELD.fullmatch(line))}
    if missing := sorted(_REQUIRED - said):
        raise DictionaryRefused(f"{name} has no line `# {missing[0]}: ...`")
    words = frozenset(line for line in lines if not line.startswith("#"))
    if not words:
        raise DictionaryRefused(f"{name} has no word")
    if wrong := [word for word in words if not word.isascii() or word != word.lower()]:
        raise DictionaryRefused(f"{name}: {min(wrong)} is not in lower-case ASCII")
    return words
