"""A part's texts as a reader sees them: the runs of a paragraph joined, each cell and each attribute by itself.

Law: a piece never goes over what is drawn between two texts (a break, a tab, the end of a cell), so that a surrogate
stands in one place and its original comes back there. What names or counts (`rId7`, `120`, `center`) is no text; what
else stands in an attribute is one, wherever it stands, so that references to it change with it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ecluse.scan.inplace.markup import Closed, Node, Opened, Sort, decoded, rewritten, told
from ecluse.scan.inplace.package import Entry
from ecluse.scan.xml import BLANKS, LETTERS, LINES, MEASURE, MEASURES, PACKED, SAID, SHOWN, TABS, leads_out

_DRAWN = {"noBreakHyphen": "\u2011", "softHyphen": "\u00ad", "ptab": "\t", "carriageReturn": "\n"}
"""What stands between two texts beside lines, tabs and spaces."""
_NAMES = frozenset({"anchor", "author", "initials", "userId", "location", "key", "alias", "text", "title", "label"})
_FIXED = frozenset(
    {
        "id", "Id", "Type", "ContentType", "PartName", "Extension", "TargetMode", "r", "ref", "sqref", "spans", "space",
        "embed", "link", "uri", "Ignorable", "Requires", "ProgId", "progId", "fmtid", "pid", "mimetype", "media-type",
        "full-path", "version",
    }
)  # fmt: skip
"""Attributes that a program needs as they are."""
_VOCABULARY = re.compile(
    r"[a-z][A-Za-z0-9_]*|[a-z]{2,3}-[A-Z]{2}|#?[0-9A-Fa-f]{1,8}|\{?[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4,12}){4}\}?"
    r"|[-+]?[0-9.,:%]{1,6}[a-z%]*|[-+0-9.]+(?:cm|mm|in|pt|px|em)|\$?[A-Z]{1,3}\$?[0-9]{1,7}"
    r"|https?://(?:schemas|purl|www\.w3)\.[\w./#-]+|urn:[\w.:-]+|[0-9T:.Z-]{19,30}"
)
_WORD = re.compile(r"[a-z][A-Za-z0-9_]*")
_PEOPLE = frozenset(
    {"creator", "lastModifiedBy", "initial-creator", "printed-by", "author", "Manager", "sender", "userName"}
)
"""Elements and attributes that name who wrote: a name there is one without a word beside it that says so."""
_WRITES = frozenset({"person", "cmAuthor"})
_TWO_LETTERS = re.compile(r"[^\W\d_]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A text that can be written anew; `nodes` are where its characters stand, or that all have them (`same`).

    `person` is whether it is the name of somebody by where it stands.
    """

    text: str = field(repr=False)
    nodes: tuple[Node, ...]
    same: bool = False
    person: bool = False

    def texts(self, edits: Iterable[tuple[int, int, str]]) -> Iterator[tuple[Node, str]]:
        """Yield the nodes that change: what is new stands where the old began, the rest of the old is gone."""
        edits = tuple(edits)
        if not edits:
            return
        if self.same:
            whole = _edited(self.text, 0, len(self.text), edits)
            yield from ((node, whole) for node in self.nodes)
            return
        at = 0
        for node in self.nodes:
            end = at + len(node.value)
            shown = _edited(self.text, at, end, edits)
            if shown != node.value:
                yield node, shown
            at = end


def _edited(text: str, start: int, end: int, edits: Sequence[tuple[int, int, str]]) -> str:
    """Return `text[start:end]` with the edits that begin in it, and without what others take of it."""
    out: list[str] = []
    at = start
    for begin, stop, shown in edits:
        if stop <= at or begin >= end:
            continue
        out.append(text[at : max(at, begin)])
        if begin >= start:
            out.append(shown)
        at = max(at, min(stop, end))
    out.append(text[at:end])
    return "".join(out)


@dataclass(slots=True, kw_only=True)
class Part:
    """A part of XML and its texts. `flow` is the text and, in it, where each piece stands; `behind` that of attributes.

    `fixed` are texts that are not written anew: numbers of cells, names that a program needs.
    """

    entry: Entry
    source: str = field(repr=False)
    encoding: str
    pieces: list[Piece] = field(default_factory=list, repr=False)
    flow: "Flow"
    behind: "Flow"
    fixed: list[str] = field(default_factory=list, repr=False)
    packed: list[Node] = field(default_factory=list, repr=False)

    def written(self, texts: Mapping[Node, str]) -> Entry:
        """Return the part with other texts."""
        return self.entry.holding(rewritten(self.source, self.encoding, texts)) if texts else self.entry


@dataclass(slots=True)
class Flow:
    """A text put together of pieces: for each, where it begins and which it is."""

    words: list[str] = field(default_factory=list, repr=False)
    length: int = 0
    places: list[tuple[int, int]] = field(default_factory=list)

    def add(self, text: str, piece: int | None = None) -> None:
        """Add a piece's text, or what is drawn between two."""
        if piece is not None:
            self.places.append((self.length, piece))
        self.words.append(text)
        self.length += len(text)

    @property
    def text(self) -> str:
        """The text."""
        return "".join(self.words)


class _Reading:
    """A part being read: the texts that stand next to each other, until something is drawn between them."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._next: list[Node] = []
        self._attributes: dict[str, list[Node]] = {}
        self._said: set[str] = set()
        self._persons: set[str] = set()
        self._within: list[str] = []
        self._cell: str | None = None

    def read(self, told_: Iterable[Opened | Closed | Node]) -> None:
        for one in told_:
            if isinstance(one, Opened):
                self._open(one)
            elif isinstance(one, Closed):
                self._within.pop()
                if one.name in LINES:
                    self._draw("\n")
                if one.name == "c":
                    self._cell = None
            else:
                self._text(one)
        self._draw("\n")
        for value, nodes in self._attributes.items():
            piece = Piece(text=value, nodes=tuple(nodes), same=True, person=value in self._persons)
            if value in self._said:
                self._part.behind.add(value, len(self._part.pieces))
                self._part.behind.add("\n")
            self._part.pieces.append(piece)

    def _open(self, one: Opened) -> None:
        self._within.append(one.name)
        if (drawn := _drawn(one.name)) is not None:
            self._draw(drawn)
        if one.name == "c":
            self._cell = next((node.value for node in one.attributes if node.attribute == "t"), "n")
        external = any(node.attribute == "TargetMode" and node.value == "External" for node in one.attributes)
        for node in one.attributes:
            said = _is_said(node)
            if node.attribute in _FIXED or (node.attribute in {"Target", "href"} and not external and not said):
                self._part.fixed.append(node.value)
            elif said or not _VOCABULARY.fullmatch(node.value):
                self._attributes.setdefault(node.value, []).append(node)
                if said:
                    self._said.add(node.value)
                if (node.attribute in _PEOPLE or node.element in _WRITES) and _TWO_LETTERS.search(node.value):
                    self._persons.add(node.value)
            elif not _WORD.fullmatch(node.value):
                self._part.fixed.append(node.value)

    def _text(self, node: Node) -> None:
        if node.element == PACKED and node.sort is Sort.TEXT:
            self._part.packed.append(node)
        elif node.sort is Sort.COMMENT:
            self._draw("\n")
            self._next.append(node)
            self._draw("\n")
        elif node.element == "v" and self._cell is not None and self._cell != "str":
            if self._cell in {"n", "d"}:
                self._part.fixed.append(node.value)
        elif not node.value or (node.element in MEASURES and MEASURE.fullmatch(node.value)):
            return
        elif node.value.isspace() and "\n" in node.value:
            self._part.flow.add("")  # how the mark-up is laid out
        else:
            self._next.append(node)

    def _draw(self, drawn: str) -> None:
        if self._next:
            nodes, self._next = tuple(self._next), []
            text = "".join(node.value for node in nodes)
            person = nodes[0].element in _PEOPLE and _TWO_LETTERS.search(text) is not None
            self._part.flow.add(text, len(self._part.pieces))
            self._part.pieces.append(Piece(text=text, nodes=nodes, person=person))
        words = self._part.flow.words
        if drawn != "\n" or (words and words[-1] != "\n"):
            self._part.flow.add(drawn)


def _drawn(name: str) -> str | None:
    if name in LINES:
        return "\n"
    if name in TABS:
        return "\t"
    return " " if name in BLANKS else _DRAWN.get(name)


def _is_said(node: Node) -> bool:
    """Say whether somebody wrote an attribute, by its name, its element, or since it leads out of the document."""
    name, value = node.attribute, node.value
    if name in {"Target", "href"}:
        return leads_out(name, value)
    if not LETTERS.search(value):
        return name in SHOWN and bool(value)
    by_element = name in SAID.get(node.element, SHOWN)
    return name in SHOWN or name in _NAMES or by_element or (name.lower().endswith("name") and not _code(node))


def _code(node: Node) -> bool:
    """Say whether a name is one of a style, a font, a layout: it changes only if a value stands in it."""
    return node.attribute != "name" or node.element in {"style", "font", "lsdException", "latentStyles", "property"}


def read(entry: Entry) -> Part:
    """Return the texts of a part. Raises NotInPlace."""
    source, encoding = decoded(entry)
    part = Part(entry=entry, source=source, encoding=encoding, flow=Flow(), behind=Flow())
    _Reading(part).read(told(source))
    return part
