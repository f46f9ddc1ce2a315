"""What a recogniser is: patterns that find candidates, and a function that believes them or not.

Law: one recogniser a file in `recognisers/`, exported as `RECOGNISER`; no list names them. It reads ASCII (see
`normalise`), is pure, takes time linear in what it looks at, and its evidence never repeats a value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from ecluse.domain.finding import DataClass

Words: TypeAlias = Mapping[str, frozenset[str]]
"""Dictionaries by name: words in lower-case ASCII."""

PROVEN = 0.99
"""A checksum or a structure that chance does not make, beside a word that says what it is."""
STRONG = 0.95
"""A checksum or a distinct structure."""
LIKELY = 0.85
"""A structure beside a word that says what it is, or a structure that little else has."""
PLAUSIBLE = 0.7
"""A structure that other things share, or words that other things are called."""
WEAK = 0.5
"""The least that counts as a finding: a failed checksum beside the right word, a sample value beside it."""
DOUBTFUL = 0.3
"""Seen and not believed: sample values, public bodies, numbers of companies. The engine drops it."""


class Hit(NamedTuple):
    """A belief about `text[start:end]`; the span lies where the recogniser says, not where its pattern matched."""

    start: int
    end: int
    confidence: float
    evidence: str


class Candidate(NamedTuple):
    """What a pattern matched: `text[start:end]`, with the text around it and the dictionaries asked for.

    Of a text from 32 Ki characters on, `text` is one block with what stands around it (see `blocks`): what is looked at
    beside the match stays within 640 characters before it and 320 after.
    """

    text: str
    start: int
    end: int
    words: Words

    @property
    def value(self) -> str:
        """The characters matched."""
        return self.text[self.start : self.end]


Verify: TypeAlias = Callable[[Candidate], "Hit | None"]

VOCABULARY = "<VOCABULARY>"
"""In a pattern: any word of the recogniser's vocabulary."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recogniser:
    """A kind of thing in text, the data class it makes, and how it is recognised.

    `patterns` are in RE2 syntax, of bounded length, case-sensitive unless they say `(?i)`; `VOCABULARY` in one stands
    for all words of the dictionary called `vocabulary`. `across` says that a value may be split over two neighbouring
    texts. `of_document` says that a finding tells the class of the whole text rather than of a value: it hides no
    other finding and is hidden by none. `indirect` says that what is found names no person by itself, as a date, a town
    or a company: it makes no data class, and is shown only to whoever asks for it. `of_lines` says that where a
    line begins matters: what stands in quotes, as values of JSON do, is asked as a line of its own too. `revision`
    rises when `verify` changes, so that the detector's version does.
    """

    name: str
    kind: str
    data_class: DataClass
    patterns: tuple[str, ...]
    verify: Verify
    dictionaries: tuple[str, ...] = ()
    vocabulary: str | None = None
    across: bool = False
    of_document: bool = False
    indirect: bool = False
    of_lines: bool = False
    revision: int = 1

    def __post_init__(self) -> None:
        """Refuse a recogniser without patterns."""
        if not self.patterns:
            raise ValueError(f"recogniser {self.name} has no pattern")
