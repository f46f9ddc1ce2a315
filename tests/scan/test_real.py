"""Documents written by a real office suite (see real/README.md), and old formats made by hand, are read or reported."""

import lzma
from pathlib import Path

import pytest

from ecluse.scan.found import Reading, Why
from ecluse.scan.old import runs
from ecluse.scan.opening import Limits
from ecluse.scan.unfold import readers, unfold
from tests.scan.made import GUID
from tests.scan.ole import message

FOLDER = Path(__file__).with_name("real")
REAL = sorted(file.name.removesuffix(".xz") for file in FOLDER.glob("*.xz"))
READERS = readers()
IBAN = "FR7630004008210001234567849"


def real(name: str) -> bytes:
    return lzma.decompress((FOLDER / f"{name}.xz").read_bytes())


def read(name: str, data: bytes) -> Reading:
    return unfold(name, data, Limits(), READERS)


@pytest.mark.parametrize("name", REAL)
def test_a_real_document_gives_its_words(name: str) -> None:
    reading = read(name, real(name))
    whole = "\n".join(part.text for part in reading.parts)
    assert "Hélène Lefèvre" in whole
    assert IBAN in whole
    assert {one.why for one in reading.unread} <= {Why.UNKNOWN_FORMAT, Why.PICTURE}


@pytest.mark.parametrize("name", ["lettre.doc", "lettre.rtf", "lettre.docx", "lettre.odt", "lettre.pdf"])
def test_headers_and_footers_are_read_in_every_format(name: str) -> None:
    whole = "\n".join(part.text for part in read(name, real(name)).parts)
    assert "Diffusion Restreinte" in whole
    assert "Pied de page du dossier" in whole


@pytest.mark.parametrize("name", ["lettre.doc", "lettre.rtf", "lettre.docx", "lettre.odt"])
def test_a_label_in_the_properties_is_read_in_every_format(name: str) -> None:
    assert [label.id for label in read(name, real(name)).labels] == [GUID]


@pytest.mark.parametrize("name", ["lettre.doc", "table.xls", "expose.ppt"])
def test_what_is_embedded_in_an_old_format_is_reported(name: str) -> None:
    assert f"{name}#embedded" in [one.path for one in read(name, real(name)).unread]


def test_the_name_of_the_program_is_no_address_and_a_thumbnail_no_hole() -> None:
    reading = read("lettre.odt", real("lettre.odt"))
    assert not any("7.4.7" in part.text for part in reading.parts)


def test_an_outlook_message_gives_its_subject_and_body() -> None:
    reading = read("a.msg", message("Dossier de Mme Lefèvre", f"Bonjour,\r\nIBAN {IBAN}", "Paul Martin"))
    whole = "\n".join(part.text for part in reading.parts)
    assert reading.kind == "old_office"
    for said in ("Dossier de Mme Lefèvre", IBAN, "Paul Martin"):
        assert said in whole
    assert "a.msg#embedded" in [one.path for one in reading.unread]


def test_rtf_made_by_hand_is_read_with_its_escapes_its_label_and_its_pictures_reported() -> None:
    label = f"{{\\*\\userprops {{\\propname MSIP_Label_{GUID}_Enabled}}\\proptype30{{\\staticval true}}}}"
    data = (
        rb"{\rtf1\ansi\ansicpg1252 Mme H\'e9l\'e8ne Lef\'e8vre\par{\header Diffusion Restreinte}%s{\pict\pngblip 00}}"
    )
    reading = read("a.rtf", data % label.encode())
    whole = "\n".join(part.text for part in reading.parts)
    assert "Hélène Lefèvre" in whole
    assert "Diffusion Restreinte" in whole
    assert [one.id for one in reading.labels] == [GUID]
    assert [one.path for one in reading.unread] == ["a.rtf#embedded"]


def test_a_note_and_a_comment_in_rtf_are_read() -> None:
    data = rb"{\rtf1\ansi Bonjour{\footnote Son IBAN est FR76 3000}{\*\annotation voir Mme Lef\'e8vre}.\par}"
    whole = "\n".join(part.text for part in read("a.rtf", data).parts)
    assert "Son IBAN est FR76 3000" in whole
    assert "voir Mme Lef\u00e8vre" in whole


def test_what_lies_in_octets_in_utf_8_is_read_so() -> None:
    assert list(runs(b"\0\1" + "M. Aur\u00e9lien Blanchet".encode() + b"\0")) == ["M. Aur\u00e9lien Blanchet"]


def test_runs_of_text_are_told_from_octets_that_are_none() -> None:
    octets = (
        b"\0\1" + "Diffusion Restreinte".encode("utf-16-le") + b"\0\1\xff\xff\xff\xff\xff\xff\xff\0" + b"Paul Martin\0"
    )
    assert list(runs(octets)) == ["Diffusion Restreinte", "Paul Martin"]
