"""XML as the texts in it and where each of them stands, so that some are written anew and every other byte stays.

Law: a part is first read by the parser that refuses a document type; only what it takes is looked at here. With no
entities but the five of XML, a value is what its characters say, and what is written reads as what was meant.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from xml.parsers.expat import ExpatError

from ecluse.scan.inplace.package import Entry, NotInPlace
from ecluse.scan.opening import Hostile
from ecluse.scan.xml import stream

_TOKEN = re.compile(
    r"<!--(?P<comment>.*?)-->|<!\[CDATA\[(?P<cdata>.*?)\]\]>|<\?.*?\?>"
    r"|<(?P<close>/?)(?P<name>[^\s/>]++)(?P<rest>(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"(?P<name>[^\s=/]++)\s*+=\s*+(?:\"(?P<double>[^\"]*+)\"|'(?P<single>[^']*+)')")
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot|apos));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]{1,40})[\"']")
_ENCODINGS = frozenset({"utf-8", "utf-16", "iso8859-1", "ascii"})
_WRITTEN = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_WRITTEN_IN_QUOTES = {**_WRITTEN, **str.maketrans({'"': "&quot;", "'": "&apos;", "\n": "&#10;", "\t": "&#9;"})}
_KEEPS_SPACES = frozenset({"t", "delText", "instrText", "delInstrText"})
"""Elements of Word and Excel at whose ends spaces are dropped unless they say `xml:space`."""


class Sort(StrEnum):
    """Where a text stands."""

    TEXT = "text"
    ATTRIBUTE = "attribute"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A text at `[start, end)` of the source. `tag` is where its element may be told to keep spaces, if it must be."""

    start: int
    end: int
    value: str = field(repr=False)
    sort: Sort
    element: str
    attribute: str = ""
    tag: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An element begins; `attributes` are its nodes."""

    name: str
    attributes: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """An element ends."""

    name: str


def decoded(entry: Entry) -> tuple[str, str]:
    """Return the characters of a part and their encoding. Raises NotInPlace for what is no XML that may be read."""
    try:
        stream(entry.data, lambda _name, _attributes: None, lambda _name: None, lambda _text: None)
    except (Hostile, ExpatError, ValueError, LookupError):
        raise NotInPlace(f"{entry.name} is damaged or hostile: save the document again, and mask that") from None
    if entry.data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return entry.data.decode("utf-16"), "utf-16"
    declared = _DECLARED.match(entry.data.removeprefix(codecs.BOM_UTF8)[:200])
    encoding = codecs.lookup(declared[1].decode("ascii") if declared else "utf-8").name
    if encoding not in _ENCODINGS:
        raise NotInPlace(f"{entry.name} is in {encoding}: save the document again, and mask that")
    return entry.data.decode(encoding), encoding


def told(source: str) -> Iterator[Opened | Closed | Node]:
    """Yield the elements and texts of well-formed XML, in reading order."""
    within: list[tuple[str, int | None]] = []
    at = 0
    for token in _TOKEN.finditer(source):
        element, tag = within[-1] if within else ("", None)
        if token.start() > at and within:
            yield _text(source, at, token.start(), element, tag)
        at = token.end()
        if token["comment"] is not None:
            start, end = token.span("comment")
            yield Node(start=start, end=end, value=token["comment"], sort=Sort.COMMENT, element=element)
        elif token["cdata"] is not None:
            yield Node(
                start=token.start(), end=at, value=token["cdata"], sort=Sort.TEXT, element=element, tag=tag
            )  # written anew, it is no section any more
        elif token["name"] is not None and token["close"]:
            within.pop()
            yield Closed(name=_local(token["name"]))
        elif token["name"] is not None:
            opened = _opened(token)
            yield opened
            if token["rest"].endswith("/"):
                yield Closed(name=opened.name)
            else:
                within.append((opened.name, _keeps(token, opened)))


def _opened(token: re.Match[str]) -> Opened:
    name = _local(token["name"])
    found: list[Node] = []
    base = token.start("rest")
    for one in _ATTRIBUTE.finditer(token["rest"]):
        if one["name"] == "xmlns" or one["name"].startswith("xmlns:"):
            continue
        start, end = one.span("double" if one["double"] is not None else "single")
        found.append(
            Node(
                start=base + start,
                end=base + end,
                value=_read(token["rest"][start:end]),
                sort=Sort.ATTRIBUTE,
                element=name,
                attribute=_local(one["name"]),
            )
        )
    return Opened(name=name, attributes=tuple(found))


def _keeps(token: re.Match[str], opened: Opened) -> int | None:
    """Return where `xml:space` is to be written if spaces at the ends count and that is not said yet."""
    if opened.name not in _KEEPS_SPACES or token["name"].startswith("a:"):
        return None
    return None if any(node.attribute == "space" for node in opened.attributes) else token.end("name")


def _text(source: str, start: int, end: int, element: str, tag: int | None) -> Node:
    return Node(start=start, end=end, value=_read(source[start:end]), sort=Sort.TEXT, element=element, tag=tag)


def _read(written: str) -> str:
    return _REFERENCE.sub(_meant, written) if "&" in written else written


def _meant(reference: re.Match[str]) -> str:
    if reference[3]:
        return _NAMED[reference[3]]
    return chr(int(reference[1], 16) if reference[1] else int(reference[2]))


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def rewritten(source: str, encoding: str, texts: Mapping[Node, str]) -> bytes:
    """Return the part with other texts in the place of some. Raises NotInPlace when a comment would end early."""
    pieces: list[tuple[int, int, str]] = []
    tags: set[int] = set()
    for node, text in texts.items():
        if node.sort is Sort.COMMENT and ("--" in text or text.endswith("-")):
            raise NotInPlace("a comment in the mark-up cannot be written")
        pieces.append((node.start, node.end, _as_written(node, text)))
        if node.tag is not None and text != text.strip() and node.tag not in tags:
            tags.add(node.tag)
            pieces.append((node.tag, node.tag, ' xml:space="preserve"'))
    out: list[str] = []
    at = 0
    for start, end, text in sorted(pieces):
        out += (source[at:start], text)
        at = end
    out.append(source[at:])
    return "".join(out).encode(encoding, "xmlcharrefreplace")


def _as_written(node: Node, text: str) -> str:
    if node.sort is Sort.COMMENT:
        return text
    return text.translate(_WRITTEN if node.sort is Sort.TEXT else _WRITTEN_IN_QUOTES)
