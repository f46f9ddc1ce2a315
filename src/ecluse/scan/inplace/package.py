"""A ZIP of parts, read within the bounds of every reader and written again: the way in and the way out.

Law: whatever is not understood refuses: an encrypted part, two of one name, one past a bound, a signed package. What is
written has the parts, in their order and packed as they were, and nothing else: no comment, no extra field, no bytes
between them.
"""

import io
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ecluse.scan.archive import entries
from ecluse.scan.found import SAYS
from ecluse.scan.opening import FAULTS, Item, Limits, Opening

_SIGNED = ("_xmlsignatures/", "META-INF/documentsignatures.xml", "META-INF/macrosignatures.xml")
_DATE = (1980, 1, 1, 0, 0, 0)
_XML = (".xml", ".rels", ".vml")
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


class NotInPlace(ValueError):
    """A document cannot be written with other texts. Says what to do, never what is in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One part of a package; `packed` is how it is compressed."""

    name: str
    data: bytes = field(repr=False)
    packed: int = zipfile.ZIP_DEFLATED

    @property
    def is_markup(self) -> bool:
        """Whether it is XML, by its name, as the reader of documents has it."""
        return self.name.endswith(_XML)

    def holding(self, data: bytes) -> "Entry":
        """Return the same part with other bytes."""
        return replace(self, data=data)


def opened(data: bytes, limits: Limits | None = None) -> tuple[Entry, ...]:
    """Return the parts of a package. Raises NotInPlace."""
    limits = limits or Limits()
    opening = Opening(limits=limits, readers={}, size=len(data), ends=time.monotonic() + limits.seconds)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as held:
            packed = {one.filename: one.compress_type for one in held.infolist() if not one.is_dir()}
            count = sum(not one.is_dir() for one in held.infolist())
        found = tuple(
            Entry(name=item.name, data=item.data, packed=packed[item.name])
            for item in entries(opening, Item(path="", name="", data=data))
        )
    except FAULTS as fault:
        raise NotInPlace(f"the document is damaged ({type(fault).__name__}): save it again, and mask that") from None
    if opening.unread:
        raise NotInPlace(f"a part of the document cannot be read: {SAYS[opening.unread[0].why][0]}")
    if len({entry.name for entry in found}) != count:
        raise NotInPlace("two parts of the document have one name: save it again, and mask that")
    if any(entry.name.startswith(_SIGNED) for entry in found):
        raise NotInPlace(
            "the document is signed: the signature names who signed and would not hold any more; "
            "remove it, then mask the document"
        )
    return found


def written(parts: Sequence[Entry]) -> bytes:
    """Return the package of some parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for part in parts:
            method = part.packed if part.packed in _METHODS else zipfile.ZIP_DEFLATED
            head = zipfile.ZipInfo(part.name, _DATE)
            head.compress_type = method
            made.writestr(head, part.data)
    return out.getvalue()
