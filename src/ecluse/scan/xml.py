"""The words of an XML part, in a stream, with a line for each paragraph and row.

Law: a document type declaration refuses the part: what Office and OpenDocument write has none, and entities that
unfold without end need one.
"""

from collections.abc import Callable, Mapping
from xml.parsers import expat

from ecluse.scan.opening import Hostile

_LINES = frozenset(
    {"p", "h", "tr", "row", "si", "table-row", "br", "line-break", "cr", "cmt", "comment", "title", "list-item"}
)
_TABS = frozenset({"tab", "tc", "table-cell", "c"})
_BLANKS = frozenset({"s"})
_SHOWN = frozenset({"descr", "author", "title", "alt"})
_NO_WORDS = frozenset(
    {
        "posOffset", "pctWidth", "pctHeight", "pctPosHOffset", "pctPosVOffset", "align", "sz", "Template", "TotalTime",
        "Pages", "Words", "Characters", "Lines", "Paragraphs", "CharactersWithSpaces", "AppVersion", "DocSecurity",
        "ScaleCrop", "LinksUpToDate", "SharedDoc", "HyperlinksChanged", "i4", "attrName", "binary-data",
    }
)  # fmt: skip
"""Elements whose characters are measures of a drawing or counts of a program."""

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
    """What an XML part shows, and what stands in its attributes."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.behind: list[str] = []
        self._open: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._open.append(name)
        if name in _LINES:
            self._break("\n")
        elif name in _TABS:
            self._break("\t")
        elif name in _BLANKS:
            self.shown.append(" ")
        for key, value in attributes.items():
            if value and (_local(key) in _SHOWN or _leads_out(_local(key), value)):
                self.behind.append(value)

    def end(self, name: str) -> None:
        self._open.pop()
        if name in _LINES:
            self._break("\n")

    def said(self, text: str) -> None:
        if self._open[-1] not in _NO_WORDS:
            self.shown.append(text)

    def _break(self, mark: str) -> None:
        if self.shown and not self.shown[-1].endswith(("\n", mark)):
            self.shown.append(mark)


def words(data: bytes) -> tuple[str, str]:
    """Return what an XML part shows, and what stands in its attributes. Raises Hostile and expat's errors."""
    found = _Words()
    stream(data, found.start, found.end, found.said)
    return "".join(found.shown).strip("\n"), "\n".join(dict.fromkeys(found.behind))


def _leads_out(name: str, value: str) -> bool:
    return name in {"Target", "href"} and value.startswith(("http:", "https:", "mailto:", "file:", "\\\\"))
