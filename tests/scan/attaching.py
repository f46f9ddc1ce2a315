"""Readers of the files of a call, with words put into their mouths."""

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from ecluse.domain.document import Attachment, AttachmentFound, File
from ecluse.domain.finding import DataClass, Finding
from ecluse.domain.request import SlotPath
from ecluse.edge.classification_settings import ClassificationSettings
from ecluse.edge.classifying import Classifying
from ecluse.scan.attached import Attached
from ecluse.scan.found import How, Part, Reading
from ecluse.scan.kinds import Kind
from ecluse.scan.serving import Readers
from tests.passage.play import Finds

PART = SlotPath("messages/0/parts/1")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FINDS = Finds(words={"Ada Lovelace": DataClass.PERSONAL, "4111": DataClass.PAYMENT})
T = TypeVar("T")


def attachment(data: bytes = b"x", media: str = "application/pdf") -> Attachment:
    return Attachment(path=PART, media=media, data=base64.b64encode(data).decode())


def whole(*texts: str, kind: Kind = Kind.PDF, how: How = How.TEXT) -> Reading:
    return Reading(kind=kind.value, parts=[Part(path=f"Ada's {n}", text=text, how=how) for n, text in enumerate(texts)])


class Says(Readers):
    """Readers that say what a test has them say, and count."""

    def __init__(self, say: Callable[[], Awaitable[Reading]]) -> None:
        super().__init__({})
        self.asked = 0
        self._say = say

    async def readings(self, files: Sequence[File], ends: float | None = None) -> list[Reading]:
        self.asked += len(files)
        async with asyncio.timeout(None if ends is None else max(0.0, ends - time.monotonic())):
            return [await self._say()]


def saying(reading: Reading) -> Says:
    async def say() -> Reading:
        return reading

    return Says(say)


def with_attached(
    play: Callable[[Attached], Awaitable[T]],
    readers: Readers | None = None,
    stated: ClassificationSettings | None = None,
) -> T:
    async def run() -> T:
        classifying = Classifying()
        made = Attached(stated or ClassificationSettings(), classifying, readers)
        try:
            return await play(made)
        finally:
            await made.close()
            classifying.close()

    return asyncio.run(run())


def value(text: str = "Ada Lovelace", data_class: DataClass = DataClass.PERSONAL) -> tuple[Finding, str]:
    finding = Finding(
        slot=SlotPath("messages/0/parts/0"), start=0, end=len(text), kind="person", data_class=data_class,
        confidence=1.0, recogniser="test", evidence="the test says so",
    )  # fmt: skip
    return finding, text


def look(
    file: Attachment,
    readers: Readers | None = None,
    stated: ClassificationSettings | None = None,
    sought: Sequence[tuple[Finding, str]] = (),
) -> AttachmentFound:
    async def play(made: Attached) -> AttachmentFound:
        [found] = await made.search([file], FINDS, "org", sought)
        return found

    return with_attached(play, readers, stated)
