"""What is found in files joins what is found in texts; only the slot that carries a file stops being unreadable."""

from ecluse.domain.document import Attachment, AttachmentFound
from ecluse.domain.finding import Classification, DataClass, Extent, FileSeen
from ecluse.domain.request import Slot, SlotPath
from ecluse.edge.recognising import with_files
from ecluse.passage.attached import carriers

PART = SlotPath("messages/0/parts/1")
DATA = "QUJD" * 400
FILE = Attachment(path=PART, media="application/pdf", data=DATA)
URL = f"data:application/pdf;base64,{DATA}"
SLOTS = (
    Slot(path=SlotPath("messages/0/parts/0"), text=URL),
    Slot(path=SlotPath(f"{PART}/1/0"), text=URL),
    Slot(path=SlotPath(f"{PART}/1/1"), text=f"Lefevre;base64,{DATA}"),
    Slot(path=SlotPath("messages/0/parts/10/1/0"), text=URL),
)
UNREAD = Classification(findings=(), unreadable=tuple(slot.path for slot in SLOTS), detector="test")


def joined(extent: Extent) -> tuple[SlotPath, ...]:
    told = [AttachmentFound(seen=FileSeen(path=PART, read=extent))]
    return with_files(UNREAD, told, carriers(SLOTS, (FILE,))).unreadable


def test_only_the_slot_that_carries_the_file_is_no_longer_unreadable() -> None:
    assert carriers(SLOTS, (FILE,)) == {SLOTS[1].path: PART}
    assert joined(Extent.WHOLE) == (SLOTS[0].path, SLOTS[2].path, SLOTS[3].path)


def test_the_slot_and_the_part_of_a_file_that_was_not_read_whole_stay_unreadable() -> None:
    for extent in (Extent.IN_PART, Extent.NOT):
        assert joined(extent) == (*UNREAD.unreadable, PART)


def test_a_class_that_a_file_repeats_is_found_and_cannot_be_covered() -> None:
    told = AttachmentFound(
        seen=FileSeen(path=PART, read=Extent.WHOLE), fixed=frozenset({DataClass.PERSONAL, DataClass.HEALTH})
    )
    found = with_files(Classification(findings=(), detector="test"), [told])
    assert found.classes == {DataClass.PERSONAL, DataClass.HEALTH}
    assert found.coverable == frozenset()
