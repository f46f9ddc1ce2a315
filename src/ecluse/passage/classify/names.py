"""How a person's name is written: given names, particles, surnames, initials.

Law: reads forward from one place over a few words; the gazetteers say which words are names, `not_names` which words
are not although they begin with a capital.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from ecluse.passage.classify.checks import words as row_of
from ecluse.passage.classify.recogniser import Words

DICTIONARIES = ("given_names", "surnames", "not_names")
_WORD = re.compile(r"[A-Za-z](?:[A-Za-z]|['-](?=[A-Za-z])){0,40}\.?")
_GAP = re.compile(r"(?:[ \t]{1,2}\n?|\n)[ \t]?|(?<=\.)")
_PARTICLES = row_of("de du des d la le les von van der den di da del della dos el al ben bin ould y e")
NEVER = row_of("nee ne nees nes")
"""Words that a register of names has, and that say something of a name where they follow one."""
_MOST_WORDS = 5
_ESTABLISHMENT = re.compile(
    r"\b(?:rues?|avenues?|av|boulevards?|bd|places?|quais?|allees?|impasse|square|cours|pont|lycees?|colleges?|ecoles?"
    r"|hopital|hopitaux|clinique|chu|universite|musee|stade|gymnase|theatre|prix|fondation|institut|aeroport|station"
    r"|gare|metro|centre|loi|salle|amphitheatre|residence|saint|sainte|street|avenue"
    r"|airport|university|award|school)s? ?$"
)


class Word(NamedTuple):
    """One word of a text, and what it is by itself.

    `lower` is as gazetteers have it; `initial`: one letter, with or without a point; `capital`: it begins with one.
    """

    start: int
    end: int
    text: str
    lower: str
    initial: bool
    capital: bool
    on_new_line: bool = False


_INITIAL = 2


@lru_cache(maxsize=1 << 14)
def _by_itself(text: str) -> tuple[str, str, bool, bool]:
    capital = text[0].isupper()
    return text, text.rstrip(".").lower(), len(text) <= _INITIAL and capital and text[1:] in {"", "."}, capital


class Name(NamedTuple):
    """Consecutive words that make a name; `given` and `surname` say which gazetteer surely knows one of them."""

    words: tuple[Word, ...]
    given: bool
    surname: bool

    @property
    def known(self) -> bool:
        """Whether a gazetteer knows one of its words."""
        return self.given or self.surname


def words_from(text: str, at: int) -> Iterator[Word]:
    """Yield up to five words from `at`, each one space or line break from the last."""
    on_new_line = False
    for _ in range(_MOST_WORDS):
        match = _WORD.match(text, at)
        if match is None:
            return
        end = match.end()
        word = Word(at, end, *_by_itself(match[0]), on_new_line)
        yield word
        gap = _GAP.match(text, end)
        if gap is None or (word.text[-1] == "." and not word.initial):
            return
        at, on_new_line = gap.end(), "\n" in gap[0]


def is_given(word: Word, words: Words) -> bool:
    """Say whether the gazetteer of given names has a word, or the first part of a compound."""
    given, lower = words["given_names"], word.lower
    if lower in given or "-" not in lower:
        return lower in given
    first = lower.split("-")[0]
    return first in given and first not in words["not_names"]


def is_surname(word: Word, words: Words) -> bool:
    """Say whether the gazetteer of surnames has a word."""
    return word.lower in words["surnames"]


def is_also_a_word(word: Word, words: Words) -> bool:
    """Say whether a word is no name, or is one less often than it is another word: Pierre, Rose, Petit, Paris."""
    return not word.initial and word.lower in words["not_names"]


def is_no_name(word: Word, words: Words) -> bool:
    """Say whether a word is known to be no name."""
    return word.lower in NEVER or (
        is_also_a_word(word, words) and not is_given(word, words) and not is_surname(word, words)
    )


def name_at(text: str, at: int, words: Words) -> Name | None:
    """Read a name of capitalised words at `at`: it ends at the first word that cannot be part of one."""
    return name_of(words_from(text, at), words)


def name_of(candidates: Iterable[Word], words: Words) -> Name | None:
    """Take the words of a name from the front of `candidates`; one of them is neither initial nor particle."""
    taken: list[Word] = []
    whole = 0
    for word in candidates:
        if not _goes_on(taken, word, words):
            break
        taken.append(word)
        if not word.initial and (word.lower not in _PARTICLES or (whole and word.capital)):
            whole = len(taken)  # a particle with a capital that ends a name is a surname: Anh Le, Paul Ben
    if not whole:
        return None
    kept = tuple(map(_without_point, taken[:whole]))
    sure = [word for word in kept if not is_also_a_word(word, words)]
    return Name(kept, any(is_given(w, words) for w in sure), any(is_surname(w, words) for w in sure))


def _goes_on(taken: Sequence[Word], word: Word, words: Words) -> bool:
    """Say whether a word may belong to the name begun. Over a line break goes a known name that was one word so far."""
    if word.lower in _PARTICLES or word.text.startswith(("d'", "l'")):
        return not (taken and word.on_new_line)
    if not word.capital:
        return False
    after_particle = len(taken) > 0 and taken[-1].lower in _PARTICLES
    if is_no_name(word, words) and not after_particle:
        return False
    if not (taken and word.on_new_line):
        return True
    return len(taken) == 1 and (is_given(word, words) or is_surname(word, words))


def _without_point(word: Word) -> Word:
    if word.initial or word.text[-1] != ".":
        return word
    bare = word.text.rstrip(".")
    return Word(word.start, word.start + len(bare), *_by_itself(bare))


def names_a_place(text: str, start: int) -> bool:
    """Say whether what stands before makes the name a street's, a school's or a prize's."""
    said = text[max(0, start - 32) : start].lower()
    last = said.removesuffix("\n").removesuffix(" ").rfind(" ") + 1
    return bool(_ESTABLISHMENT.search(said, last))
