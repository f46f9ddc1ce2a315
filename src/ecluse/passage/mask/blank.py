"""A text with what is hidden left blank, to see what is not.

Law: a surrogate is no trace of a value, though a person may be called Person; everything else in a text is.
"""

import re
from collections.abc import Iterable

from ecluse.domain.vault import CORE_PATTERN, TYPES_PATTERN, Vault
from ecluse.passage.mask.spans import Span

_BLANK = "\0"
_SURROGATE = re.compile(rf"(?:{TYPES_PATTERN})_{CORE_PATTERN}", re.ASCII)


def without_surrogates(text: str, vault: Vault) -> str:
    """Blank the surrogates of `vault`."""
    return _SURROGATE.sub(lambda m: _BLANK if m[0] in vault.originals else m[0], text) if "_" in text else text


def blanked(text: str, spans: Iterable[Span]) -> str:
    """Blank the spans; every other character stays where it was."""
    out: list[str] = []
    at = 0
    for span in spans:
        out += (text[at : span.start], _BLANK * (span.end - span.start))
        at = span.end
    out.append(text[at:])
    return "".join(out)
