"""What an organisation wants found without writing it down: keyed hashes of its values and of its documents' words.

Law: only hashes are compared, and nobody without the key can try values against them. A value is found whatever spaces
and signs stand between its parts, a document from `RUN` words in a row on. Letters are compared without accent or case.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from ecluse.passage.classify.normalise import ascii_of, read

SHINGLE = 8
"""Words that are hashed together."""
RUN = 12
"""Words in a row of a document that make a finding: the least, whatever is between them."""
LEAST_VALUE = 6
"""Letters and digits of a value. Fewer turn up by chance."""
MOST_PIECES = 8
"""Parts of a value, e.g. groups of digits."""
SIZE = 8
KEY_FROM = 32
"""Characters of a key."""
_TOKEN = re.compile(r"[^\W_](?:[^\W_]|[\u00ad\u0300-\u036f\u200b-\u200f\u2060\ufeff])*")
_BETWEEN = re.compile(r"[^\w\n\r]{0,3}|_")
_EVERY = 512
_UTF8 = ("utf-8", "surrogatepass")


class Token(NamedTuple):
    """`text[start:end]`, and how it is compared."""

    start: int
    end: int
    plain: str


class Print(NamedTuple):
    """`text[start:end]` is known."""

    start: int
    end: int


def tokens(text: str) -> Sequence[Token]:
    """Cut a text in words and numbers."""
    return [Token(*m.span(), plain) for m in _TOKEN.finditer(text) if (plain := _plain(m[0]))]


@lru_cache(maxsize=1 << 14)
def _plain(word: str) -> str:
    """Return a word without accents, case and invisible signs; other scripts keep their letters."""
    reading = read(word).text
    if reading.lower() == word.lower():
        return reading.lower()
    foreign = any(ascii_of(letter) in {"x", "X"} and letter not in "xX" for letter in word)
    if foreign and not word.isascii():
        return "".join(letter for letter in word if letter.isalnum()).casefold()
    return reading.lower()


def value_of(text: str) -> str:
    """Return how a value is compared: its letters and digits alone."""
    return "".join(token.plain for token in tokens(text))


def hash_value(key: bytes, plain: str) -> bytes:
    """Return the keyed hash of a value."""
    return blake2b(plain.encode(*_UTF8), key=key[:64], digest_size=SIZE, person=b"ecluse/value").digest()


def shingles(key: bytes, found: Sequence[Token]) -> Iterator[bytes]:
    """Hash each `SHINGLE` words in a row, in order."""
    words = [token.plain for token in found]
    for at in range(len(words) - SHINGLE + 1):
        said = " ".join(words[at : at + SHINGLE]).encode(*_UTF8)
        yield blake2b(said, key=key[:64], digest_size=SIZE, person=b"ecluse/words").digest()


def known_words(
    key: bytes, found: Sequence[Token], known: Mapping[bytes, frozenset[str]], between: Callable[[], None]
) -> Iterator[tuple[str, Print]]:
    """List, by entry, the runs of at least `RUN` words that are a document's."""
    hits: dict[str, list[int]] = {}
    for at, digest in enumerate(shingles(key, found)):
        if at % _EVERY == 0:
            between()
        for name in known.get(digest, ()):
            hits.setdefault(name, []).append(at)
    for name, places in hits.items():
        for first, last in _runs(places):
            if last - first + SHINGLE >= RUN:
                yield name, Print(found[first].start, found[last + SHINGLE - 1].end)


def _runs(places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Join the shingles that share a word."""
    first = last = -1
    for at in places:
        if first >= 0 and at - last < SHINGLE:
            last = at
            continue
        if first >= 0:
            yield first, last
        first = last = at
    if first >= 0:
        yield first, last


def known_values(
    key: bytes,
    text: str,
    found: Sequence[Token],
    known: Mapping[bytes, frozenset[str]],
    lengths: frozenset[int],
    between: Callable[[], None],
) -> Iterator[tuple[str, Print]]:
    """List, by entry, the values that stand in a text, whole words at both ends."""
    longest = max(lengths, default=0)
    for at in range(len(found)):
        if at % _EVERY == 0:
            between()
        said = ""
        for i in range(at, min(at + MOST_PIECES, len(found))):
            if i > at and not _BETWEEN.fullmatch(text, found[i - 1].end, found[i].start):
                break
            said += found[i].plain
            if len(said) > longest:
                break
            if len(said) in lengths:
                for name in known.get(hash_value(key, said), ()):
                    yield name, Print(found[at].start, found[i].end)
