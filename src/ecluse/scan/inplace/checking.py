"""The last look at a masked document: read again as any document is, and every part of it searched.

Law: every text, attribute, comment and name of a part is searched for every value in all its spellings; a surrogate is
no trace of one. What is seen is named by its part, never shown.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from ecluse.domain.vault import Vault
from ecluse.passage.mask import Masked
from ecluse.scan.inplace.package import Entry
from ecluse.scan.inplace.pieces import read
from ecluse.scan.reading import Reader

_SHORTEST_NUMBER = 4
_NUMBER = re.compile(r"[-+]?[0-9.,]*")


def leaks(
    name: str, data: bytes, made: Sequence[Entry], hidden: Masked, reader: Reader, left: frozenset[str]
) -> tuple[str, ...]:
    """Return the parts in which a value is still seen; `left` are those that were left on purpose."""
    values = hidden.values
    if values is None:
        return ()
    blanked = _blanking(hidden.vault)

    def seen(text: str) -> bool:
        hits = values.hits(blanked(text))
        if _NUMBER.fullmatch(text):
            hits = tuple(hit for hit in hits if hit.end - hit.start >= _SHORTEST_NUMBER)
        return bool(hits)

    def fixed(text: str) -> bool:
        return any(not hit.common for hit in values.hits(blanked(text))) and seen(text)

    found = ["the name of a part"] if any(fixed(entry.name) for entry in made) else []
    found += (
        part.entry.name
        for part in (read(entry) for entry in made if entry.is_markup)
        if any(seen(piece.text) for piece in part.pieces) or any(map(fixed, dict.fromkeys(part.fixed)))
    )
    found += (path for path, text in _texts(name, data, reader, left) if seen(text))
    return tuple(dict.fromkeys(found))


def _texts(name: str, data: bytes, reader: Reader, left: frozenset[str]) -> Iterator[tuple[str, str]]:
    spared = tuple(f"{name}/{part}" for part in left)
    for part in reader.read(name, data).parts:
        if not part.path.startswith(spared):
            yield part.path, part.text


def _blanking(vault: Vault) -> Callable[[str], str]:
    shown = sorted({*vault.originals, *vault.formats}, key=len, reverse=True)
    if not shown:
        return str
    either = re.compile("|".join(map(re.escape, shown)), re.IGNORECASE)
    return lambda text: either.sub(lambda match: "\0" * len(match[0]), text)
