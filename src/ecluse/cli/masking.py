"""Documents as requests, so that they are masked by the same code as what is sent: text, Markdown, CSV, JSON.

Law: a document keeps its form, its ends of lines and its mark of UTF-8: a surrogate stands in a cell or in a string,
never across two. Keys of JSON and the first line of a table are no values: one found there refuses.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ecluse.cli.literals import parsed, rewritten
from ecluse.domain.event import Channel, Text
from ecluse.domain.request import Json, Message, Request, Role, Surface, TextPart, ToolCall
from ecluse.domain.vault import Vault
from ecluse.passage.unmask import Restorer

_DELIMITERS = ";,\t|"
_MARK = "\ufeff"
"""Some programs write it before UTF-8, and a spreadsheet needs it to read accents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a file says. `value` is a text, rows, or the JSON value of `source`; `delimiter` and `end` are a table's.

    `mark` is what stood before it all, `closed` whether the last row of a table has its end of line.
    """

    value: Json
    source: str = ""
    delimiter: str = ""
    end: str = "\n"
    closed: bool = True
    mark: str = ""
    text: bool = False

    def written(self) -> str:
        """Return the file's content."""
        if self.text:
            return self.mark + str(self.value)
        if not self.delimiter:
            return self.mark + rewritten(self.source, self.value)
        out = io.StringIO()
        csv.writer(out, delimiter=self.delimiter, lineterminator=self.end).writerows(_rows(self.value))
        return self.mark + (out.getvalue() if self.closed else out.getvalue().removesuffix(self.end))


def read(name: str, content: str) -> Document:
    """Read a document by the end of its name; what is neither JSON nor a table is text. Raises ValueError."""
    mark = _MARK if content.startswith(_MARK) else ""
    content = content.removeprefix(_MARK)
    match Path(name).suffix.lower():
        case ".json":
            return Document(value=parsed(content), source=content, mark=mark)
        case ".csv" | ".tsv":
            return _table(content, mark)
        case _:
            return Document(value=content, mark=mark, text=True)


def _table(content: str, mark: str) -> Document:
    first = content.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    end = "\r\n" if first.endswith("\r") else "\n"
    csv.field_size_limit(
        max(csv.field_size_limit(), len(content))
    )  # of the whole program: a document is one cell at most
    table = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = list(table)
    except csv.Error as error:
        raise ValueError(f"line {table.line_num} of the table cannot be read: {error}") from None
    closed = not content or content.endswith(("\n", "\r"))
    return Document(value=rows, delimiter=delimiter, end=end, closed=closed, mark=mark)


def request_of(document: Document) -> Request:
    """Put a document where a request has its texts: a message, or a call's arguments; a cell is named by its head."""
    if document.text:
        message = Message(role=Role.USER, parts=(TextPart(text=str(document.value)),))
    else:
        value = _named(_rows(document.value)) if document.delimiter else document.value
        message = Message(role=Role.USER, tool_calls=(ToolCall(id="", name="", arguments=value, decoded=True),))
    return Request(surface=Surface.CHAT, model="", messages=(message,))


def document_of(request: Request, like: Document) -> Document:
    """Take a masked document out of its request."""
    message = request.messages[-1]
    if like.text:
        part = message.parts[0]
        value: Json = part.text if isinstance(part, TextPart) else ""
    else:
        value = message.tool_calls[0].arguments
        if like.delimiter:
            value = _unnamed(_rows(like.value)[:1], value)
    return replace(like, value=value)


def _rows(value: Json) -> list[list[str]]:
    rows = value if isinstance(value, Sequence) and not isinstance(value, str) else []
    return [[str(cell) for cell in row] for row in rows if isinstance(row, Sequence) and not isinstance(row, str)]


def _named(rows: list[list[str]]) -> Json:
    head = rows[0] if rows else []
    return [head, *({f"{i} {name}": cell for i, (name, cell) in enumerate(_pairs(head, row))} for row in rows[1:])]


def _pairs(head: list[str], row: list[str]) -> list[tuple[str, str]]:
    return [(head[i] if i < len(head) else "", cell) for i, cell in enumerate(row)]


def _unnamed(head: list[list[str]], value: Json) -> Json:
    items = value if isinstance(value, Sequence) and not isinstance(value, str) else []
    first = [items[0]] if items and head else []
    return [*first, *([*row.values()] for row in items[1:] if isinstance(row, Mapping))]


@dataclass(slots=True, kw_only=True)
class Counts:
    """How many surrogates came back, looked like one, stood in a link."""

    restored: int = 0
    unknown: int = 0
    withheld: int = 0


def restored(document: Document, vault: Vault) -> tuple[Document, Counts]:
    """Put the originals back, in each string by itself."""
    counts = Counts()

    def whole(text: str) -> str:
        restorer = Restorer(vault)
        events = [*restorer.feed(Text(choice=0, channel=Channel.CONTENT, s=text)), *restorer.end()]
        counts.restored += restorer.restored
        counts.unknown += restorer.unknown
        counts.withheld += restorer.withheld
        return "".join(event.s for event in events if isinstance(event, Text))

    value = _each(document.value, whole)
    return replace(document, value=value), counts


def _each(value: Json, whole: Callable[[str], str]) -> Json:
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, Mapping):
        return {name: _each(member, whole) for name, member in value.items()}
    if isinstance(value, Sequence):
        return [_each(item, whole) for item in value]
    return value
