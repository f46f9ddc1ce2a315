"""Files of a call that leave as their text, where the settings say so.

Law: the text stands in the call in the file's place before anything is searched: it is judged and masked as text is,
and nothing else of the file leaves. What was not read of it still counts as unreadable: the gateway holds it, and the
rules judge its own places by the same question. A file of which no text was read, or that has a label for a class,
stays what it is. The caller is told which files left so, and what was not read of each.
"""

import binascii
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace

from ecluse.domain.document import Attachment, File, Opened
from ecluse.domain.effects import AnyAnswer, Effect, Failed, Unfold, Unfolded
from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import Classification, Extent, FileSeen
from ecluse.domain.request import BlobPart, Capability, Json, Message, Part, Request, SlotPath, Surface, TextPart
from ecluse.passage.arrival import Arrival
from ecluse.passage.attached import attachments
from ecluse.passage.ledger import Ledger

FILE = "file"
"""The media of a part that is a document: a picture says more than its words."""
UNKNOWN = "unknown"
"""What a label stands for that is in no table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """What a file becomes: its text, none where it stays a file, and why that is not all."""

    text: str
    why: tuple[str, ...]

    def seen(self, path: SlotPath) -> FileSeen:
        """Say what was read of the file that stood there."""
        return FileSeen(path=path, read=Extent.AS_TEXT if self.text else Extent.NOT, why=self.why)


def as_text(
    arrival: Arrival, ledger: Ledger, request: Request
) -> Generator[Effect, AnyAnswer, tuple[Request, tuple[FileSeen, ...]]]:
    """Put the text of each document in its place, and say what was read. Raises GatewayError when none can be read.

    A document that is not told of is still to be read as a file.
    """
    if not arrival.files_as_text or request.surface is not Surface.CHAT:
        return request, ()
    held = dict(_documents(request))
    if not held:
        return request, ()
    answer = yield from ledger.ask(Unfold(files=tuple(held.values()), of_call=True))
    if not isinstance(answer, Unfolded):
        raise GatewayError(answer.code if isinstance(answer, Failed) else "classification_unavailable")
    texts = _texts(answer.opened, tuple(held))
    return _rewritten(request, texts), tuple(text.seen(path) for path, text in texts.items())


def with_classes(found: Classification, seen: tuple[FileSeen, ...]) -> Classification:
    """Tell of these files too, each with the classes of its text; one that was not read whole is unreadable."""
    if not seen:
        return found
    classes = {
        one.path: frozenset(f.data_class for f in found.findings if f.slot == one.path and f.data_class is not None)
        for one in seen
    }
    told = (replace(one, classes=classes[one.path]) for one in seen)
    return replace(
        found,
        unreadable=tuple(dict.fromkeys((*found.unreadable, *(one.path for one in seen if one.why)))),
        files=tuple(sorted((*found.files, *told), key=lambda one: one.path)),
    )


def _documents(request: Request) -> Iterator[tuple[SlotPath, File]]:
    """Yield the documents of a request whose base64 has one reading."""
    for file in attachments(request):
        part = _part(request, file)
        if part.media == FILE:
            try:
                data = binascii.a2b_base64(file.data.encode("ascii"), strict_mode=True)
            except (binascii.Error, UnicodeEncodeError):
                continue
            yield file.path, File(name=_name(part.wire), data=data, media=file.media)


def _part(request: Request, file: Attachment) -> BlobPart:
    _, message, _, part = file.path.split("/")
    found = request.messages[int(message)].parts[int(part)]
    assert isinstance(found, BlobPart)  # noqa: S101 - attachments stand in such parts alone
    return found


def _name(wire: Mapping[str, Json]) -> str:
    inner = wire.get(FILE)
    name = inner.get("filename") if isinstance(inner, Mapping) else None
    return name if isinstance(name, str) else ""


def _texts(opened: Opened, paths: tuple[SlotPath, ...]) -> Mapping[SlotPath, _Text]:
    """Return what is known of each file without a label that stands for a class: its text, or why there is none."""
    said = {str(slot.path): slot.text for slot in opened.slots}
    found = {
        path: _Text(text=_joined(told, said), why=_why(told))
        for path, told in zip(paths, opened.told, strict=True)
        if not _labelled(told)
    }
    return {path: text for path, text in found.items() if text.text or text.why}


def _joined(told: Mapping[str, object], said: Mapping[str, str]) -> str:
    """Return the text of a file, in the order of its parts."""
    parts = told.get("parts")
    texts = [said[one["part"]] for one in parts] if isinstance(parts, list) else []
    return "\n\n".join(texts) if any(text.strip() for text in texts) else ""


def _labelled(told: Mapping[str, object]) -> bool:
    labels = told.get("labels")
    return isinstance(labels, list) and any(one["data_class"] != UNKNOWN for one in labels)


def _why(told: Mapping[str, object]) -> tuple[str, ...]:
    unread = told.get("unread")
    return tuple(sorted({str(one["why"]) for one in unread})) if isinstance(unread, list) else ()


def _rewritten(request: Request, texts: Mapping[SlotPath, _Text]) -> Request:
    messages = tuple(_message(message, i, texts) for i, message in enumerate(request.messages))
    left = any(isinstance(p, BlobPart) and p.media == FILE for message in messages for p in message.parts)
    return replace(request, messages=messages, needs=request.needs if left else request.needs - {Capability.FILES})


def _message(message: Message, i: int, texts: Mapping[SlotPath, _Text]) -> Message:
    parts: list[Part] = []
    for j, part in enumerate(message.parts):
        text = texts.get(SlotPath(f"messages/{i}/parts/{j}"))
        if text is None or not text.text or not isinstance(part, BlobPart):
            parts.append(part)
        else:
            name, inside = _name(part.wire).replace('"', "'"), text.text.replace("</file>", "<\\/file>")
            parts.append(TextPart(text=f'<file name="{name}">\n{inside}\n</file>', cache=part.cache))
    return replace(message, parts=tuple(parts))
