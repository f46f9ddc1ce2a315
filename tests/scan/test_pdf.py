"""Pages of a PDF that show nothing, and pictures that no page lists."""

import struct
import zlib

import pytest

from ecluse.scan.blank import is_white
from ecluse.scan.found import Reading, Why
from ecluse.scan.opening import Limits
from ecluse.scan.unfold import readers, unfold
from tests.scan.made import pdf, stream

READERS = readers()
LINE = b"BT /F1 12 Tf 72 720 Td (The river rose in May.) Tj ET"
IMAGE = b"/Type /XObject /Subtype /Image /Width 60 /Height 40 /ColorSpace /DeviceGray /BitsPerComponent 8"
DRAWS = b"q 60 0 0 40 99 99 cm /Im Do Q"
FORM = b"/Type /XObject /Subtype /Form /BBox [0 0 99 99]"


def streamed(head: bytes, data: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (head, len(data), data)


def book(pages: list[bytes], more: list[bytes], resources: bytes = b"", page: bytes = b"") -> bytes:
    """Return a PDF with a page for each content; `more` are the objects from 4 on."""
    first = 4 + len(more)
    kids = b" ".join(b"%d 0 R" % (first + 2 * n) for n in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(pages)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *more,
    ]
    for n, content in enumerate(pages):
        held = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R" % (first + 2 * n + 1)
        objects += [held + b" /Resources << /Font << /F1 3 0 R >> %s >> %s >>" % (resources, page)]
        objects += [streamed(b"", content)]
    out = bytearray(b"%PDF-1.4\n")
    places: list[int] = []
    for n, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out) + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def read(data: bytes, *, drawings: bool = True) -> Reading:
    return unfold("a.pdf", data, Limits(drawings=drawings, pictures=0), READERS)


def unread(data: bytes, *, drawings: bool = True) -> set[tuple[str, Why]]:
    return {(one.path.removeprefix("a.pdf"), one.why) for one in read(data, drawings=drawings).unread}


PAGES: dict[str, tuple[bytes, bool]] = {
    "nothing": (b"", True),
    "a colour that is set and not used": (b"1 0 0 rg 2 w q Q", True),
    "a box": (b"9 9 60 60 re f", False),
    "a hair": (b"0.1 w 9 9 m 9 99 l S", False),
    "a grey that is nearly white": (b"0.99 g 9 9 60 60 re f", False),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_on_which_nothing_shows_is_empty_and_any_other_without_text_is_unread(name: str) -> None:
    drawn, empty = PAGES[name]
    for drawings in (True, False):
        told = read(book([LINE, drawn, LINE], []), drawings=drawings)
        assert [part.path for part in told.parts] == ["a.pdf#page=1", "a.pdf#page=3"]
        assert [(one.path, one.why) for one in told.unread] == [("a.pdf#page=2", Why.NO_TEXT)] * (not empty)


def test_a_file_in_which_nothing_at_all_is_read_is_unread() -> None:
    assert unread(pdf("")) == {("", Why.NO_TEXT)}


HIDDEN: dict[str, tuple[bytes, list[bytes], bytes, bytes]] = {
    "in a form": (
        b"/Fm Do",
        [streamed(FORM + b" /Resources << /XObject << /Im 5 0 R >> >>", DRAWS), streamed(IMAGE, bytes(2400))],
        b"/XObject << /Fm 4 0 R >>",
        b"",
    ),
    "in a pattern": (
        b"/Pattern cs /P scn 9 9 200 200 re f",
        [
            streamed(
                b"/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 99 99] /XStep 99 /YStep 99"
                b" /Resources << /XObject << /Im 5 0 R >> >>",
                DRAWS,
            ),
            streamed(IMAGE, bytes(2400)),
        ],
        b"/Pattern << /P 4 0 R >>",
        b"",
    ),
    "in a note": (
        b"",
        [
            b"<< /Type /Annot /Subtype /Square /Rect [9 9 99 99] /AP << /N 5 0 R >> >>",
            streamed(FORM + b" /Resources << /XObject << /Im 6 0 R >> >>", DRAWS),
            streamed(IMAGE, bytes(2400)),
        ],
        b"",
        b"/Annots [4 0 R]",
    ),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_picture_that_no_page_lists_is_reported(name: str) -> None:
    drawn, more, resources, page = HIDDEN[name]
    data = book([LINE + b" " + drawn], more, resources, page)
    assert ("#pictures", Why.PICTURE) in unread(data)
    assert ("#pictures", Why.PICTURE) in unread(data, drawings=False)


def test_a_picture_of_a_page_is_reported_once_where_its_words_are_wanted_and_a_rule_never() -> None:
    mask = streamed(IMAGE, bytes(2400))
    with_mask = book(
        [LINE + b" " + DRAWS],
        [streamed(IMAGE + b" /SMask 5 0 R", bytes([9]) * 2400), mask],
        b"/XObject << /Im 4 0 R >>",
    )
    assert unread(with_mask, drawings=False) == {("#page=1/picture[1]", Why.PICTURE)}
    rule = book(
        [LINE + b" " + DRAWS],
        [streamed(IMAGE.replace(b"/Height 40", b"/Height 3"), bytes(180))],
        b"/XObject << /Im 4 0 R >>",
    )
    assert unread(rule) == set()


def test_what_a_form_draws_counts_whatever_it_names_among_its_resources() -> None:
    form = streamed(
        FORM + b" /Resources << /ProcSet [/PDF /ImageB] /ColorSpace << /C [/ICCBased 9 0 R] >> >>",
        b"1 2 3 4 5 6 c\n" * 25,
    )
    assert unread(book([LINE], [form])) == {("#drawing", Why.DRAWING)}


def test_a_stamp_is_a_drawing_since_its_words_are_in_no_page() -> None:
    words = b"BT /F1 12 Tf 9 9 Td (CONFIDENTIEL) Tj ET"
    stamp = b"<< /Type /Annot /Subtype /Stamp /Rect [9 9 99 99] /AP << /N 5 0 R >> >>"
    data = book([LINE], [stamp, streamed(FORM, words)], page=b"/Annots [4 0 R]")
    assert unread(data) == {("#stamp", Why.DRAWING)}
    packed = book([LINE], []) + stream(99, b"/Type /ObjStm", b"<< /Type /Annot /Subtype /Square /Rect [9 9 99 99] >>")
    assert unread(packed) == {("#stamp", Why.DRAWING)}
    assert unread(data, drawings=False) == unread(packed, drawings=False) == set()


# ------------------------------------------------------------------ a picture that is white
def png(rows: list[bytes], width: int, colour: int = 0, bits: int = 8) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + bytes(4)

    head = struct.pack(">IIBBBBB", width, len(rows), bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"".join(rows)))


WHITE = {
    "none": [b"\0\xff\xff\xff"] * 2,
    "before": [b"\1\xff\0\0"] * 2,
    "above": [b"\2\xff\xff\xff", b"\2\0\0\0"],
    "mean": [b"\3\xff\x80\x80", b"\3\x80\0\0"],
    "nearest": [b"\4\xff\0\0", b"\4\0\0\0"],
}


@pytest.mark.parametrize("name", WHITE)
def test_white_is_white_by_every_filter_and_nothing_else_is(name: str) -> None:
    rows = WHITE[name]
    assert is_white(png(rows, 3))
    for n, row in enumerate(rows):
        for at in range(1, len(row)):
            other = [*rows]
            other[n] = row[:at] + bytes([row[at] ^ 1]) + row[at + 1 :]
            assert not is_white(png(other, 3)), (n, at)


def test_what_is_not_surely_white_shows_something() -> None:
    whole = png(WHITE["none"], 3)
    for other in (b"", whole[:20], whole[:-20], png(WHITE["none"], 3, colour=3), png(WHITE["none"], 3, bits=16)):
        assert not is_white(other)


ATTACHMENT = b"Write to marie.curie@exemple.fr"
HOLDER = b"<< /Type /Filespec /F (a.txt) /EF << /F 5 0 R >> >>"


@pytest.mark.parametrize(
    "head",
    [
        b"/Type /EmbeddedFile",
        b"/Subtype /text#2Fplain",
        b"/Type /Embedded#46ile",
        b"/Type /EmbeddedFile /Params << /Made (%s) >>" % (b"x" * 3_000),
    ],
    ids=["told", "not told", "escaped", "long before"],
)
def test_an_attachment_is_read_however_its_dictionary_is_written(head: bytes) -> None:
    reading = read(book([LINE], [HOLDER, streamed(head, ATTACHMENT)]))
    assert any(ATTACHMENT.decode() in part.text for part in reading.parts)


def test_an_attachment_that_is_not_where_it_is_named_is_unread() -> None:
    assert ("/embedded[77]", Why.BROKEN) in unread(book([LINE], [HOLDER.replace(b"5 0 R", b"77 0 R")]))
