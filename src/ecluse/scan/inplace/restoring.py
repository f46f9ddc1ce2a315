"""The originals back in a document, in the form that it has.

Law: as in an answer: only an exact surrogate of the vault is exchanged, in each text by itself, never inside a link; a
surrogate that a program has cut into several runs is one.
"""

from dataclasses import dataclass, field

from ecluse.domain.vault import Vault
from ecluse.passage.unmask.damaged import Damaged
from ecluse.passage.unmask.formats import Formats
from ecluse.passage.unmask.forms import TEXT
from ecluse.passage.unmask.lane import Lane, Tally
from ecluse.scan.inplace.markup import Node
from ecluse.scan.inplace.package import opened, written
from ecluse.scan.inplace.pieces import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """A document with its originals, and what was counted on the way."""

    data: bytes = field(repr=False)
    tally: Tally


def restored(data: bytes, vault: Vault) -> Back:
    """Return the document with the originals of a vault. Raises NotInPlace."""
    tally = Tally()
    formats, damaged = Formats(vault), Damaged(vault)
    made = []
    for entry in opened(data):
        if not entry.is_markup:
            made.append(entry)
            continue
        part = read(entry)
        texts: dict[Node, str] = {}
        for piece in part.pieces:
            lane = Lane(vault, tally, TEXT, formats, damaged)
            shown = lane.push(piece.text) + lane.flush()
            lane.close()
            texts.update(piece.texts((s.start, s.end, shown[s.shown_start : s.shown_end]) for s in lane.shifts))
        made.append(part.written(texts))
    return Back(data=written(made), tally=tally)
