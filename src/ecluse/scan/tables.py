"""Rows as text, each cell beside the head of its column so that a number keeps its meaning; the rows of OpenDocument.

Law: nothing that a cell or what is around it says is dropped. A number shown as a power of ten is written out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ecluse.scan.xml import BLANKS, LINES, TABS, stream

_HEADS = 40
"""Characters of a cell that may be the head of a column."""
_CELLS = frozenset({"table-cell", "covered-table-cell"})
_REPEATED, _LONG = 64, 8
"""Columns up to which a repeated cell is written out, digits of a count that is none."""
_SHORTENED = re.compile(r"[-\d.,]+E[+-]\d+|#+", re.IGNORECASE)
"""A number as a narrow column shows it."""


def with_heads(rows: list[dict[str, str]]) -> str:
    """Write rows, each column → cell, as text; below a first row of names, each cell as `name: cell`."""
    filled = [row for row in rows if any(value.strip() for value in row.values())]
    heads = filled[0] if filled else {}
    named = len(heads) > 1 and all(0 < len(h) <= _HEADS and not any(map(str.isdigit, h)) for h in heads.values())
    lines = ["\t".join(heads.values())]
    for row in filled[1:]:
        cells = (f"{heads[c]}: {v}" if named and c in heads and v else v for c, v in row.items())
        lines.append("\t".join(cells))
    return "\n".join(lines)


@dataclass(slots=True)
class _Tables:
    texts: list[str] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)
    column: int = 0
    cell: list[str] | None = None
    held: Mapping[str, str] = field(default_factory=dict)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "table-row":
            self.rows.append({})
            self.column = 0
        elif name in _CELLS and self.rows:
            self.cell = []
            self.held = {key.rpartition("}")[2]: value for key, value in attributes.items()}
        elif name in LINES | TABS | BLANKS:
            self.said(" " if self.cell is not None else "\n")

    def end(self, name: str) -> None:
        if name in _CELLS and self.cell is not None:
            value = " ".join("".join(self.cell).split())
            if _SHORTENED.fullmatch(value):
                value = self.held.get("value", value)
            repeated = self.held.get("number-columns-repeated", "1")
            times = int(repeated) if repeated.isdecimal() and len(repeated) < _LONG else 1
            if value:
                columns = range(self.column, self.column + min(times, _REPEATED))
                self.rows[-1] |= {str(column): value for column in columns}
            self.column += times
            self.cell = None
        elif name == "table":
            self.texts += (with_heads(self.rows), "\n")
            self.rows = []
        elif name in LINES and self.cell is None:
            self.said("\n")

    def said(self, text: str) -> None:
        (self.texts if self.cell is None else self.cell).append(text)


def table_text(data: bytes) -> str:
    """Return what a part of OpenDocument with tables says. Raises Hostile and expat's errors."""
    found = _Tables()
    stream(data, found.start, found.end, found.said)
    found.texts.append(with_heads(found.rows))
    return re.sub(r"\s*\n\s*", "\n", "".join(found.texts)).strip("\n")
