"""Spreadsheets: each sheet's rows, each cell beside the head of its column, so that a number keeps its meaning.

Law: hidden sheets, rows and columns are read like the rest. A number that is a date is written as one; a long number is
written out, not as a power of ten.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

from ecluse.scan.archive import entries
from ecluse.scan.found import How
from ecluse.scan.office import read_part
from ecluse.scan.opening import Item, Opening
from ecluse.scan.tables import with_heads
from ecluse.scan.xml import stream, words

_SHEET = re.compile(r"^xl/worksheets/(\w+)\.xml$")
_DATES = frozenset({*range(14, 18), 22})
_DATE_CODE = re.compile(r"[dy]", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_EPOCH = date(1899, 12, 30)
_LAST_DAY = 2_958_465


@dataclass(slots=True)
class _Book:
    shared: list[str] = field(default_factory=list)
    shown: set[int] = field(default_factory=set)
    dated: set[int] = field(default_factory=set)


def read_sheets(opening: Opening, item: Item) -> None:
    """Read a workbook. Raises zipfile's and expat's errors."""
    held = list(entries(opening, item))
    by_name = {inside.name: inside for inside in held}
    book = _Book()
    if "xl/sharedStrings.xml" in by_name:
        strings = by_name["xl/sharedStrings.xml"]
        opening.attempt(strings.path, lambda: book.shared.extend(_shared(strings.data)))
    if "xl/styles.xml" in by_name:
        styles = by_name["xl/styles.xml"]
        opening.attempt(styles.path, lambda: book.dated.update(_dated(styles.data)))
    for inside in held:
        sheet = _SHEET.match(inside.name)
        if sheet:
            opening.attempt(inside.path, partial(_sheet, opening, f"{item.path}#{sheet[1]}", inside.data, book))
        elif inside.name != "xl/sharedStrings.xml":
            opening.attempt(inside.path, partial(read_part, opening, item, inside))
    kept = [text for n, text in enumerate(book.shared) if n not in book.shown]
    opening.say(f"{item.path}/xl/sharedStrings.xml", "\n".join(kept))


def _sheet(opening: Opening, path: str, data: bytes, book: _Book) -> None:
    rows, rest = _rows(data, book)
    opening.say(path, with_heads(rows))
    opening.say(f"{path}.rest", rest)
    opening.say(f"{path}#behind", words(data).behind, How.METADATA)


def _shared(data: bytes) -> list[str]:
    strings: list[list[str]] = []

    def start(name: str, _attributes: Mapping[str, str]) -> None:
        if name == "si":
            strings.append([])

    def said(text: str) -> None:
        if strings:
            strings[-1].append(text)

    stream(data, start, lambda _name: None, said)
    return ["".join(pieces) for pieces in strings]


def _dated(data: bytes) -> set[int]:
    """Return the numbers of the cell formats that show a date."""
    codes: dict[int, str] = {}
    formats: list[int] = []
    inside = [False]

    def start(name: str, attributes: Mapping[str, str]) -> None:
        if name == "numFmt":
            codes[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            inside[0] = True
        elif name == "xf" and inside[0]:
            formats.append(int(attributes.get("numFmtId", "0")))

    def end(name: str) -> None:
        if name == "cellXfs":
            inside[0] = False

    stream(data, start, end, lambda _text: None)
    return {
        n for n, code in enumerate(formats) if code in _DATES or _DATE_CODE.search(_QUOTED.sub("", codes.get(code, "")))
    }


@dataclass(slots=True)
class _Cell:
    column: str
    type: str
    dated: bool
    value: list[str] = field(default_factory=list)


def _rows(data: bytes, book: _Book) -> tuple[list[dict[str, str]], str]:
    """Return the rows, each column → cell, and what else a sheet says: headers, footers, formulas."""
    rows: list[dict[str, str]] = []
    rest: list[str] = []
    cells: list[_Cell] = []
    within: list[str] = []

    def start(name: str, attributes: Mapping[str, str]) -> None:
        within.append(name)
        if name == "row":
            rows.append({})
        elif name == "c":
            style = attributes.get("s", "0")
            dated = style.isdigit() and int(style) in book.dated
            column = attributes.get("r", "").rstrip("0123456789") or f"#{len(rows[-1]) if rows else 0}"
            cells.append(_Cell(column, attributes.get("t", "n"), dated))

    def end(name: str) -> None:
        within.pop()
        if name == "c" and cells and rows:
            cell = cells.pop()
            rows[-1][cell.column] = _written(cell, book)

    def said(text: str) -> None:
        if cells and within[-1] in {"v", "t"}:
            cells[-1].value.append(text)
        elif text.strip():
            rest.append(text)

    stream(data, start, end, said)
    return rows, "\n".join(rest)


def _written(cell: _Cell, book: _Book) -> str:
    text = "".join(cell.value)
    if cell.type == "s":
        if not text.strip().isdecimal() or int(text) >= len(book.shared):
            return text
        book.shown.add(int(text))
        return book.shared[int(text)]
    if cell.type != "n" or not text:
        return text
    number = float(text)
    if cell.dated and 1 <= number < _LAST_DAY:
        return (_EPOCH + timedelta(days=int(number))).isoformat()
    return str(int(number)) if number.is_integer() and abs(number) < 10**18 else text
