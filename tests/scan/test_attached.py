"""Files of calls are read within bounds and remembered without their text; what fails leaves them unreadable."""

import asyncio
import base64
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.document import Attachment, AttachmentFound, File
from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import Classification, DataClass, Extent
from ecluse.domain.request import Slot
from ecluse.domain.snapshot import Memory, never
from ecluse.edge.classification_settings import ClassificationSettings, FileSettings
from ecluse.scan.attached import Attached, decoded, limits_of, why_not_whole
from ecluse.scan.extra import rendered
from ecluse.scan.found import How, Label, Part, Reading, Unread, Why
from ecluse.scan.kinds import Kind
from ecluse.scan.picture import tesseract
from ecluse.scan.serving import Readers
from tests.passage.play import Finds
from tests.scan.attaching import (
    DOCX,
    FINDS,
    PART,
    Says,
    attachment,
    look,
    saying,
    value,
    whole,
    with_attached,
)
from tests.scan.made import GUID, docx, msip, pdf, zipped


# ------------------------------------------------------------------ real files, in a real reader
def test_real_files_are_read_and_no_finding_in_one_can_be_masked() -> None:
    async def play(made: Attached) -> None:
        files = [
            attachment(pdf("Write to Ada Lovelace")),
            attachment(docx("Ada Lovelace, 4111", docProps__custom=msip()), DOCX),
            attachment(pdf("Nothing here")),
            attachment(zipped({"a.txt": "Ada Lovelace"}), "application/zip"),
            attachment(pdf("Seen", picture=(60, 40))),
        ]
        first, second, third, fourth, fifth = await made.search(files, FINDS, "org", ())
        assert (first.seen.read, set(first.seen.classes)) == (Extent.WHOLE, {DataClass.PERSONAL})
        assert {(f.slot, f.maskable) for f in first.findings} == {(f"{PART}#0", False)}
        assert (second.seen.read, set(second.fixed)) == (Extent.WHOLE, {DataClass.RESTRICTED})
        assert second.seen.classes == {DataClass.PERSONAL, DataClass.PAYMENT, DataClass.RESTRICTED}
        assert (third.seen.read, third.findings) == (Extent.WHOLE, ())
        assert (fourth.seen.read, fourth.seen.why) == (Extent.NOT, ("unknown_format",))
        assert (fifth.seen.read, fifth.seen.why) == (Extent.IN_PART, ("picture",))

    with_attached(play, stated=ClassificationSettings(labels={GUID: DataClass.RESTRICTED}))


HOSTILE = {
    "an XML bomb": docx("x", word__header1='<!DOCTYPE a [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><a>&c;</a>'),
    "a zip bomb": docx("x", **{"word__media__a.bin": bytes(30_000_000)}),
    "a package in pieces": docx("x")[:-30],
    "a file in a file in a file": docx(
        "x", **{"word__embeddings__a.zip": zipped({"b.zip": zipped({"c.7z": b"7z\xbc\xaf'\x1c\0"})})}
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_never_read_whole_and_its_neighbour_is_read(name: str) -> None:
    async def play(made: Attached) -> None:
        files = [attachment(HOSTILE[name], DOCX), attachment(pdf("Ada Lovelace"))]
        hostile, neighbour = await made.search(files, FINDS, "org", ())
        assert hostile.seen.read is not Extent.WHOLE
        assert neighbour.seen.read is Extent.WHOLE

    with_attached(play)


@pytest.mark.long
@pytest.mark.skipif(tesseract() is None, reason="tesseract is not installed: pictures are not read here")
def test_a_picture_is_read_by_tesseract_where_that_is_asked_for_and_stays_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf("4111 4111 4111"))
    picture = attachment(rendered(tmp_path / "a.pdf", 0), "image/png")
    for ocr, classes in ((False, set()), (True, {DataClass.PAYMENT})):
        found = look(picture, stated=ClassificationSettings(files=FileSettings(ocr=ocr, seconds=30)))
        assert found.seen.read is not Extent.WHOLE
        assert found.seen.classes == classes


# ------------------------------------------------------------------ what is never taken for nothing
def failing(error: Exception) -> Says:
    async def say() -> Reading:
        raise error

    return Says(say)


def endless() -> Says:
    async def say() -> Reading:
        await asyncio.sleep(60)
        return whole("x")

    return Says(say)


QUICK = ClassificationSettings(files=FileSettings(seconds=0.1))
FAILURES: dict[str, tuple[Callable[[], Readers], ClassificationSettings, str]] = {
    "no time": (endless, QUICK, "too_long"),
    "a dead reader": (
        lambda: saying(Reading(kind="", unread=[Unread(path="f", why=Why.BROKEN)])), ClassificationSettings(), "broken"
    ),
    "a bomb": (
        lambda: saying(Reading(kind="pdf", unread=[Unread(path="f", why=Why.HOSTILE)])),
        ClassificationSettings(),
        "hostile",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
def test_a_reading_that_fails_leaves_the_file_unreadable(name: str) -> None:
    readers, stated, why = FAILURES[name]
    found = look(attachment(), readers(), stated)
    assert found.seen.read is Extent.NOT
    assert why in found.seen.why


def test_no_reader_is_a_failure_by_either_way_and_says_nothing_of_the_file() -> None:
    def busy() -> Says:
        return failing(GatewayError("classification_unavailable"))

    with pytest.raises(GatewayError, match="classification_unavailable"):
        look(attachment(), busy())
    with pytest.raises(GatewayError, match="classification_unavailable"):
        with_attached(lambda made: made.unfold([BYTES]), busy())


BYTES = File(name="Ada.pdf", data=b"x" * 200, media="application/pdf")
ASIDE: dict[str, tuple[Callable[[], Readers], FileSettings, File, str]] = {
    "a type that no reader here knows": (
        lambda: saying(whole("x")),
        FileSettings(),
        replace(BYTES, media="a/b"),
        "unknown_format",
    ),
    "more than may be read": (lambda: saying(whole("x")), FileSettings(bytes=100), BYTES, "too_large"),
    "no time": (endless, FileSettings(seconds=0.1), BYTES, "too_long"),
    "what is not what it says it is": (lambda: saying(whole("x", kind=Kind.TEXT)), FileSettings(), BYTES, "broken"),
    "words off a picture": (lambda: saying(whole("x", how=How.OCR)), FileSettings(), BYTES, "picture"),
}


@pytest.mark.parametrize("name", ASIDE)
def test_what_leaves_as_its_text_is_read_within_the_bounds_of_a_file_that_goes(name: str) -> None:
    readers, stated, file, why = ASIDE[name]
    settings = ClassificationSettings(files=stated)
    told = with_attached(lambda made: made.unfold([file]), readers(), settings).told
    assert [one["why"] for one in told[0]["unread"]] == [why]  # type: ignore[attr-defined] # a list, as it is written
    seen = look(attachment(file.data, file.media), readers(), settings).seen
    assert seen.why == (why,)


def test_only_so_many_files_leave_as_their_text_and_a_drawing_does_not_leave_with_one() -> None:
    drawn = msgspec.structs.replace(whole("x"), unread=[Unread(path="f", why=Why.DRAWING)])
    settings = ClassificationSettings(files=FileSettings(most=1))
    told = with_attached(lambda made: made.unfold([BYTES, BYTES]), saying(drawn), settings).told
    assert [[one["why"] for one in file["unread"]] for file in told] == [[], ["too_many"]]  # type: ignore[attr-defined] # the same


def test_a_text_that_cannot_be_searched_is_a_failure() -> None:
    class Fails(Finds):
        def classify(
            self,
            slots: Sequence[Slot],  # noqa: ARG002 - it fails whatever it is asked
            stopped: Callable[[], bool] = never,  # noqa: ARG002 - the same
            memory: Memory | None = None,  # noqa: ARG002 - the same
        ) -> Classification:
            raise GatewayError("classification_unavailable")

    async def play(made: Attached) -> AttachmentFound:
        [found] = await made.search([attachment()], Fails(), "org", ())
        return found

    with pytest.raises(GatewayError, match="classification_unavailable"):
        with_attached(play, saying(whole("Ada Lovelace")))


REFUSED = {
    "what no reader here knows": (attachment(media="application/octet-stream"), "unknown_format"),
    "more than may be read": (attachment(b"x" * 200), "too_large"),
    "what is no base64": (Attachment(path=PART, media="application/pdf", data="QUFB?"), "broken"),
    "what two readers could decode differently": (
        Attachment(path=PART, media="application/pdf", data="QQ==QUE="), "broken"
    ),
    "nothing": (Attachment(path=PART, media="application/pdf", data=""), "broken"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_not_read_is_unreadable_with_the_reason(name: str) -> None:
    file, why = REFUSED[name]
    readers = saying(whole("x"))
    found = look(file, readers, ClassificationSettings(files=FileSettings(bytes=100)))
    assert (found.seen.read, found.seen.why, readers.asked) == (Extent.NOT, (why,), 0)


def test_a_file_that_is_not_what_it_says_is_unreadable_and_its_findings_count() -> None:
    found = look(attachment(media="text/plain"), saying(whole("Ada Lovelace", kind=Kind.PDF)))
    assert (found.seen.read, found.seen.why) == (Extent.IN_PART, ("broken",))
    assert found.seen.classes == {DataClass.PERSONAL}


@pytest.mark.parametrize(("kind", "media"), [(Kind.PICTURE, "image/png"), (Kind.PDF, "application/pdf")])
def test_words_read_off_a_picture_are_added_and_make_it_no_more_readable(kind: Kind, media: str) -> None:
    found = look(attachment(media=media), saying(whole("Ada Lovelace", kind=kind, how=How.OCR)))
    assert (found.seen.read, found.seen.why) == (Extent.IN_PART, ("picture",))
    assert found.seen.classes == {DataClass.PERSONAL}


def test_a_picture_is_never_read_whole_whatever_its_reader_says() -> None:
    assert why_not_whole(Reading(kind="picture"), Kind.PICTURE, searched=True) == ("picture",)


def test_pictures_are_looked_at_only_where_the_settings_say_so() -> None:
    assert limits_of(ClassificationSettings()).pictures == 0
    assert limits_of(ClassificationSettings(files=FileSettings(ocr=True))).pictures > 0


def test_nothing_is_read_where_it_is_switched_off_or_the_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    readers = saying(whole("x"))
    off = look(attachment(), readers, ClassificationSettings(files=FileSettings(read=False)))
    assert (off.seen.read, off.seen.why) == (Extent.NOT, ("off",))
    monkeypatch.setattr("ecluse.scan.attached.find_spec", lambda _name: None)
    missing = look(attachment(), readers)
    assert (missing.seen.read, missing.seen.why) == (Extent.NOT, ("extra_missing",))
    assert readers.asked == 0


# ------------------------------------------------------------------ what is remembered
def test_a_file_is_read_once_for_each_organisation_and_nothing_of_its_text_is_kept() -> None:
    readers = saying(whole("Ada Lovelace"))

    async def play(made: Attached) -> None:
        for _ in range(3):
            [found] = await made.search([attachment()], FINDS, "org", ())
            assert found.seen.classes == {DataClass.PERSONAL}
        assert readers.asked == 1
        await made.search([attachment()], FINDS, "other", ())
        assert readers.asked == 2
        await made.search([attachment()], Finds(version="newer"), "org", ())
        assert readers.asked == 3
        assert "Lovelace" not in repr(made._remembered._kept)
        assert "Ada's" not in repr(made._remembered._kept)

    with_attached(play, readers)


def test_what_was_late_is_tried_again_with_the_next_call() -> None:
    said: list[Reading | TimeoutError] = [TimeoutError(), whole("Ada Lovelace")]

    async def say() -> Reading:
        told = said.pop(0)
        if isinstance(told, TimeoutError):
            raise told
        return told

    async def play(made: Attached) -> None:
        [first] = await made.search([attachment()], FINDS, "org", ())
        [second] = await made.search([attachment()], FINDS, "org", ())
        assert (first.seen.read, second.seen.read) == (Extent.NOT, Extent.WHOLE)

    with_attached(play, Says(say))


def test_only_so_many_files_of_a_call_are_read_and_those_read_before_do_not_count() -> None:
    readers = saying(whole("x"))
    stated = ClassificationSettings(files=FileSettings(most=2))
    files = [attachment(bytes([n])) for n in range(3)]

    async def play(made: Attached) -> None:
        first = await made.search(files, FINDS, "org", ())
        assert [(one.seen.read, one.seen.why) for one in first] == [
            (Extent.WHOLE, ()), (Extent.WHOLE, ()), (Extent.NOT, ("too_many",)),
        ]  # fmt: skip
        second = await made.search(files, FINDS, "org", ())
        assert [one.seen.read for one in second] == [Extent.WHOLE] * 3

    with_attached(play, readers, stated)
    assert readers.asked == 3


@settings(deadline=None, max_examples=40)
@given(
    texts=st.lists(st.sampled_from(["Ada Lovelace", "lovelace", "4111", "nothing", ""]), max_size=3),
    unread=st.lists(st.sampled_from(Why), max_size=2),
    turns=st.integers(1, 3),
    label=st.booleans(),
)
def test_more_turns_never_find_less_and_a_part_unread_is_never_forgotten(
    texts: list[str],
    unread: list[Why],
    turns: int,
    label: bool,  # noqa: FBT001 - Hypothesis gives it
) -> None:
    reading = Reading(
        kind="pdf",
        parts=[Part(path=str(n), text=text) for n, text in enumerate(texts)],
        unread=[Unread(path="u", why=why) for why in unread],
        labels=[Label(path="l", id=GUID)] if label else [],
    )
    expected = {one for text in texts for word, one in FINDS.words.items() if word in text}
    expected |= {DataClass.PERSONAL} if "lovelace" in texts else set()
    expected |= {DataClass.RESTRICTED} if label else set()

    async def play(made: Attached) -> None:
        for _ in range(turns):
            [found] = await made.search([attachment()], FINDS, "org", [value()])
            assert found.seen.classes == expected
            assert found.fixed | {f.data_class for f in found.findings} == expected
            assert not any(f.maskable for f in found.findings)
            assert (found.seen.read is Extent.WHOLE) is not bool(unread)
            assert {why.value for why in unread} <= set(found.seen.why)

    with_attached(play, saying(reading), ClassificationSettings(labels={GUID: DataClass.RESTRICTED}))


@given(data=st.binary(max_size=64))
def test_base64_as_clients_write_it_gives_the_bytes(data: bytes) -> None:
    assert decoded(base64.b64encode(data).decode()) == data
    assert decoded(base64.encodebytes(data).decode()) == data
