"""What the tagger sees of a token: hashed spellings, shape, and what the gazetteers say of it.

Law: a pure function of the token alone, so that it is computed once per distinct token. Training and use share it.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias
from zlib import crc32

from ecluse.domain.lookalikes import LOOKALIKES
from ecluse.passage.classify.tagger.tokens import INVISIBLE

COUNT = 11
"""Features of a token."""
WORD_FEATURES = (0, 1)
"""Which of them tell the whole word; training hides these now and then."""
Gazetteer: TypeAlias = Callable[[Sequence[str]], Sequence[int]]
"""From words in lower-case ASCII to the flags of each, 0 when unknown."""
_DROP = dict.fromkeys(map(ord, INVISIBLE))
_FOREIGN = str.maketrans(dict(LOOKALIKES))
_LATIN = frozenset(map(chr, range(256)))
_UNDISGUISED = frozenset(
    c for c in _LATIN if unicodedata.normalize("NFKC", c) == c and c not in INVISIBLE and c not in LOOKALIKES
)
"""Letters of Latin-1 that are what they seem, also beside each other."""
_RUN = re.compile(r"(.)\1{2,}")
_SHAPE_LENGTH = 16


def fold(token: str) -> str:
    """Undo disguise: compatibility forms, invisible characters, look-alikes beside Latin letters."""
    if token.isascii() or _UNDISGUISED.issuperset(token):
        return token
    plain = unicodedata.normalize("NFKC", token).translate(_DROP)
    swapped = plain.translate(_FOREIGN)
    mixed = swapped != plain and any(c.isascii() and c.isalnum() for c in plain)
    return (swapped if mixed else plain) or token


@lru_cache(maxsize=1 << 14)
def plain_of(word: str) -> str:
    """Return a word undisguised, in lower case, without accents: what dictionaries know it as."""
    return ascii_lower(fold(word))


def ascii_lower(word: str) -> str:
    """Return the lower-case form without accents."""
    lower = word.lower()
    if lower.isascii():
        return lower
    return "".join(map(_bare, lower))


@lru_cache(maxsize=4096)
def _bare(letter: str) -> str:
    """Return a letter without what combines with it: of letters one by one the same as of the whole word."""
    return "".join(c for c in unicodedata.normalize("NFD", letter) if not unicodedata.combining(c))


def key_of(word: str) -> int:
    """Return the 32-bit key under which gazetteers and hashed features keep a word."""
    return crc32(word.encode("utf-8", "surrogatepass"))


def features(tokens: Sequence[str], gazetteer: Gazetteer, buckets: int) -> list[list[int]]:
    """Return the `COUNT` buckets of each token; `buckets` is a power of two."""
    spelt = [_spelt(token) for token in tokens]
    flagged = gazetteer([word.plain.rstrip("'\u2019") for word in spelt])
    mask = buckets - 1
    return [_hashed(word, flags, mask) for word, flags in zip(spelt, flagged, strict=True)]


class _Spelt(NamedTuple):
    """A token in lower case, that without accents, and its shape not yet collapsed, in Latin-1 where that has it."""

    lower: str
    plain: str
    form: bytes | str


def _spelt(token: str) -> _Spelt:
    if token.isascii():
        lower = token.lower()
        return _Spelt(lower, lower, token[:_SHAPE_LENGTH].encode().translate(_SHAPES))
    if _UNDISGUISED.issuperset(token):
        lower = token.lower()
        plain = lower.encode("latin-1").translate(_BARE).decode("latin-1")
        return _Spelt(lower, plain, token[:_SHAPE_LENGTH].encode("latin-1").translate(_SHAPES))
    word = fold(token)
    lower = word.lower()
    return _Spelt(lower, ascii_lower(word), "".join(map(_class_of, word[:_SHAPE_LENGTH])))


def _hashed(word: _Spelt, flags: int, mask: int) -> list[int]:
    """Hash each feature on from the hash of its name: the same as hashing name and value together."""
    lower, plain, form = word
    shape, shaped = _of_shape(form)
    if plain.isascii():  # of one byte a letter, the ends of a word are ends of its bytes
        whole = plain.encode()
        cut = whole[:2], whole[:3], whole[:4], whole[-2:], whole[-3:], whole[-4:]
    else:
        whole = _encoded(plain)
        cut = _ends(plain)
    two, three, four, last_two, last_three, last_four = cut
    said, as_written = _FLAGS[flags], whole if lower is plain else _encoded(lower)
    return [
        crc32(as_written, _L) & mask,
        crc32(whole, _W) & mask,
        shape & mask,
        crc32(two, _TWO) & mask,
        crc32(three, _THREE) & mask,
        crc32(four, _FOUR) & mask,
        crc32(last_two, _LAST_TWO) & mask,
        crc32(last_three, _LAST_THREE) & mask,
        crc32(last_four, _LAST_FOUR) & mask,
        crc32(said, _G) & mask,
        crc32(said, shaped) & mask,
    ]


@lru_cache(maxsize=4096)
def _of_shape(form: bytes | str) -> tuple[int, int]:
    collapsed = _encoded(_RUN.sub(r"\1\1", form if isinstance(form, str) else form.decode("latin-1")))
    return crc32(collapsed, _H), crc32(collapsed, _I)


_Ends: TypeAlias = tuple[bytes, bytes, bytes, bytes, bytes, bytes]


def _ends(plain: str) -> _Ends:
    return (
        _encoded(plain[:2]),
        _encoded(plain[:3]),
        _encoded(plain[:4]),
        _encoded(plain[-2:]),
        _encoded(plain[-3:]),
        _encoded(plain[-4:]),
    )


def _encoded(word: str) -> bytes:
    return word.encode("utf-8", "surrogatepass")


_L, _W, _H, _G, _I = (crc32(name) for name in (b"l=", b"w=", b"h=", b"g=", b"i="))
_FLAGS = tuple(b"%d" % flags for flags in range(256))
_TWO, _THREE, _FOUR, _LAST_TWO, _LAST_THREE, _LAST_FOUR = map(crc32, (b"2=", b"3=", b"4=", b"b=", b"c=", b"d="))


def _class_of(character: str) -> str:
    if character.islower():
        return "x"
    if character.isupper():
        return "X"
    return "d" if character.isdigit() else character


_SHAPES = "".join(map(_class_of, sorted(_LATIN))).encode("latin-1")
_BARE = "".join(map(_bare, sorted(_LATIN))).encode("latin-1")
