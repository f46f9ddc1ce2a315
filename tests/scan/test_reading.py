"""Documents are read by a process that may die of them; the next one is read all the same."""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from ecluse.scan.found import Why
from ecluse.scan.opening import Limits
from ecluse.scan.reading import Reader
from tests.scan.made import docx, zipped


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(Limits(seconds=20)) as made:
        yield made


def test_a_document_is_read_in_another_process(reader: Reader) -> None:
    reading = reader.read("a.docx", docx("Bonjour Mme Marie Curie"))
    assert [part.text for part in reading.parts] == ["Bonjour Mme Marie Curie"]
    assert reader._process is not None
    assert reader._process.pid != os.getpid()


def test_a_reader_that_dies_refuses_the_file_as_unread_and_reads_the_next(reader: Reader) -> None:
    reader.read("a.docx", docx("x"))
    assert reader._process is not None
    os.kill(reader._process.pid, signal.SIGSTOP)
    os.kill(reader._process.pid, signal.SIGKILL)
    time.sleep(0.05)
    first = reader.read("b.docx", docx("x"))
    assert first.parts or first.unread[0].why is Why.BROKEN
    assert reader.read("c.docx", docx("Bonjour")).parts


def test_a_file_that_takes_too_long_is_refused_as_unread() -> None:
    with Reader(Limits(seconds=0.4)) as reader:
        reader.read("a.docx", docx("x"))
        assert reader._process is not None
        os.kill(reader._process.pid, signal.SIGSTOP)
        reading = reader.read("b.docx", docx("x"))
        assert [(one.path, one.why) for one in reading.unread] == [("b.docx", Why.TOO_LONG)]
        assert reader.read("c.zip", zipped({"a.txt": "x"})).parts


def test_a_file_past_the_bound_is_refused_as_unread() -> None:
    with Reader(Limits(unfolded=10)) as reader:
        assert reader.read("a.bin", b"\0" * 11).unread[0].why is Why.TOO_LARGE
