"""An organisation's own entries: words, patterns and hashes of what is its own, each with a kind and a data class.

Law: an entry only adds findings. What cannot be recognised as it is written raises EntryError, which says what to write
instead; its patterns go through RE2 alone and are of bounded length, so that a text costs time linear in its size.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import re2

from ecluse.domain.finding import MASKED_CLASSES, DataClass
from ecluse.passage.classify.normalise import ascii_of, read
from ecluse.passage.classify.prints import LEAST_VALUE, SIZE
from ecluse.passage.classify.recogniser import STRONG, WEAK, Candidate, Hit, Recogniser

CLASSES = frozenset(DataClass) - MASKED_CLASSES - {DataClass.UNREADABLE}
"""What an entry may make of what it finds."""
NAME = re.compile(r"[a-z][a-z0-9_-]{0,47}")
LEAST_WORD, LONGEST_WORD, LONGEST_PATTERN = 3, 200, 1000
PREFIX = "own:"
"""What the name of an entry's recogniser begins with."""
_TOGETHER = 400
_MEMORY = 64 * 2**20
_BLANK = r"[ \t\r\n]{1,3}"


class EntryError(ValueError):
    """An entry cannot be used. `field` is where, `word` the one that is meant, if it is one."""

    def __init__(self, field: str, word: str, why: str) -> None:
        """Keep where it is, for whoever reads the file."""
        super().__init__(why)
        self.field = field
        self.word = word
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing to be found. `values` and `words_of` are keyed hashes; `lengths` are those of the values hashed."""

    name: str
    kind: str
    data_class: DataClass
    confidence: float = STRONG
    words: tuple[str, ...] = ()
    exact_case: bool = False
    patterns: tuple[str, ...] = ()
    values: frozenset[bytes] = frozenset()
    lengths: frozenset[int] = frozenset()
    words_of: frozenset[bytes] = frozenset()

    def __post_init__(self) -> None:
        """Raise EntryError for what could not be recognised."""
        for field, said in (("name", self.name), ("kind", self.kind)):
            if not NAME.fullmatch(said):
                raise EntryError(field, said, "write a-z, 0-9, _ and -, at most 48 signs, beginning with a letter")
        if self.data_class not in CLASSES:
            raise EntryError("data_class", self.data_class, f"write one of: {', '.join(sorted(CLASSES))}")
        if not WEAK <= self.confidence <= 1:
            raise EntryError("confidence", str(self.confidence), f"write a number from {WEAK} to 1; less is no finding")
        if not (self.words or self.patterns or self.values or self.words_of):
            raise EntryError("name", self.name, "the entry finds nothing: write words, patterns, values or fingerprint")
        for word in self.words:
            _check_word(word)
        for pattern in self.patterns:
            _check_pattern(pattern)
        if any(len(digest) != SIZE for digest in self.values | self.words_of):
            raise EntryError("values", "", "make hashes with `ecluse recognition hash` or `fingerprint`")
        if bool(self.values) is not bool(self.lengths) or any(n < LEAST_VALUE for n in self.lengths):
            raise EntryError("lengths", "", "values and lengths go together: both come from `ecluse recognition hash`")

    @property
    def is_hashed(self) -> bool:
        """Whether the organisation's key is needed to recognise it."""
        return bool(self.values or self.words_of)


def recogniser_of(entry: Entry) -> Recogniser | None:
    """Return what finds an entry's words and patterns, None when it has none."""
    patterns = (*_of_words(entry), *(_readable(pattern) for pattern in entry.patterns))
    return source_of(entry, patterns) if patterns else None


def source_of(entry: Entry, patterns: tuple[str, ...] = (r"[^\s\S]",)) -> Recogniser:
    """Return in whose name an entry's findings are told."""
    return Recogniser(
        name=f"{PREFIX}{entry.name}",
        kind=entry.kind,
        data_class=entry.data_class,
        patterns=patterns,
        verify=partial(_believed, entry.confidence),
        across=True,
        of_lines=True,
    )


def _believed(confidence: float, candidate: Candidate) -> Hit:
    return Hit(candidate.start, candidate.end, confidence, "an entry of the organisation")


# ------------------------------------------------------------------ words
def _check_word(word: str) -> None:
    said = " ".join(word.split())
    if not LEAST_WORD <= len(said) <= LONGEST_WORD or not any(letter.isalnum() for letter in said):
        raise EntryError("words", word, f"write from {LEAST_WORD} to {LONGEST_WORD} signs, one a letter or a digit")
    if any(_is_foreign(letter) for letter in said):
        raise EntryError(
            "words", word, "only Latin letters are compared in words; hash it with `ecluse recognition hash`"
        )


def _is_foreign(letter: str) -> bool:
    """Say whether a letter is read as a placeholder, which any other letter of its kind is too."""
    return letter.isalpha() and not letter.isascii() and ascii_of(letter) in {"x", "X", "\x7f", ""}


def _of_words(entry: Entry) -> Iterator[str]:
    """Write the words as patterns. RE2 takes the first alternative that matches: longer ones stand first."""
    plain = {" ".join(read(word).text.split()) for word in entry.words}
    known = sorted(plain, key=lambda word: (-len(word), word))
    case = "" if entry.exact_case else "(?i)"
    for at in range(0, len(known), _TOGETHER):
        yield f"{case}(?:{'|'.join(map(_as_pattern, known[at : at + _TOGETHER]))})"


def _as_pattern(word: str) -> str:
    first = r"\b" if _is_of_a_word(word[0]) else ""
    last = r"\b" if _is_of_a_word(word[-1]) else ""
    return first + _BLANK.join(re2.escape(piece) for piece in word.split()) + last


def _is_of_a_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


# ------------------------------------------------------------------ patterns
_UNBOUNDED = re.compile(r"\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|(?P<star>[*+])|(?P<open>\{\d*,\})", re.DOTALL)


def _check_pattern(pattern: str) -> None:
    if not 0 < len(pattern) <= LONGEST_PATTERN:
        raise EntryError("patterns", pattern[:40], f"write at most {LONGEST_PATTERN} signs")
    for found in _UNBOUNDED.finditer(pattern):
        if found["star"] or found["open"]:
            raise EntryError("patterns", pattern, f"`{found[0]}` has no end: write how often at most, e.g. {{0,40}}")
    plain = _readable(pattern)
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    try:
        compiled = re2.compile(plain, options)
    except re2.error as error:
        why = error.args[0] if error.args else b""
        said = why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)
        raise EntryError("patterns", pattern, f"RE2 does not take it: {said}") from None
    if compiled.search("") is not None:
        raise EntryError("patterns", pattern, "it matches nothing at all: write at least one sign that must be there")


def _readable(pattern: str) -> str:
    """Return a pattern as texts are read: without accents."""
    read_as = [letter if letter.isascii() else ascii_of(letter) for letter in pattern]
    for letter, plain in zip(pattern, read_as, strict=True):
        if not letter.isascii() and (len(plain) != 1 or not plain.isalnum() or plain in "xX"):
            raise EntryError("patterns", pattern, f"texts are read as ASCII: write what stands for `{letter}` in it")
    return "".join(read_as)


def count(entries: Sequence[Entry]) -> int:
    """Return how many words, patterns and hashes the entries have."""
    return sum(len(e.words) + len(e.patterns) + len(e.values) + len(e.words_of) for e in entries)
