"""Surrogates, made from the values they stand for.

Law: the same value under the same conversation key has the same surrogate in every turn, without anything being stored;
under another key it has another. No surrogate is one that the request already holds, and none begins like another's.
Each spelling of a value comes back as it was spelt: it has a surrogate of its own, which differs in a last digit only.
"""

import hmac
import re
from collections.abc import Iterable, Iterator

from ecluse.domain.vault import ALPHABET, CORE_LENGTH, SPELLINGS, SurrogateType, Vault
from ecluse.passage.mask.spelling import compact, spaced

_LABEL = b"ecluse/surrogate/v1\0"
_LOOSE = frozenset(
    {
        SurrogateType.PHONE,
        SurrogateType.IBAN,
        SurrogateType.CARD,
        SurrogateType.ACCOUNT,
        SurrogateType.NIR,
        SurrogateType.IDENT,
        SurrogateType.PLATE,
        SurrogateType.PERSON,
        SurrogateType.ORG,
        SurrogateType.PLACE,
    }
)
"""Types whose spaces and punctuation tell no two values apart; those of addresses and dates do."""
_CORE = re.compile(rf"(?=[a-z]{{0,{CORE_LENGTH - 1}}}[0-9])[0-9a-hjkmnp-tv-z]{{{CORE_LENGTH}}}")


def look_alikes(folded: Iterable[str]) -> frozenset[str]:
    """List what could be taken for a surrogate in folded texts, as type and six characters, however it was written."""
    return frozenset(
        f"{word}_{core.upper()}" for text in folded for word in SurrogateType for core in _cores(word, text)
    )


def _cores(word: SurrogateType, text: str) -> Iterator[str]:
    sought = word.lower()
    at = text.find(sought)
    while at >= 0:
        core = _CORE.match(text, at + len(sought))
        if core is not None:
            yield core[0]
        at = text.find(sought, at + 1)


class Mint:
    """Makes the surrogates of one request."""

    def __init__(self, key: bytes, excluded: frozenset[str]) -> None:
        """Begin without surrogates. `excluded` are the look-alikes of the request."""
        self._key = key
        self._excluded = excluded
        self._taken: set[str] = set()
        self._made: dict[tuple[SurrogateType, str, str], str] = {}
        self._forms: dict[tuple[SurrogateType, str], Iterator[str]] = {}
        self._originals: dict[str, str] = {}

    def surrogate(self, word: SurrogateType, original: str, seed: str | None = None) -> str:
        """Return the surrogate of `original`, always the same; `seed` is whom a name names."""
        value = _normal(word, original) if seed is None else seed
        made = self._made.get((word, value, original))
        if made is None:
            forms = self._forms.setdefault((word, value), self._all_forms(word, value))
            made = self._made[word, value, original] = next(forms)
            self._originals[made] = original
        return made

    def vault(self) -> Vault:
        """Return the vault of what was made."""
        return Vault(originals=self._originals, excluded=self._excluded)

    def _all_forms(self, word: SurrogateType, value: str) -> Iterator[str]:
        """Yield a surrogate for each spelling of a value: bare, then with a digit, then from another draw."""
        attempt = 0
        while True:
            stem = f"{word}_{self._core(word, value, attempt)}"
            attempt += 1
            if any(c.isdigit() for c in stem) and stem not in self._taken and stem not in self._excluded:
                self._taken.add(stem)
                yield stem
                yield from (stem + digit for digit in SPELLINGS)

    def _core(self, word: SurrogateType, value: str, attempt: int) -> str:
        message = b"".join((_LABEL, word.encode(), b"\0", attempt.to_bytes(4), value.encode("utf-8", "surrogatepass")))
        bits = int.from_bytes(hmac.digest(self._key, message, "sha256")[:4])
        return "".join(ALPHABET[bits >> 5 * i & 31] for i in range(CORE_LENGTH))


def _normal(word: SurrogateType, original: str) -> str:
    """Return what the spellings of a value have in common, or the value if nothing is left of it."""
    folded = compact(original) if word in _LOOSE else " ".join(spaced(original).split())
    return folded or original
