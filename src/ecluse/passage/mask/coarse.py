"""What can be made coarser instead of replaced: an age to ten years, a date to its month, an address to its department.

Law: on request only, and there is no way back: no vault knows what stood there, and whoever asks is told how often.
"""

import re
from collections.abc import Iterator

from ecluse.domain.masking import Quasi
from ecluse.domain.vault import SurrogateType
from ecluse.passage.mask import dates
from ecluse.passage.mask.spans import Span

_AGE = re.compile(r"(?<![\w.,/-])([0-9]{1,3})(?=[ \u00a0-](?:ans|an|years?[ -]old|years? of age)(?!\w))", re.IGNORECASE)
_POSTCODE = re.compile(r"(?<![0-9])(?:(?P<overseas>9[78][0-9])|(?P<metropolitan>[0-9]{2}))[0-9]{2,3}(?![0-9])")
_BAND = 10
_POSTCODE_LENGTH = 5
_OLDEST = 130


def coarse(word: SurrogateType, original: str, asked: frozenset[Quasi]) -> str | None:
    """Return what stands in the place of a value, if it is to be made coarser and can be."""
    if word is SurrogateType.DATE and Quasi.DATE in asked:
        found = dates.read(original)
        return found.month if found else None
    if word in {SurrogateType.ADDRESS, SurrogateType.PLACE} and Quasi.POSTCODE in asked:
        return _department(original)
    return None


def _department(original: str) -> str | None:
    for code in _POSTCODE.finditer(original):
        if len(code[0]) == _POSTCODE_LENGTH:
            return f"département {code['overseas'] or code['metropolitan']}"
    return None


def ages(text: str) -> Iterator[Span]:
    """Yield the ages of a text, each with its ten years."""
    for age in _AGE.finditer(text):
        years = int(age[1])
        if years < _OLDEST:
            low = years - years % _BAND
            yield Span(start=age.start(), end=age.end(), word=SurrogateType.VALUE, shown=f"{low}-{low + _BAND - 1}")
