"""Files that stand in a call, read as a document is and searched; what was found is remembered, never the text.

Law: what a file is, and what runs out of time, leaves it unreadable and takes back nothing that was found in it; that
nobody here could read is a failure (503). Words read off a picture are added and make it no more readable: what else it
shows, nobody here sees. A file whose first bytes are not what it says it is may be read another way elsewhere.
"""

import asyncio
import base64
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import NamedTuple, TypeVar

import msgspec

from ecluse.domain.document import Attachment, AttachmentFound, File, Opened
from ecluse.domain.finding import DataClass, Extent, FileSeen, Finding
from ecluse.domain.request import Slot, SlotPath
from ecluse.domain.snapshot import Detector
from ecluse.edge.classification_settings import ClassificationSettings
from ecluse.edge.classifying import Classifying
from ecluse.edge.remembered import Remembered
from ecluse.passage.mask import values_of
from ecluse.scan.found import How, Reading, Unread, Why
from ecluse.scan.kinds import Kind
from ecluse.scan.labels import rule
from ecluse.scan.opening import Limits
from ecluse.scan.serving import Readers, opened

REMEMBERED = 8 * 2**20
"""Bytes, reckoned, of what was found in files. One that was read is not read again while it is remembered."""
OFF = "off"
"""Files of calls are not read here: the settings say so."""
_PICTURES = 10
T = TypeVar("T")
_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument"
_TEXT = (Kind.TEXT, "file.txt")
DECLARED: Mapping[str, tuple[Kind, str]] = {
    "application/pdf": (Kind.PDF, "file.pdf"),
    **dict.fromkeys(("text/plain", "text/markdown", "text/csv", "application/json"), _TEXT),
    "text/html": (Kind.HTML, "file.html"),
    **dict.fromkeys(("text/xml", "application/xml"), (Kind.XML, "file.xml")),
    "message/rfc822": (Kind.MAIL, "file.eml"),
    f"{_OPEN_XML}.wordprocessingml.document": (Kind.OFFICE, "file.docx"),
    f"{_OPEN_XML}.presentationml.presentation": (Kind.OFFICE, "file.pptx"),
    f"{_OPEN_XML}.spreadsheetml.sheet": (Kind.SHEETS, "file.xlsx"),
    **dict.fromkeys((f"{_OPEN_DOCUMENT}.{name}" for name in ("text", "spreadsheet", "presentation")), (Kind.ODF, "f")),
    **dict.fromkeys(
        (f"application/{name}" for name in ("msword", "vnd.ms-excel", "vnd.ms-powerpoint")), (Kind.OLD_OFFICE, "file")
    ),
    **dict.fromkeys(("application/rtf", "text/rtf"), (Kind.RTF, "file.rtf")),
    **dict.fromkeys(
        (f"image/{name}" for name in ("png", "jpeg", "gif", "webp", "tiff", "bmp")), (Kind.PICTURE, "file")
    ),
}
"""What a file may say it is, what it must then be, and the name that stands for its own, which is not passed on."""


class _Known(NamedTuple):
    """What is remembered of a file: findings by the number of a part, and which values of texts it repeats, hashed."""

    parts: int = 0
    findings: tuple[Finding, ...] = ()
    labels: tuple[DataClass, ...] = ()
    why: tuple[str, ...] = ()
    absent: frozenset[bytes] = frozenset()
    repeated: frozenset[bytes] = frozenset()

    @property
    def stuck(self) -> frozenset[DataClass]:
        """The classes that are in it: nothing more has to be looked for to know that they cannot be masked."""
        return frozenset(f.data_class for f in self.findings) | frozenset(self.labels)


@dataclass(slots=True, kw_only=True)
class _Call:
    """What one call asks, until when, and how many files may still be read for it."""

    detector: Detector
    organisation: str
    sought: Mapping[bytes, tuple[Finding, str]]
    ends: float
    left: int

    def unsought(self, known: _Known) -> Mapping[bytes, tuple[Finding, str]]:
        """Return the values of which nobody knows yet whether the file repeats them."""
        asked = known.absent | known.repeated
        return {m: one for m, one in self.sought.items() if m not in asked and one[0].data_class not in known.stuck}


class Attached:
    """Reads the files of calls. It has readers of its own, so that a long document does not hold up `/v1/classify`.

    `as_text` is whether documents leave as their text, which the walk sees to.
    """

    def __init__(
        self, settings: ClassificationSettings, classifying: Classifying, readers: Readers | None = None
    ) -> None:
        self.as_text = settings.files.as_text
        self._files = settings.files
        self._labels = settings.labels
        self._classifying = classifying
        self._readers = readers or Readers({}, limits=limits_of(settings))
        self._remembered = Remembered(REMEMBERED)
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="files")
        self._why_not = () if self._files.read else (OFF,)
        if self._files.read and find_spec("kreuzberg") is None:
            self._why_not = (Why.EXTRA_MISSING.value,)

    async def search(
        self, files: Sequence[Attachment], detector: Detector, organisation: str, sought: Sequence[tuple[Finding, str]]
    ) -> Sequence[AttachmentFound]:
        """Return what is found in each file, in the time that the settings give to a call. Raises GatewayError."""
        call = _Call(
            detector=detector,
            organisation=organisation,
            sought={self._remembered.name(f.data_class, f.kind, value): (f, value) for f, value in sought},
            ends=time.monotonic() + self._files.seconds,
            left=self._files.most,
        )
        return [await self._look(file, call) for file in files]

    async def unfold(self, files: Sequence[File]) -> Opened:
        """Return the texts of files of one call, within the same bounds. Raises GatewayError.

        What was not read is told as of a file that goes, but for drawings: they do not leave with a text.
        """
        ends = time.monotonic() + self._files.seconds
        return opened([await self._opened(file, n, ends) for n, file in enumerate(files)], self._labels)

    async def _opened(self, file: File, number: int, ends: float) -> Reading:
        why = self._unfit(file.media, len(file.data))
        if not why and number >= self._files.most:
            why = (Why.TOO_MANY.value,)
        reading = Reading(kind="")
        if not why:
            kind, name = DECLARED[file.media]
            try:
                [reading] = await self._readers.readings([File(name=name, data=file.data)], ends)
            except TimeoutError:
                why = (Why.TOO_LONG.value,)
            else:
                why = why_not_whole(reading, kind, searched=True)
        unread = [Unread(path=f"files/{number}", why=Why(one)) for one in why if one != Why.DRAWING]
        return msgspec.structs.replace(reading, unread=unread)

    async def close(self) -> None:
        """Stop the processes and threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        await self._readers.close()

    async def _look(self, file: Attachment, call: _Call) -> AttachmentFound:
        """Return what is found in a file, read now or before. It never raises for what a file is."""
        if why := self._unfit(file.media, len(file.data) // 4 * 3 - 2):
            return _told(file, _Known(why=why), call)
        key = await self._apart(lambda: self._named(file, call))
        kept = self._remembered.get(key)
        known = kept if isinstance(kept, _Known) else None
        if known is None or call.unsought(known):
            known = await self._renewed(file, key, known, call)
        return _told(file, known, call)

    def _unfit(self, media: str, size: int) -> tuple[str, ...]:
        """Say why a file is not opened at all: of a type, or so long, or here."""
        if self._why_not:
            return self._why_not
        if media not in DECLARED:
            return (Why.UNKNOWN_FORMAT.value,)
        return (Why.TOO_LARGE.value,) if size > self._files.bytes else ()

    async def _renewed(self, file: Attachment, key: bytes, known: _Known | None, call: _Call) -> _Known:
        """Read a file, again when it is to be searched for new values; what is late takes back nothing."""
        failed = ""
        if call.left <= 0:
            failed = Why.TOO_MANY.value
        else:
            call.left -= 1
            try:
                read = await self._read(file, call)
            except TimeoutError:
                failed = Why.TOO_LONG.value
            else:
                if Why.TOO_LONG.value not in read.why:
                    self._remembered.put(key, read)
                return read
        if known is None:
            return _Known(why=(failed,))
        return known._replace(repeated=known.repeated | call.unsought(known).keys())  # nobody knows: so it counts

    def _named(self, file: Attachment, call: _Call) -> bytes:
        return self._remembered.name(call.organisation, call.detector.version, file.media, file.data)

    async def _read(self, file: Attachment, call: _Call) -> _Known:
        """Read and search a file. Raises GatewayError or TimeoutError."""
        kind, name = DECLARED[file.media]
        data = await self._apart(lambda: decoded(file.data))
        if not data:
            return _Known(why=(Why.BROKEN.value,))
        [reading] = await self._readers.readings([File(name=name, data=data)], call.ends)
        slots = [Slot(path=SlotPath(f"#{n}"), text=part.text, maskable=False) for n, part in enumerate(reading.parts)]
        async with asyncio.timeout(max(0.0, call.ends - time.monotonic())):
            found = await self._classifying.classify(call.detector, slots, (), call.organisation)
        ruled = rule(reading.labels, self._labels, reading.parts)
        known = _Known(
            parts=len(slots),
            findings=found.findings,
            labels=tuple({one.data_class for one in ruled if one.data_class is not None}),
            why=why_not_whole(reading, kind, searched=not found.unreadable),
        )
        return await self._apart(lambda: _repeating(known, [slot.text for slot in slots], call))

    def _apart(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        """Work in a thread: a file is long."""
        return asyncio.get_running_loop().run_in_executor(self._pool, work)


def limits_of(settings: ClassificationSettings) -> Limits:
    """Return the bounds of one file's reader."""
    files = settings.files
    pictures = _PICTURES if files.ocr else 0
    return Limits(
        unfolded=64 * 2**20,
        free=16 * 2**20,
        seconds=files.seconds,
        memory=2**30,
        pictures=pictures,
        items=1_000,
        drawings=True,
    )


def decoded(data: str) -> bytes:
    """Return the bytes of a file; none when two readers could decode them differently."""
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except ValueError:
        return b""


def why_not_whole(reading: Reading, kind: Kind, *, searched: bool) -> tuple[str, ...]:
    """Say why a file does not count as read; empty when all of it does. A picture never does."""
    why = {one.why for one in reading.unread}
    kinds = {kind, Kind.TEXT} if kind is Kind.XML else {kind}
    if reading.kind not in kinds:
        why.add(Why.BROKEN)
    if reading.kind == Kind.PICTURE or any(part.how is How.OCR for part in reading.parts):
        why.add(Why.PICTURE)
    if not searched:
        why.add(Why.NO_TEXT)
    return tuple(sorted(one.value for one in why))


def _repeating(known: _Known, texts: Sequence[str], call: _Call) -> _Known:
    """Search a file for the values of the call's texts, class by class. Raises TimeoutError."""
    absent: set[bytes] = set()
    repeated: set[bytes] = set()
    groups: dict[DataClass, dict[bytes, tuple[Finding, str]]] = {}
    for mark, one in call.unsought(known).items():
        groups.setdefault(one[0].data_class, {})[mark] = one
    for group in groups.values():
        values = values_of(group.values())
        seen = False
        for text in texts:
            if time.monotonic() > call.ends:
                raise TimeoutError
            if seen := bool(values.hits(text)):
                break
        (repeated if seen else absent).update(group)
    return known._replace(absent=frozenset(absent), repeated=frozenset(repeated))


def _told(file: Attachment, known: _Known, call: _Call) -> AttachmentFound:
    """Write what is known of a file as the walk has it: by the part that it stands in."""
    repeated = frozenset(call.sought[mark][0].data_class for mark in known.repeated if mark in call.sought)
    fixed = frozenset(known.labels) | repeated
    extent = Extent.WHOLE if not known.why else Extent.IN_PART if known.parts else Extent.NOT
    return AttachmentFound(
        seen=FileSeen(path=file.path, read=extent, classes=known.stuck | repeated, why=known.why),
        findings=tuple(replace(f, slot=SlotPath(f"{file.path}{f.slot}"), maskable=False) for f in known.findings),
        fixed=fixed,
    )
