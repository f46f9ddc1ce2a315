r"""Surrogates, and the vault that brings the originals back, for one passage (decisions 9, 24-27).

Law: a surrogate is a type word, `_`, six Crockford base32 characters of which one at least is a digit, and at most one
more digit, which tells spellings of one value apart: whoever mistakes that last one gets the same value back. Only an
exact surrogate of this vault is ever exchanged; a look-alike that the caller typed is none of them. No original is in
a `repr`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class SurrogateType(StrEnum):
    """The closed list of type words: capitals only, no digit, so that no type word is ever a core."""

    PERSON = "PERSON"
    WOMAN = "WOMAN"
    MAN = "MAN"
    PEOPLE = "PEOPLE"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    IBAN = "IBAN"
    CARD = "CARD"
    ACCOUNT = "ACCOUNT"
    NIR = "NIR"
    IDENT = "IDENT"
    ADDRESS = "ADDRESS"
    PLACE = "PLACE"
    IP = "IP"
    DATE = "DATE"
    ORG = "ORG"
    PLATE = "PLATE"
    LINK = "LINK"
    VALUE = "VALUE"


ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: no I, L, O, U. https://www.crockford.com/base32.html"""
CORE_LENGTH = 6
"""Four characters collide at 1,000 values (38 %); six collide once in two thousand times, and then are drawn anew."""
SPELLINGS = "23456789"
"""The seventh character: of the second to the ninth spelling of a value. The first spelling has none."""

TYPES_PATTERN = "|".join(sorted(SurrogateType, key=len, reverse=True))
CORE_PATTERN = r"(?=[A-HJKMNP-TV-Z]{0,5}[0-9])[0-9A-HJKMNP-TV-Z]{6}[2-9]?"
SEPARATOR_PATTERN = r"\\{0,2}[_\-\u2010\u2011]"
r"""What a model may write between type and core: `_`, `\_` (Markdown), `\\_` (the same in JSON), `-` and its twins."""
GLUE = r"0-9A-Za-z\u00aa\u00b5\u00ba\u00c0-\u0dff\u1e00-\u1fff"
"""Letters, digits and marks of scripts that space their words: next to one, a surrogate is part of another word."""

MAX_SURROGATE: Mapping[SurrogateType, int] = MappingProxyType(
    {word: len(word) + 3 + CORE_LENGTH + 1 + 1 for word in SurrogateType}
)
"""Characters of the longest form of a surrogate of each type and a dot, `PERSON\\\\_7K2Q9F2.`: the most held back."""

MAX_FORMAT: Mapping[SurrogateType, int] = MappingProxyType(
    {SurrogateType.EMAIL: 27, SurrogateType.PHONE: 21, SurrogateType.IBAN: 42, SurrogateType.DATE: 24}
)
"""Characters of the longest format-valid surrogate of each type; a longer one is not made: it gets a typed one."""

_EXACT = re.compile(rf"({TYPES_PATTERN})_({CORE_PATTERN})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """Surrogate to original, for one passage; beyond it only sealed. Its `repr` counts and shows nothing.

    `excluded` are look-alikes found in the request, as type and six characters (`PERSON_7K2Q9F`): never restored, and
    no surprise when they come back. `formats` has the format-valid surrogates, in small letters and in each way that
    one may be written, to its original.
    """

    originals: Mapping[str, str] = field(default_factory=dict, repr=False)
    excluded: frozenset[str] = field(default=frozenset(), repr=False)
    formats: Mapping[str, str] = field(default_factory=dict, repr=False)
    surrogates: int = field(init=False)
    look_alikes: int = field(init=False)

    def __post_init__(self) -> None:
        """Refuse what is no surrogate, an empty original, and a surrogate that the caller has typed."""
        for surrogate, original in self.originals.items():
            if _EXACT.fullmatch(surrogate) is None or not original:
                raise ValueError("not a surrogate, or nothing behind it")
            if stem(surrogate) in self.excluded:
                raise ValueError("a look-alike of the request can be no surrogate")
        for shown, original in self.formats.items():
            if shown != shown.lower() or not 0 < len(shown) <= max(MAX_FORMAT.values()) or not original:
                raise ValueError("not a format-valid surrogate, or nothing behind it")
        object.__setattr__(self, "formats", MappingProxyType(dict(self.formats)))
        object.__setattr__(self, "originals", MappingProxyType(dict(self.originals)))
        object.__setattr__(self, "surrogates", len(self.originals) + len(set(self.formats.values())))
        object.__setattr__(self, "look_alikes", len(self.excluded))

    @classmethod
    def empty(cls) -> "Vault":
        """Return the vault of a passage that was not masked."""
        return cls()


def joined(before: Vault, now: Vault) -> Vault:
    """Return the vault of a conversation after another turn. What a turn typed as a look-alike is restored no more."""
    excluded = before.excluded | now.excluded
    both = {**before.originals, **now.originals}
    return Vault(
        originals={shown: original for shown, original in both.items() if stem(shown) not in excluded},
        excluded=excluded,
        formats={**before.formats, **now.formats},
    )


def stem(surrogate: str) -> str:
    """Return type and six characters, without the digit that tells spellings apart."""
    return surrogate[: surrogate.index("_") + 1 + CORE_LENGTH]
