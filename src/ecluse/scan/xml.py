"""The words of an XML part, in a stream, with a line for each paragraph and row.

Law: a document type declaration refuses the part: what Office and OpenDocument write has none, and entities that
unfold without end need one.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from xml.parsers import expat

from ecluse.scan.opening import Hostile

LINES = frozenset(
    {"p", "h", "tr", "row", "si", "table-row", "br", "line-break", "cr", "cmt", "comment", "title", "list-item", "text"}
)
TABS = frozenset({"tab", "tc", "table-cell", "c"})
BLANKS = frozenset({"s"})
SHOWN = frozenset(
    {
        "descr", "author", "title", "alt", "tooltip", "display", "prompt", "promptTitle", "error", "errorTitle",
        "displayText", "string-value", "instr", "caption", "connectString", "query", "udl", "mailSubject",
    }
)  # fmt: skip
"""Attributes whose value somebody wrote, wherever they stand."""
SAID: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        ("sheet", "tableColumn", "definedName", "table", "cellStyle", "cacheField", "theme"), frozenset({"name"})
    ),
    **dict.fromkeys(("s", "d"), frozenset({"v"})),
    **dict.fromkeys(
        ("alias", "tag", "default", "helpText", "statusText", "query", "udl", "connectString", "mailSubject",
         "addressFieldName", "lvlText", "listItem", "name", "placeholder", "result"),
        frozenset({"val", "value"}),
    ),
    "docVar": frozenset({"name", "val"}),
    "numFmt": frozenset({"formatCode"}),
}  # fmt: skip
"""Attributes whose value somebody wrote, by their element: names of sheets and columns, values that a pivot table
keeps, fields of forms, variables, numbering, names of styles."""
MEASURES = frozenset(
    {
        "posOffset", "pctWidth", "pctHeight", "pctPosHOffset", "pctPosVOffset", "align", "sz", "TotalTime", "Pages",
        "Words", "Characters", "Lines", "Paragraphs", "CharactersWithSpaces", "AppVersion", "DocSecurity", "ScaleCrop",
        "LinksUpToDate", "SharedDoc", "HyperlinksChanged", "i4", "attrName",
        "Application", "generator",
    }
)  # fmt: skip
"""Elements whose characters are measures of a drawing or counts of a program, as long as they look like one."""
MEASURE = re.compile(
    r"\s*(?:[-+]?[\d.,:%]{1,24}|true|false|left|right|center|top|bottom|inside|outside"
    r"|(?:Libre|Open)Office[/ ][\d.]{1,12}\$\w{1,12} LibreOffice_project/[\w$.-]{1,60}"
    r"|Microsoft (?:Office |Macintosh )?(?:Word|Excel|PowerPoint)(?: \d{4})?"
    r"|(?:ppt|style|fill|stroke)[._]?[A-Za-z]{1,16}|fillcolor|r|xshear)\s*"
)
PACKED = "binary-data"
"""A file in base64, in OpenDocument."""
LETTERS = re.compile(r"[^\W\d_]{3}|\d{4}|@")
"""What a value has at least, to be worth reading: three letters, four digits, an address."""

Start = Callable[[str, Mapping[str, str]], None]


def stream(data: bytes, start: Start, end: Callable[[str], None], said: Callable[[str], None]) -> None:
    """Tell of each element and its characters by local names. Raises Hostile and expat's errors."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True

    def refuse(*_told: object) -> None:
        raise Hostile

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: start(_local(name), attributes)
    parser.EndElementHandler = lambda name: end(_local(name))
    parser.CharacterDataHandler = said
    parser.Parse(data, True)  # noqa: FBT003 - expat takes `isfinal` by position


def _local(name: str) -> str:
    return name.rpartition("}")[2]


class _Words:
    """What an XML part shows, what stands in its attributes, and the files written into it."""

    def __init__(self, *, apart: bool) -> None:
        self._apart = apart
        self.shown: list[str] = []
        self.behind: list[str] = []
        self.packed: list[str] = []
        self._open: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._open.append(name)
        if name in LINES:
            self._break("\n")
        elif name in TABS:
            self._break("\t")
        elif name in BLANKS:
            self.shown.append(" ")
        elif name == PACKED:
            self.packed.append("")
        said = SAID.get(name, SHOWN)
        for key, value in attributes.items():
            local = _local(key)
            if value and (local in SHOWN or (local in said and LETTERS.search(value)) or leads_out(local, value)):
                self.behind.append(value)

    def end(self, name: str) -> None:
        self._open.pop()
        if self._apart or name in LINES:
            self._break("\n")

    def said(self, text: str) -> None:
        within = self._open[-1]
        if within == PACKED:
            self.packed[-1] += text
        elif within not in MEASURES or not MEASURE.fullmatch(text):
            self.shown.append(text)

    def _break(self, mark: str) -> None:
        if self.shown and not self.shown[-1].endswith(("\n", mark)):
            self.shown.append(mark)


class Found(NamedTuple):
    """What an XML part holds: what it shows, what stands in its attributes, files in base64."""

    shown: str
    behind: str
    packed: Sequence[str]


def words(data: bytes, *, apart: bool = False) -> Found:
    """Return what an XML part holds; `apart`: each element is a value of its own, as in properties, and no run of text.

    Raises Hostile and expat's errors.
    """
    found = _Words(apart=apart)
    stream(data, found.start, found.end, found.said)
    behind = "\n".join(dict.fromkeys(found.behind))
    return Found("".join(found.shown).strip("\n"), behind, found.packed)


def leads_out(name: str, value: str) -> bool:
    """Say whether an attribute is an address outside of the document."""
    return name in {"Target", "href"} and value.startswith(("http:", "https:", "mailto:", "file:", "\\\\"))
