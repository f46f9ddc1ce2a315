"""A file that was read whole is not searched again by the mask; whatever only looks like one is."""

import base64
from dataclasses import replace

import pytest

from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import Classification, DataClass, Extent, FileSeen, Finding
from ecluse.domain.request import BlobPart, Message, Request, Role, SlotPath, Surface, TextPart
from ecluse.passage.mask import mask
from ecluse.passage.mask.masking import _LONG_FILE

KEY = b"k" * 32
PART = SlotPath("messages/0/parts/1")
NAME = "Camille Lef\u00e8vre"
COVER = frozenset({DataClass.PERSONAL})


def request(data: bytes, filename: str = "a.txt") -> Request:
    url = f"data:text/plain;base64,{base64.b64encode(data).decode()}"
    file = BlobPart(media="file", wire={"type": "file", "file": {"file_data": url, "filename": filename}})
    return Request(
        surface=Surface.CHAT, model="m", messages=(Message(role=Role.USER, parts=(TextPart(text=NAME), file)),)
    )


def classified(extent: Extent | None) -> Classification:
    finding = Finding(
        slot=SlotPath("messages/0/parts/0"), start=0, end=len(NAME), kind="person", data_class=DataClass.PERSONAL,
        confidence=1.0, recogniser="test", evidence="the test says so",
    )  # fmt: skip
    files = () if extent is None else (FileSeen(path=PART, read=extent),)
    return Classification(findings=(finding,), detector="test", files=files)


def test_a_file_that_was_read_whole_goes_as_it_is_beside_the_masked_text() -> None:
    """Its reader searched it for the name before the verdict: what it found there is no masked form."""
    asked = request(b"x" * 5_000)
    masked = mask(asked, classified(Extent.WHOLE), cover=COVER, key=KEY)
    assert masked.request.messages[-1].parts[1] == asked.messages[0].parts[1]
    assert NAME not in str(masked.request)


@pytest.mark.parametrize("extent", [None, Extent.NOT, Extent.IN_PART])
def test_a_short_file_that_was_not_read_whole_and_repeats_a_name_refuses(extent: Extent | None) -> None:
    with pytest.raises(GatewayError):
        mask(request(f"pour {NAME}".encode()), classified(extent), cover=COVER, key=KEY)


URL = "data:text/plain;base64,"


@pytest.mark.parametrize("name", [NAME, f"{URL}{NAME}", URL + base64.b64encode(NAME.encode()).decode()])
def test_a_name_of_a_file_that_repeats_a_name_refuses_whatever_it_looks_like(name: str) -> None:
    with pytest.raises(GatewayError):
        mask(request(b"x", name), classified(Extent.WHOLE), cover=COVER, key=KEY)


def test_a_long_file_that_nobody_read_is_not_searched_and_stays_unreadable() -> None:
    asked = request(b"x" * _LONG_FILE)
    found = replace(classified(Extent.NOT), unreadable=(PART,))
    masked = mask(asked, found, cover=COVER, key=KEY)
    assert DataClass.UNREADABLE in found.classes
    assert masked.request.messages[-1].parts[1] == asked.messages[0].parts[1]
