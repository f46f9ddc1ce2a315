"""Surrogates, made from the values they stand for.

Law: the same value under the same conversation key has the same surrogate in every turn, without anything being stored;
under another key it has another. No surrogate is one that the request already holds, and none begins like another's.
Each spelling of a value comes back as it was spelt: it has a surrogate of its own, which differs in a last digit only.
"""

import hmac
import re
from collections.abc import Iterable, Iterator, Sequence

from ecluse.domain.vault import ALPHABET, CORE_LENGTH, MAX_FORMAT, SPELLINGS, SurrogateType, Vault, stem
from ecluse.passage.mask import dates
from ecluse.passage.mask.formats import Candidate, candidates, in_json, sameness
from ecluse.passage.mask.spelling import compact, spaced

_LABEL = b"ecluse/surrogate/v1\0"
_FORMAT_LABEL = b"ecluse/format/v1\0"
_UTF8 = ("utf-8", "surrogatepass")
_ATTEMPTS = 64
_LEAST_SHIFT, _SHIFTS = 20, 160
"""Dates are moved by 20 to 179 days, to and fro."""
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

    def __init__(
        self,
        key: bytes,
        excluded: frozenset[str],
        folds: Sequence[str] = (),
        formatted: frozenset[SurrogateType] = frozenset(),
        before: Vault | None = None,
    ) -> None:
        """Begin without surrogates.

        `excluded` are the look-alikes of the request, `folds` its texts without spaces: no format-valid surrogate is in
        one of them; `formatted` are the types that get one. `before` is of earlier turns that are not in the request:
        its surrogates stand for what they stood for, and for nothing else.
        """
        known = before or Vault.empty()
        self._before = {original: shown for shown, original in known.originals.items()}
        self._formats_before = known.formats
        self._folds = folds
        self._formatted = formatted
        self._formats: dict[str, str] = {}
        self._shown: dict[str, str] = {}
        self._cores: dict[str, str] = {}
        self._written: dict[str, list[str]] = {}
        self._aliases: dict[str, tuple[str, str]] = {}
        self._shift: int | None = None
        self._key = key
        self._excluded = excluded
        self._taken: set[str] = {stem(shown) for shown in known.originals}
        self._made: dict[tuple[SurrogateType, str, str], str] = {}
        self._forms: dict[tuple[SurrogateType, str], Iterator[str]] = {}
        self._originals: dict[str, str] = {}

    def surrogate(self, word: SurrogateType, original: str, seed: str | None = None) -> str:
        """Return the surrogate of `original`, always the same; `seed` is whom a name names."""
        value = _normal(word, original) if seed is None else seed
        earlier = self._before.get(original)
        if earlier is not None and stem(earlier) not in self._excluded:
            self._originals[earlier] = original
            return earlier
        if word in self._formatted and (shown := self._formatted_one(word, value, original)):
            return shown
        made = self._made.get((word, value, original))
        if made is None:
            forms = self._forms.setdefault((word, value), self._all_forms(word, value))
            made = self._made[word, value, original] = next(forms)
            self._originals[made] = original
        return made

    def vault(self) -> Vault:
        """Return the vault of what was made."""
        formats = dict(self._formats)
        for alias, (core, original) in self._aliases.items():
            if not any(shown in alias for shown in self._written[core]):  # `+33 6` would swallow the `+` before `33 6`
                formats.setdefault(alias, original)
        return Vault(originals=self._originals, excluded=self._excluded, formats=formats)

    def settle(self, originals: Iterable[str]) -> None:
        """Choose by how many days the dates of this request are moved: none then stands in the request already."""
        found = [day for original in originals if (day := dates.read(original)) is not None]
        for attempt in range(_ATTEMPTS):
            draw = self._draw(SurrogateType.DATE, "", attempt)
            days = (_LEAST_SHIFT + draw % _SHIFTS) * (1 if draw >> 32 & 1 else -1)
            moved = [day.moved(days) for day in found]
            if not any(shown is None or self._is_seen(shown) for shown in moved):
                self._shift = days
                return

    def _formatted_one(self, word: SurrogateType, value: str, original: str) -> str | None:
        """Return a format-valid surrogate; nothing where there is none that is nobody else's and stands nowhere."""
        if original in self._shown:
            return self._shown[original]
        value = sameness(word, original) or value
        for attempt in range(_ATTEMPTS):
            for candidate in self._candidates(word, value, original, attempt):
                if self._cores.get(candidate.core, value) == value and self._free(word, candidate, original):
                    self._cores[candidate.core] = value
                    self._keep(candidate, original)
                    return candidate.shown
        return None

    def _candidates(self, word: SurrogateType, value: str, original: str, attempt: int) -> Iterator[Candidate]:
        if word is not SurrogateType.DATE:
            yield from candidates(word, original, self._draw(word, value, attempt))
        elif self._shift is not None and not attempt and (day := dates.read(original)):
            shown = day.moved(self._shift)
            if shown is not None:
                yield Candidate(shown, shown, in_json(shown))

    def _free(self, word: SurrogateType, candidate: Candidate, original: str) -> bool:
        shown = candidate.shown.lower()
        longest = max(map(len, (shown, *candidate.aliases)))
        if longest > MAX_FORMAT[word] or shown in self._formats:
            return False
        if any(self._formats_before.get(one.lower(), original) != original for one in (shown, *candidate.aliases)):
            return False
        return not any(map(self._is_seen, (shown, *candidate.aliases)))

    def _keep(self, candidate: Candidate, original: str) -> None:
        self._shown[original] = candidate.shown
        self._formats[candidate.shown.lower()] = original
        self._written.setdefault(candidate.core, []).append(candidate.shown.lower())
        for alias in candidate.aliases:
            self._aliases.setdefault(alias.lower(), (candidate.core, original))

    def _is_seen(self, shown: str) -> bool:
        sought = compact(shown)
        return any(sought in fold for fold in self._folds)

    def _draw(self, word: SurrogateType, value: str, attempt: int) -> int:
        message = b"".join((_FORMAT_LABEL, word.encode(), b"\0", attempt.to_bytes(4), value.encode(*_UTF8)))
        return int.from_bytes(hmac.digest(self._key, message, "sha256")[:8])

    def _all_forms(self, word: SurrogateType, value: str) -> Iterator[str]:
        """Yield a surrogate for each spelling of a value: bare, then with a digit, then from another draw."""
        attempt = 0
        while True:
            bare = f"{word}_{self._core(word, value, attempt)}"
            attempt += 1
            if any(c.isdigit() for c in bare) and bare not in self._taken and bare not in self._excluded:
                self._taken.add(bare)
                yield bare
                yield from (bare + digit for digit in SPELLINGS)

    def _core(self, word: SurrogateType, value: str, attempt: int) -> str:
        message = b"".join((_LABEL, word.encode(), b"\0", attempt.to_bytes(4), value.encode(*_UTF8)))
        bits = int.from_bytes(hmac.digest(self._key, message, "sha256")[:4])
        return "".join(ALPHABET[bits >> 5 * i & 31] for i in range(CORE_LENGTH))


def _normal(word: SurrogateType, original: str) -> str:
    """Return what the spellings of a value have in common, or the value if nothing is left of it."""
    if word is SurrogateType.PHONE and (number := sameness(word, original)):
        return number
    folded = compact(original) if word in _LOOSE else " ".join(spaced(original).split())
    return folded or original
