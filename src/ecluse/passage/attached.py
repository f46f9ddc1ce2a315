"""Files that stand in a call with their bytes: where, and what is said of them afterwards.

Law: a file is handed on as it came, in base64: whoever reads it reads what would be sent. What is no such file (a
sound, a result of a provider's tool) stays unreadable. What is told names no file and shows nothing of one.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ecluse.domain.document import Attachment
from ecluse.domain.finding import Extent, FileSeen
from ecluse.domain.request import BlobPart, Json, Request, Slot, SlotPath

_DATA_URL = re.compile(r"data:([a-z]{1,20}/[a-zA-Z0-9.+-]{1,80});base64,", re.ASCII)
_IN_HEADER = 16
"""Files that a header names; it counts the others."""


def attachments(request: Request) -> tuple[Attachment, ...]:
    """List the files of a request that could be read."""
    return tuple(_found(request))


def _found(request: Request) -> Iterator[Attachment]:
    for i, message in enumerate(request.messages):
        for j, part in enumerate(message.parts):
            url = _url(part.wire) if isinstance(part, BlobPart) else None
            if url is not None and (begin := _DATA_URL.match(url)) is not None:
                path = SlotPath(f"messages/{i}/parts/{j}")
                yield Attachment(path=path, media=begin[1].lower(), data=url[begin.end() :])


def _url(wire: Mapping[str, Json]) -> str | None:
    """Return the data URL of a part: of a file, of a picture, of a document to read."""
    kind = wire.get("type")
    if kind not in ("file", "image_url", "document_url"):
        return None
    inner = wire.get(str(kind))
    if isinstance(inner, Mapping):
        inner = inner.get("file_data" if kind == "file" else "url")
    return inner if isinstance(inner, str) else None


def carriers(slots: Iterable[Slot], files: Iterable[Attachment]) -> Mapping[SlotPath, SlotPath]:
    """Return which slots are the data URL of which file, and nothing else: as a text nobody reads them."""
    by_part = {file.path: file for file in files}
    found: dict[SlotPath, SlotPath] = {}
    for slot in slots if by_part else ():
        part = SlotPath("/".join(slot.path.split("/", 4)[:4]))
        file = by_part.get(part)
        if file is not None and _carries(slot.text, file):
            found[slot.path] = part
    return found


def _carries(text: str, file: Attachment) -> bool:
    head = f"data:{file.media};base64,"
    same = len(text) == len(head) + len(file.data) and text[: len(head)].lower() == head
    return same and text.endswith(file.data)


def told_files(files: Sequence[FileSeen]) -> list[dict[str, object]]:
    """Write for a reader what is known of each file."""
    return [
        {"part": one.path, "read": one.read.value, "classes": sorted(one.classes), "why": list(one.why)}
        for one in files
    ]


def file_headers(files: Sequence[FileSeen]) -> list[tuple[str, str]]:
    """Write the header that says how much of each file was read, when there is any."""
    if not files:
        return []
    said = [_said(one) for one in files[:_IN_HEADER]]
    if len(files) > _IN_HEADER:
        said.append(f"more; files={len(files) - _IN_HEADER}")
    return [("x-ecluse-files", ", ".join(said))]


def _said(file: FileSeen) -> str:
    why = f'; why="{" ".join(file.why)}"' if file.why else ""
    return f'{file.path}; read={file.read}; classes="{" ".join(sorted(file.classes))}"{why}'


def files_read(files: Sequence[FileSeen]) -> Mapping[str, int]:
    """Count the files by how much of each was read."""
    counted = Counter(one.read for one in files)
    return {extent.value: counted[extent] for extent in Extent if counted[extent]}
