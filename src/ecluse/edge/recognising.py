"""What the walk asks to have recognised: its texts by the detector, its files by whoever reads them here.

Law: a file of which nothing is known is unreadable; what is found in one is added to what is found in the texts, and
cannot be masked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from ecluse.domain.document import AttachmentFound
from ecluse.domain.effects import Recognise
from ecluse.domain.finding import Classification, DataClass, Extent, FileSeen, Finding
from ecluse.domain.ports import Attachments
from ecluse.domain.request import Slot, SlotPath
from ecluse.domain.snapshot import Snapshot
from ecluse.edge.classifying import Classifying
from ecluse.passage.attached import carriers

NO_CARRIERS: Mapping[SlotPath, SlotPath] = MappingProxyType({})


async def recognise(
    effect: Recognise, snapshot: Snapshot, classifying: Classifying, attachments: Attachments | None
) -> Classification:
    """Search texts and files. Raises GatewayError(classification_unavailable) when the texts cannot be searched."""
    record = snapshot.applications.get(effect.application) if effect.application is not None else None
    organisation = record.organisation.id if record is not None else ""
    detector = snapshot.detector_of(effect.application)
    found = await classifying.classify(detector, effect.slots, effect.unreadable, organisation)
    if not effect.files:
        return found
    if attachments is None:
        return with_files(found, [AttachmentFound(seen=FileSeen(path=f.path, read=Extent.NOT)) for f in effect.files])
    read = await attachments.search(effect.files, detector, organisation, maskable(found, effect.slots))
    return with_files(found, read, carriers(effect.slots, effect.files))


def maskable(found: Classification, slots: Iterable[Slot]) -> tuple[tuple[Finding, str], ...]:
    """Return the findings of classes that a mask could cover, each with its value."""
    texts = {slot.path: slot.text for slot in slots}
    classes = found.coverable
    return tuple((f, texts[f.slot][f.start : f.end]) for f in found.findings if f.data_class in classes)


def with_files(
    found: Classification, files: Sequence[AttachmentFound], carried: Mapping[SlotPath, SlotPath] = NO_CARRIERS
) -> Classification:
    """Add what was found in files. A file that was not read whole is unreadable, whatever was found in it.

    `carried` are the slots that hold the files: one of a file that was read whole is not unreadable for being no text.
    """
    unread = [one.seen.path for one in files if one.seen.read is not Extent.WHOLE]
    whole = {one.seen.path for one in files} - set(unread)
    texts = (path for path in found.unreadable if carried.get(path) not in whole)
    fixed: frozenset[DataClass] = frozenset().union(*(one.fixed for one in files))
    return replace(
        found,
        findings=(*found.findings, *(replace(f, maskable=False) for one in files for f in one.findings)),
        unreadable=tuple(dict.fromkeys((*texts, *unread))),
        fixed=found.fixed | fixed,
        files=tuple(one.seen for one in files),
    )
