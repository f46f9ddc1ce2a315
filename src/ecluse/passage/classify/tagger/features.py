"""What the tagger sees of a token: hashed spellings, shape, and what the gazetteers say of it.

Law: a pure function of the token alone, so that it is computed once per distinct token. Training and use share it.
"""

import re
import unicodedata
import zlib
from collections.abc import Callable
from typing import TypeAlias

from ecluse.domain.lookalikes import LOOKALIKES
from ecluse.passage.classify.tagger.tokens import INVISIBLE

COUNT = 11
"""Features of a token."""
WORD_FEATURES = (0, 1)
"""Which of them tell the whole word; training hides these now and then."""
Gazetteer: TypeAlias = Callable[[str], int]
"""From a word in lower-case ASCII to its flags, 0 when unknown."""
_DROP = dict.fromkeys(map(ord, INVISIBLE))
_FOREIGN = str.maketrans(dict(LOOKALIKES))
_RUN = re.compile(r"(.)\1{2,}")
_SHAPE_LENGTH = 16


def fold(token: str) -> str:
    """Undo disguise: compatibility forms, invisible characters, look-alikes beside Latin letters."""
    if token.isascii():
        return token
    plain = unicodedata.normalize("NFKC", token).translate(_DROP)
    swapped = plain.translate(_FOREIGN)
    mixed = swapped != plain and any(c.isascii() and c.isalnum() for c in plain)
    return (swapped if mixed else plain) or token


def ascii_lower(word: str) -> str:
    """Return the lower-case form without accents."""
    lower = word.lower()
    if lower.isascii():
        return lower
    return "".join(c for c in unicodedata.normalize("NFD", lower) if not unicodedata.combining(c))


def key_of(word: str) -> int:
    """Return the 32-bit key under which gazetteers and hashed features keep a word."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def features(token: str, gazetteer: Gazetteer, buckets: int) -> list[int]:
    """Return the `COUNT` buckets of a token; `buckets` is a power of two."""
    word = fold(token)
    lower = word.lower()
    plain = ascii_lower(word)
    form = _shape(word)
    flags = gazetteer(plain.rstrip("'\u2019"))
    mask = buckets - 1
    return [
        key_of(said) & mask
        for said in (
            f"l={lower}",
            f"w={plain}",
            f"h={form}",
            f"2={plain[:2]}",
            f"3={plain[:3]}",
            f"4={plain[:4]}",
            f"b={plain[-2:]}",
            f"c={plain[-3:]}",
            f"d={plain[-4:]}",
            f"g={flags}",
            f"i={form}{flags}",
        )
    ]


def _shape(word: str) -> str:
    raw = "".join(map(_class_of, word[:_SHAPE_LENGTH]))
    return _RUN.sub(r"\1\1", raw)


def _class_of(character: str) -> str:
    if character.islower():
        return "x"
    if character.isupper():
        return "X"
    return "d" if character.isdigit() else character
