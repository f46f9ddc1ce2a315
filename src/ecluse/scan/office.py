"""Word, PowerPoint and OpenDocument files: every part that holds words, and what is embedded.

Law: the whole package is walked, so headers, footers, comments, notes, deleted text and hidden slides are read like the
rest. Labels are read where Office writes them (MS-OFFCRYPTO LabelInfo, `MSIP_Label_*` properties).
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from ecluse.scan.archive import entries
from ecluse.scan.found import How, Why
from ecluse.scan.opening import Item, Opening
from ecluse.scan.tables import table_text
from ecluse.scan.xml import stream, words

_LOOKS = re.compile(
    r"(?:^|/)(?:\[Content_Types\]\.xml|theme\d*\.xml|fontTable\.xml|settings\.xml|webSettings\.xml|tableStyles\.xml"
    r"|presProps\.xml|viewProps\.xml|calcChain\.xml|numbering\.xml|manifest\.xml)$"
    r"|^word/styles(?:WithEffects)?\.xml$|^xl/styles\.xml$"
)
"""Parts about the look of a document: what characters they hold after all, and what is named in them, is metadata."""
_FONTS = re.compile(r"\.(?:odttf|fntdata)$")
"""Fonts: shapes of letters, and no words."""
_MIMETYPE = re.compile(rb"[\w.+-]+/[\w.+-]+\s*")
_PRINTER = re.compile(r"/printerSettings\d*\.bin$")
_WIDE = re.compile(rb"(?:[\x20-\xff]\x00){4,}")
_NARROW = re.compile(rb"[\x20-\x7e\xa0-\xff]{6,}")
_METADATA = re.compile(
    r"^docProps/|^meta\.xml$|^docMetadata/|^customXml/|\.rels$|/comments?Authors?\.xml$|^xl/persons/"
)
_PAGE = re.compile(r"/(slide|notesSlide)(\d+)\.xml$")
_SPREADSHEET = b"<office:spreadsheet"
MSIP = re.compile(r"MSIP_Label_([0-9A-Fa-f-]{36})_(\w+)")


def read_office(opening: Opening, item: Item) -> None:
    """Read a package. Raises zipfile's errors."""
    for inside in entries(opening, item):
        opening.attempt(inside.path, partial(read_part, opening, item, inside))


def read_part(opening: Opening, item: Item, inside: Item) -> None:
    """Read one part of a package: words, or a file of its own."""
    name = inside.name
    if _FONTS.search(name) or (name == "mimetype" and _MIMETYPE.fullmatch(inside.data)):
        return
    if not name.endswith((".xml", ".rels", ".vml")):
        _read_file(opening, item, inside)
        return
    if "LabelInfo" in name:
        read_label_info(opening, item.path, inside.data)
    if name.endswith("custom.xml") or name == "meta.xml":
        read_properties(opening, item.path, inside.data)
    if name.endswith("manifest.xml") and b"encryption-data" in inside.data:
        opening.miss(item.path, Why.ENCRYPTED)
    found = words(inside.data, apart=_METADATA.search(name) is not None)
    how = How.METADATA if _METADATA.search(name) or _LOOKS.search(name) else How.TEXT
    tabled = name == "content.xml" and _SPREADSHEET in inside.data
    opening.say(where(item.path, name), table_text(inside.data) if tabled else found.shown, how)
    opening.say(f"{where(item.path, name)}#behind", found.behind, How.METADATA)
    for n, packed in enumerate(found.packed):
        path = f"{where(item.path, name)}#file[{n}]"
        opening.attempt(
            path, partial(_unpack, opening, Item(path=path, name="", data=b"", depth=item.depth + 1), packed)
        )


def _read_file(opening: Opening, item: Item, inside: Item) -> None:
    """Read a part that is no XML; of the settings of a printer, the words in their two encodings."""
    if _PRINTER.search(inside.name):
        text = "\n".join(m[0].decode("utf-16-le") for m in _WIDE.finditer(inside.data))
        plain = "\n".join(m[0].decode("latin-1") for m in _NARROW.finditer(inside.data))
        opening.say(where(item.path, inside.name), f"{text}\n{plain}", How.METADATA)
        return
    opening.enter(inside)


def _unpack(opening: Opening, item: Item, packed: str) -> None:
    data = base64.b64decode("".join(packed.split()), validate=True)
    opening.enter(replace(item, data=opening.spend(data)))


def where(path: str, name: str) -> str:
    """Return the way to a part: a slide by its number, another by its name."""
    page = _PAGE.search(name)
    return f"{path}#{'slide' if page[1] == 'slide' else 'notes'}={page[2]}" if page else f"{path}/{name}"


def read_label_info(opening: Opening, path: str, data: bytes) -> None:
    """Read the labels of docMetadata/LabelInfo.xml; one that was removed counts as removed."""

    def start(name: str, attributes: Mapping[str, str]) -> None:
        if name == "label" and attributes.get("removed", "0") not in {"1", "true"} and attributes.get("id"):
            opening.mark(path, attributes["id"])

    stream(data, start, lambda _name: None, lambda _text: None)


def read_properties(opening: Opening, path: str, data: bytes) -> None:
    """Read `MSIP_Label_*` properties, as Office and LibreOffice write them."""
    named: list[tuple[str, str]] = []
    values: list[str] = []

    def start(_name: str, attributes: Mapping[str, str]) -> None:
        for key, value in attributes.items():
            if key.rpartition("}")[2] == "name" and (found := MSIP.fullmatch(value)):
                named.append((found[1], found[2]))
                values.append("")

    def said(text: str) -> None:
        if values:
            values[-1] += text

    def end(name: str) -> None:
        if name in {"property", "user-defined"} and len(values) == len(named):
            named.append(("", ""))
            values.append("")

    stream(data, start, end, said)
    mark_msip(opening, path, [(id_, field, value) for (id_, field), value in zip(named, values, strict=True) if id_])


def mark_msip(opening: Opening, path: str, fields: list[tuple[str, str, str]]) -> None:
    """Add the labels of (GUID, field, value) rows, unless one says that it is not enabled."""
    names = {id_.lower(): value for id_, field, value in fields if field == "Name"}
    off = {
        id_.lower() for id_, field, value in fields if field == "Enabled" and value.strip().lower() in {"false", "0"}
    }
    for id_ in dict.fromkeys(id_.lower() for id_, _, _ in fields):
        if id_ not in off:
            opening.mark(path, id_, names.get(id_, ""))
