"""Files of callers are opened away from the event loop, a few at a time; whoever waits too long is refused."""

import asyncio
import os
import signal
import time

import pytest

from ecluse.domain.document import File, Opened
from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import DataClass
from ecluse.scan.found import Part, Reading, Unread, Why
from ecluse.scan.opening import Limits
from ecluse.scan.reading import Reader, ReaderFailed
from ecluse.scan.serving import Readers, named, opened
from tests.scan.made import GUID, docx, msip


def test_a_file_is_read_with_its_label_while_the_loop_goes_on() -> None:
    async def run() -> tuple[Opened, int]:
        readers = Readers({GUID: DataClass.RESTRICTED})
        turns = 0
        work = asyncio.ensure_future(
            readers.unfold([File(name="a.docx", data=docx("Bonjour", docProps__custom=msip()))])
        )
        while not work.done():
            turns += 1
            await asyncio.sleep(0.005)
        await readers.close()
        return work.result(), turns

    found, turns = asyncio.run(run())
    assert found.labelled == {DataClass.RESTRICTED}
    assert "Bonjour" in [slot.text for slot in found.slots]
    assert "Bonjour" not in repr(found)
    assert turns > 3


def test_whoever_waits_too_long_for_a_reader_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecluse.scan.serving.TURN", 0.05)

    async def run() -> None:
        readers = Readers({}, at_once=1, limits=Limits(seconds=1.0))
        await readers.unfold([File(name="a.docx", data=docx("x"))])
        process = readers._idle[0]._process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        first = asyncio.ensure_future(readers.unfold([File(name="b.docx", data=docx("x"))]))
        await asyncio.sleep(0.01)
        with pytest.raises(GatewayError, match="busy"):
            await readers.unfold([File(name="c.docx", data=docx("x"))])
        assert [str(path) for path in (await first).unreadable] == ["files/0/b.docx"]
        await readers.close()

    asyncio.run(run())


def test_a_reader_that_does_not_start_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    def dead(_reader: Reader) -> None:
        raise ReaderFailed("it does not start")

    monkeypatch.setattr(Reader, "_running", dead)
    with pytest.raises(GatewayError) as raised:
        asyncio.run(Readers({}).unfold([File(name="a.docx", data=docx("x"))]))
    assert raised.value.code == "classification_unavailable"


def test_a_caller_who_leaves_gives_the_reader_back() -> None:
    async def run() -> None:
        readers = Readers({}, at_once=1)
        work = asyncio.ensure_future(readers.unfold([File(name="a.docx", data=docx("x"))]))
        await asyncio.sleep(0.01)
        work.cancel()
        found = await readers.unfold([File(name="b.docx", data=docx("Bonjour"))])
        assert [slot.text for slot in found.slots] == ["Bonjour"]
        await readers.close()

    began = time.monotonic()
    asyncio.run(run())
    assert time.monotonic() - began < 20


def test_two_parts_of_one_way_are_told_apart_and_unread_ones_listed() -> None:
    reading = Reading(
        kind="mail",
        parts=[Part(path="a", text="1"), Part(path="a", text="2")],
        unread=[Unread(path="b", why=Why.SOUND)],
    )
    found = opened([reading], {})
    assert [(slot.path, slot.text) for slot in found.slots] == [("a", "1"), ("a (2)", "2")]
    assert found.unreadable == ("b",)


@pytest.mark.parametrize(
    ("name", "shown"), [("../../x/a.txt", "a.txt"), ("c:\\b.doc", "b.doc"), ("", "file"), ("\0a", "\ufffda")]
)
def test_a_name_is_made_fit_for_a_path(name: str, shown: str) -> None:
    assert named(name) == shown
