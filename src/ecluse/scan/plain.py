"""Plain text, XML and HTML to their words, what tags and attributes hide too.

Law: no reference in a document is followed and no entity of its own is expanded. A text that is not UTF-8 is read as
UTF-16 by its mark, by what it declares, else as Windows-1252: no byte is dropped.
"""

import base64
import binascii
import html
import re
from html.parser import HTMLParser
from urllib.parse import unquote_to_bytes

from ecluse.scan.found import How
from ecluse.scan.opening import Item, Opening

_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "br", "caption", "dd", "div", "dl", "dt", "fieldset", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "li", "main", "nav", "ol",
    "option", "p", "pre", "section", "table", "tbody", "textarea", "tfoot", "thead", "title", "tr", "ul",
})  # fmt: skip
_CELLS = frozenset({"td", "th"})
_SHOWN = frozenset({"alt", "title", "content", "value", "placeholder", "aria-label", "label", "summary"})
_LINKS = frozenset({"href", "src", "action", "cite", "data"})
_AS_WRITTEN = frozenset({"pre", "textarea", "listing", "xmp", "plaintext"})
"""Elsewhere a line break in the source of a page is a blank (CSS Text 3, 4.1): no line ends there."""
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_RAISED = frozenset({"sup", "sub"})
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]{2,30})""", re.IGNORECASE)


def decoded(data: bytes, charset: str = "") -> str:
    """Return the characters of a text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    shifting = charset.lower().startswith(("utf-7", "iso-2022", "hz"))
    for name in (charset, "utf-8-sig") if shifting else ("utf-8-sig", charset):
        try:
            if name:
                return data.decode(name)
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def read_text(opening: Opening, item: Item) -> None:
    """Read a text as it stands."""
    opening.say(item.path, decoded(item.data))


def read_xml(opening: Opening, item: Item) -> None:
    """Read XML as a text with its tags; the references of the language itself stand for what they mean."""
    opening.say(item.path, html.unescape(decoded(item.data)))


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.behind: list[str] = []
        self.inline: list[tuple[str, bytes]] = []
        self._script = False
        self._raised = False
        self._as_written = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._script = tag in {"script", "style"}
        self._raised = self._raised or tag in _RAISED
        self._as_written += tag in _AS_WRITTEN
        if tag in _BLOCKS:
            self.words.append("\n")
        elif tag in _CELLS:
            self.words.append("\t")
        for name, value in attrs:
            if value and name in _SHOWN:
                self.behind.append(value)
            elif value and name in _LINKS:
                self._link(value)

    def _link(self, value: str) -> None:
        if value[:5].lower() == "data:":
            head, _, body = value[5:].partition(",")
            self.inline.append((head.partition(";")[0], _unpacked(head, body)))
        elif not value.startswith("#"):
            self.behind.append(value)

    def handle_endtag(self, tag: str) -> None:
        self._script = False
        self._raised = self._raised and tag not in _RAISED
        self._as_written = max(0, self._as_written - (tag in _AS_WRITTEN))
        if tag in _BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if self._raised and data[0].isdigit() and self.words and self.words[-1][-1:].isdigit():
            self.words.append(" ")  # the mark of a note is no more digits of the number before it
        if self._script:
            self.behind.append(data)
        else:
            self.words.append(data if self._as_written else _BLANKS.sub(" ", data))

    def handle_comment(self, data: str) -> None:
        self.behind.append(data)

    def unknown_decl(self, data: str) -> None:
        self.behind.append(data)


def _unpacked(head: str, body: str) -> bytes:
    raw = unquote_to_bytes(body)
    if not head.lower().endswith(";base64"):
        return raw
    try:
        return base64.b64decode(re.sub(rb"\s+", b"", raw) + b"===")
    except (binascii.Error, ValueError):
        return raw


def read_html(opening: Opening, item: Item) -> None:
    """Read a page: what is shown, what stands behind it (attributes, comments, scripts), and files written into it."""
    declared = _CHARSET.search(item.data[:2048])
    page = _Words()
    page.feed(decoded(item.data, declared[1].decode("ascii") if declared else ""))
    page.close()
    opening.say(item.path, tidied("".join(page.words)))
    opening.say(f"{item.path}#behind", "\n".join(page.behind), How.METADATA)
    for n, (media, data) in enumerate(page.inline):
        inside = f"{item.path}/inline[{n}]"
        opening.enter(Item(path=inside, name="", data=opening.spend(data), depth=item.depth + 1, media=media))


def tidied(text: str) -> str:
    """Return a text without the blank lines that mark-up leaves."""
    lines = (re.sub(r"[ \r\f\v]+", " ", line).strip(" ") for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
