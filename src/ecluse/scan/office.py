"""Word, PowerPoint and OpenDocument files: every part that holds words, and what is embedded.

Law: the whole package is walked, so headers, footers, comments, notes, deleted text and hidden slides are read like the
rest. Labels are read where Office writes them (MS-OFFCRYPTO LabelInfo, `MSIP_Label_*` properties).
"""

import re
from collections.abc import Mapping
from functools import partial

from ecluse.scan.archive import entries
from ecluse.scan.found import How, Why
from ecluse.scan.opening import Item, Opening
from ecluse.scan.xml import stream, words

_NO_WORDS = re.compile(
    r"(?:^|/)(?:\[Content_Types\]\.xml|theme\d*\.xml|fontTable\.xml|settings\.xml|webSettings\.xml|tableStyles\.xml"
    r"|presProps\.xml|viewProps\.xml|calcChain\.xml|numbering\.xml|mimetype|manifest\.xml|printerSettings\d*\.bin)$"
    r"|^word/styles(?:WithEffects)?\.xml$|^xl/styles\.xml$|^ppt/slideLayouts/_rels/|\.odttf$|\.fntdata$"
)
"""Parts that hold the look of a document and nothing that anybody wrote in it."""
_METADATA = re.compile(
    r"^docProps/|^meta\.xml$|^docMetadata/|^customXml/|\.rels$|/comments?Authors?\.xml$|^xl/persons/"
)
_PAGE = re.compile(r"/(slide|notesSlide)(\d+)\.xml$")
MSIP = re.compile(r"MSIP_Label_([0-9A-Fa-f-]{36})_(\w+)")


def read_office(opening: Opening, item: Item) -> None:
    """Read a package. Raises zipfile's errors."""
    for inside in entries(opening, item):
        opening.attempt(inside.path, partial(read_part, opening, item, inside))


def read_part(opening: Opening, item: Item, inside: Item) -> None:
    """Read one part of a package: words, or a file of its own."""
    name = inside.name
    if not name.endswith((".xml", ".rels", ".vml")):
        if not _NO_WORDS.search(name):
            opening.enter(inside)
        return
    if "LabelInfo" in name:
        read_label_info(opening, item.path, inside.data)
    if name.endswith("custom.xml") or name == "meta.xml":
        read_properties(opening, item.path, inside.data)
    if _NO_WORDS.search(name):
        if name.endswith("manifest.xml") and b"encryption-data" in inside.data:
            opening.miss(item.path, Why.ENCRYPTED)
        return
    shown, behind = words(inside.data)
    how = How.METADATA if _METADATA.search(name) else How.TEXT
    opening.say(where(item.path, name), shown, how)
    opening.say(f"{where(item.path, name)}#behind", behind, How.METADATA)


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
