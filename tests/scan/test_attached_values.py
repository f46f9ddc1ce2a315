"""A value of the text that a file repeats cannot be masked, and a file is read again only to look for new ones."""

import pytest

from ecluse.domain.document import AttachmentFound
from ecluse.domain.finding import DataClass, Extent
from ecluse.scan.attached import Attached
from ecluse.scan.found import Reading
from tests.passage.play import Finds
from tests.scan.attaching import Says, attachment, saying, value, whole, with_attached

SPELLINGS = ["Ada Lovelace", "LOVELACE", "l o v e l a c e", "Ada  Love\u00adlace", "QWRhIExvdmVsYWNl", "ada.lovelace"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_value_that_the_file_repeats_cannot_be_masked_though_no_recogniser_saw_it_there(spelling: str) -> None:
    readers = saying(whole("A report.", f"Seen by {spelling} in May."))

    async def play(made: Attached) -> AttachmentFound:
        [found] = await made.search([attachment()], Finds(), "org", [value()])
        return found

    found = with_attached(play, readers)
    assert found.fixed == {DataClass.PERSONAL}
    assert found.seen.classes == {DataClass.PERSONAL}


def test_a_file_is_read_again_only_for_values_that_it_was_not_searched_for() -> None:
    readers = saying(whole("A report by Grace Hopper."))

    async def play(made: Attached) -> list[frozenset[DataClass]]:
        told = []
        for sought in ([value()], [value()], [value(), value("Grace Hopper")], [value(), value("Grace Hopper")]):
            [found] = await made.search([attachment()], Finds(), "org", sought)
            told.append(found.fixed)
        return told

    assert with_attached(play, readers) == [frozenset(), frozenset(), {DataClass.PERSONAL}, {DataClass.PERSONAL}]
    assert readers.asked == 2


def test_a_value_counts_as_repeated_when_the_file_is_not_read_again_in_time() -> None:
    said: list[Reading] = [whole("A report.")]

    async def say() -> Reading:
        if not said:
            raise TimeoutError
        return said.pop()

    async def play(made: Attached) -> None:
        [first] = await made.search([attachment()], Finds(), "org", ())
        [second] = await made.search([attachment()], Finds(), "org", [value()])
        [third] = await made.search([attachment()], Finds(), "org", ())
        assert [first.fixed, second.fixed, third.fixed] == [set(), {DataClass.PERSONAL}, set()]
        assert second.seen.read is Extent.WHOLE

    with_attached(play, Says(say))
