"""What a document shows, what its labels say and what stays unread are told together."""

import lzma
from pathlib import Path

import pytest

import ecluse
from ecluse.api import detector
from ecluse.domain.finding import DataClass
from ecluse.domain.request import Slot, SlotPath
from ecluse.passage.classify import Engine
from ecluse.scan.examine import examine
from ecluse.scan.found import Label, Part, Reading, Unread, Why
from ecluse.scan.opening import Limits
from ecluse.scan.rendering import html_of, pieces
from ecluse.scan.unfold import readers, unfold

GUID = "2096f6a2-d2f7-48be-b329-b73aaa526e5d"


@pytest.fixture(scope="module")
def patterns() -> Engine:
    return detector(tagger=False)


def test_a_label_of_the_table_adds_its_class_and_another_is_unknown_not_none(patterns: Engine) -> None:
    reading = Reading(
        kind="office", labels=[Label(path="a", id=GUID), Label(path="a", id="0" * 8, name="Secret défense")]
    )
    found = examine("a", reading, patterns, {"{" + GUID.upper() + "}": DataClass.RESTRICTED})
    assert [ruled.data_class for ruled in found.labels] == [DataClass.RESTRICTED, None]
    assert found.classes == {DataClass.RESTRICTED}
    assert "unknown to the settings" in html_of(found, "en")


def test_a_label_is_known_by_its_name_too(patterns: Engine) -> None:
    reading = Reading(kind="office", labels=[Label(path="a", id=GUID, name="Confidentiel")])
    [ruled] = examine("a", reading, patterns, {"confidentiel": DataClass.TRADE_SECRET}).labels
    assert ruled.data_class is DataClass.TRADE_SECRET


def test_an_unread_part_makes_a_document_unreadable(patterns: Engine) -> None:
    reading = Reading(kind="zip", unread=[Unread(path="a.zip/b", why=Why.ENCRYPTED)])
    assert examine("a.zip", reading, patterns, {}).classes == {DataClass.UNREADABLE}


def test_a_page_escapes_the_text_and_marks_what_was_found(patterns: Engine) -> None:
    text = "<script>alert(1)</script> IBAN FR7630004008210001234567849"
    found = examine("<b>.txt", Reading(kind="text", parts=[Part(path="a.txt", text=text)]), patterns, {})
    for language in ("en", "fr"):
        page = html_of(found, language)
        assert "<script" not in page
        assert "&lt;script&gt;" in page
        assert "FR7630004008210001234567849</mark>" in page
        assert "http-equiv" in page
    assert "Ce qui est reconnu" in html_of(found, "fr")


def test_pieces_are_the_whole_text(patterns: Engine) -> None:
    text = "IBAN FR7630004008210001234567849 carte 4970 1000 0000 0006"
    found = patterns.classify([Slot(path=SlotPath("a"), text=text)])
    assert found.findings
    assert "".join(piece.text for piece in pieces(text, found.findings)) == text


def test_a_text_is_classified_as_a_library() -> None:
    found = ecluse.classify("Bonjour Mme Marie Curie, IBAN FR7630004008210001234567849")
    assert {"person", "iban"} <= {finding.kind for finding in found.findings}
    assert DataClass.PAYMENT in found.classes


MARGINS = {
    "lettre.docx": "Diffusion Restreinte",
    "lettre.doc": "Diffusion Restreinte",
    "lettre.odt": "pied de page du dossier",
    "lettre.pdf": "Pied de page du  dossier",
    "lettre.rtf": "Diffusion Restreinte",
}


@pytest.mark.parametrize("name", MARGINS)
def test_a_header_or_footer_that_is_word_for_word_in_the_table_is_a_label(name: str, patterns: Engine) -> None:
    data = lzma.decompress((Path(__file__).with_name("real") / f"{name}.xz").read_bytes())
    reading = unfold(name, data, Limits(), readers())
    found = examine(name, reading, patterns, {MARGINS[name]: DataClass.TRADE_SECRET})
    assert DataClass.TRADE_SECRET in found.classes
    assert DataClass.TRADE_SECRET not in examine(name, reading, patterns, {"Diffusion": DataClass.TRADE_SECRET}).classes


def test_a_header_of_a_sheet_is_read_without_its_codes(patterns: Engine) -> None:
    part = Part(path="a.xlsx#sheet1.rest", text='&C&"Arial,Bold"&8&KFF0000Interne&RPage &P')
    found = examine("a", Reading(kind="sheets", parts=[part]), patterns, {"interne": DataClass.TRADE_SECRET})
    assert [ruled.label.name for ruled in found.labels] == ["Interne"]


def test_words_in_the_middle_of_a_text_are_no_label(patterns: Engine) -> None:
    part = Part(path="a", text="un\ndeux\nInterne\nquatre\ncinq")
    assert examine("a", Reading(kind="text", parts=[part]), patterns, {"interne": DataClass.TRADE_SECRET}).labels == ()
