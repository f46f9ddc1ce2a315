"""Every part of a document is read, or reported with its way and the reason."""

import base64
import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ecluse.scan import picture
from ecluse.scan.extra import rendered
from ecluse.scan.found import How, Reading, Why
from ecluse.scan.opening import Limits
from ecluse.scan.unfold import readers, unfold
from tests.scan.made import GUID, INFO, W, docx, mail, msip, paragraph, pdf, stream, xlsx, zipped

NAME = "Mme Marie Curie"
READERS = readers()
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 2000


def opened(name: str, data: bytes, **limits: Any) -> Reading:
    return unfold(name, data, Limits(**limits), READERS)


def said(reading: Reading) -> dict[str, str]:
    return {part.path: part.text for part in reading.parts}


def missed(reading: Reading) -> dict[str, Why]:
    return {one.path: one.why for one in reading.unread}


def test_a_word_file_is_read_whole_with_what_the_page_does_not_show() -> None:
    data = docx(
        "Bonjour",
        word__header1=f"<w:hdr {W}>{paragraph('Diffusion restreinte')}</w:hdr>",
        word__footer1=f"<w:ftr {W}>{paragraph('page')}</w:ftr>",
        word__comments=f'<w:cs {W}><w:comment w:author="Jean Dupont">{paragraph("à revoir")}</w:comment></w:cs>',
        word__footnotes=f"<w:footnotes {W}><w:p><w:r><w:delText>effacé</w:delText></w:r></w:p></w:footnotes>",
        docProps__core="<cp><creator>Paul Martin</creator></cp>",
    )
    texts = said(opened("a.docx", data))
    assert texts["a.docx/word/document.xml"] == "Bonjour"
    assert texts["a.docx/word/header1.xml"] == "Diffusion restreinte"
    assert texts["a.docx/word/comments.xml#behind"] == "Jean Dupont"
    assert texts["a.docx/word/footnotes.xml"] == "effacé"
    assert "Paul Martin" in texts["a.docx/docProps/core.xml"]


def test_properties_are_a_line_each_and_a_comment_ends_with_its_text() -> None:
    core = "<cp><language>en-US</language><lastModifiedBy>Claire Vasseur</lastModifiedBy><revision>0</revision></cp>"
    comments = "<comments><comment><text><t>voir Mme Le Goff</t></text><commentPr>12</commentPr></comment></comments>"
    texts = said(opened("a.docx", docx("x", docProps__core=core, xl__comments1=comments)))
    assert texts["a.docx/docProps/core.xml"].splitlines() == ["en-US", "Claire Vasseur", "0"]
    assert texts["a.docx/xl/comments1.xml"].splitlines() == ["voir Mme Le Goff", "12"]


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("<p>DIFFUSION\n\tRESTREINTE</p>", "DIFFUSION RESTREINTE"),
        ("<pre>un\n  deux</pre>", "un\ndeux"),
        ("<p>06 12 34\n56 78<a><sup>1</sup></a>.</p>", "06 12 34 56 78 1."),
        ("M<sup>me</sup> Dupont, 12 m<sup>2</sup>", "Mme Dupont, 12 m2"),
    ],
)
def test_a_page_is_read_as_it_is_shown(page: str, shown: str) -> None:
    assert said(opened("a.html", f"<html><body>{page}</body></html>".encode()))["a.html"] == shown


def test_runs_of_a_paragraph_are_one_text_and_paragraphs_are_lines() -> None:
    two = "<w:p><w:r><w:t>FR76</w:t></w:r><w:r><w:t>3000</w:t></w:r></w:p>"
    runs = f"<w:document {W}><w:body>{two}{paragraph('x')}</w:body></w:document>"
    assert said(opened("a.docx", docx(word__document=runs)))["a.docx/word/document.xml"] == "FR763000\nx"


def test_cells_stand_beside_the_head_of_their_column_and_numbers_are_written_out() -> None:
    cells = (
        '<row><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>NIR</t></is></c>'
        '<c r="C1" t="inlineStr"><is><t>Date de naissance</t></is></c></row>'
        '<row><c r="A2" t="s"><v>1</v></c><c r="B2"><v>1.850578006084E+12</v></c><c r="C2" s="1"><v>31178</v></c></row>'
    )
    styles = '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    [text] = [p.text for p in opened("a.xlsx", xlsx(cells, ("Nom", "Marie Curie"), styles)).parts]
    assert text.splitlines() == [
        "Nom\tNIR\tDate de naissance",
        "Nom: Marie Curie\tNIR: 1850578006084\tDate de naissance: 1985-05-11",
    ]


def test_slides_and_their_notes_are_told_by_number() -> None:
    slide = "<p:sld xmlns:p='p' xmlns:a='a'><a:p><a:t>{}</a:t></a:p></p:sld>"
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": "",
        "ppt/slides/slide2.xml": slide.format("b"),
        "ppt/notesSlides/notesSlide2.xml": slide.format("à dire"),
    }
    assert said(opened("a.pptx", zipped(files))) == {"a.pptx#slide=2": "b", "a.pptx#notes=2": "à dire"}


def test_an_opendocument_file_is_read_with_its_headers_and_one_that_is_encrypted_is_reported() -> None:
    files: dict[str, str | bytes] = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": "<office xmlns:text='t'><text:p>Nom<text:tab/>Curie</text:p></office>",
        "styles.xml": "<office xmlns:text='t'><text:p>en-tête</text:p></office>",
    }
    assert said(opened("a.odt", zipped(files))) == {"a.odt/content.xml": "Nom\tCurie", "a.odt/styles.xml": "en-tête"}
    files |= {"META-INF/manifest.xml": "<m><encryption-data/></m>", "content.xml": b"\x01\x02"}
    assert missed(opened("a.odt", zipped(files)))["a.odt"] is Why.ENCRYPTED


def test_a_page_is_read_with_what_stands_behind_it() -> None:
    page = (
        "<html><body><p>M.&nbsp;Jean</p><p>x</p><img alt='une carte' src='data:text/plain;base64,Q3VyaWU='>"
        "<a href='mailto:a@exemple.fr'>ici</a><!-- secret --><script>cle = 1</script></body></html>"
    )
    texts = said(opened("a.html", page.encode()))
    assert texts["a.html"].split("\n") == ["M.\N{NO-BREAK SPACE}Jean", "", "x", "ici"]
    assert {"une carte", "mailto:a@exemple.fr", " secret ", "cle = 1"} <= set(texts["a.html#behind"].splitlines())
    assert texts["a.html/inline[0]"] == "Curie"


def test_a_mail_is_read_with_its_attachments_in_archives_in_mails() -> None:
    inner = mail("plus loin", ("b.zip", zipped({"dossier/lettre.docx": docx(NAME)})))
    texts = said(opened("a.eml", mail("Bonjour", ("transmis.eml", inner))))
    assert texts["a.eml#text"] == "Bonjour\n"
    assert "Subject: Pièces" in texts["a.eml#headers"]
    way = "a.eml/attachment[1] transmis.eml/attachment[1] b.zip/dossier/lettre.docx/word/document.xml"
    assert texts[way] == NAME


def test_a_header_in_no_charset_is_read_as_it_stands() -> None:
    head = b"Subject: =?utf\xe9-8?q?Dossier?=\nFrom: a@exemple.fr\nTo: b@exemple.fr\n\nBonjour"
    texts = said(opened("a.eml", head))
    assert "Dossier" in texts["a.eml#headers"]
    assert texts["a.eml#text"] == "Bonjour"


def test_a_mailbox_is_read_mail_by_mail() -> None:
    held = b"From a Mon Jan 1\n" + mail("un") + b"\nFrom b Mon Jan 1\n" + mail("deux")
    texts = said(opened("a.mbox", held))
    assert texts["a.mbox/mail[1]#text"].strip() == "un"
    assert texts["a.mbox/mail[2]#text"].strip() == "deux"


def test_archives_in_archives_are_read() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as made:
        entry = tarfile.TarInfo("lettre.txt")
        entry.size = len(NAME)
        made.addfile(entry, io.BytesIO(NAME.encode()))
        link = tarfile.TarInfo("lien")
        link.type = tarfile.SYMTYPE
        made.addfile(link)
    reading = opened("a.tgz", out.getvalue())
    assert said(reading) == {"a.tgz/a.tar/lettre.txt": NAME}
    assert missed(reading) == {"a.tgz/a.tar/lien": Why.UNKNOWN_FORMAT}
    assert said(opened("a.txt.xz", lzma.compress(NAME.encode()))) == {"a.txt.xz/a.txt": NAME}


def test_a_name_that_lies_deceives_nobody() -> None:
    assert opened("notes.txt", docx(NAME)).kind == "office"
    assert opened("a.pdf", NAME.encode()).kind == "text"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_text_is_read_in_its_encoding(encoding: str) -> None:
    assert said(opened("a.txt", "Hélène Lefèvre".encode(encoding))) == {"a.txt": "Hélène Lefèvre"}


# ------------------------------------------------------------------ PDF
def test_a_pdf_is_read_page_by_page_with_forms_and_attachments() -> None:
    field = b"9 0 obj\n<< /FT /Tx /T (nom) /V (Marie \\103urie) >>\nendobj\n"
    attached = stream(10, b"/Type /EmbeddedFile", docx(NAME))
    reading = opened("a.pdf", pdf("M. Jean Dupont", more=field + attached))
    texts = said(reading)
    assert texts["a.pdf#page=1"] == "M. Jean Dupont"
    assert "Marie Curie" in texts["a.pdf#fields"]
    assert NAME in texts.values()


def test_an_encrypted_pdf_is_reported() -> None:
    assert missed(opened("a.pdf", pdf("x", trailer=b"/Encrypt 9 0 R"))) == {"a.pdf": Why.ENCRYPTED}


def test_a_pdf_with_an_object_stream_is_read_whole() -> None:
    reading = opened("a.pdf", pdf("Bonjour", more=stream(7, b"/Type /ObjStm", f"<< /V ({NAME}) >>".encode("cp1252"))))
    assert NAME in said(reading)["a.pdf#fields"]
    assert missed(reading) == {}


CURVE = b"1 2 3 4 5 6 c\n"
DRAWN: dict[str, tuple[bytes, bool]] = {
    "curves": (stream(7, b"", CURVE * 25), True),
    "a box with round corners": (stream(7, b"", CURVE * 4), False),
    "very many lines": (stream(7, b"", b"1 2 l\n" * 1_001), True),
    "a table": (stream(7, b"", b"1 2 m\n1 9 l\n" * 400), False),
    "a picture in the stream": (stream(7, b"", b"q BI /W 9 ID xxx EI Q"), True),
    "a stream that nobody opens": (b"7 0 obj\n<< /Filter /LZWDecode >>\nstream\nx\nendstream\nendobj\n", True),
    "a font's own program": (stream(7, b"/Length1 9", CURVE * 99), False),
    "more than may be unfolded": (stream(7, b"", bytes(20 * 2**20)), True),
}


@pytest.mark.parametrize("name", DRAWN)
def test_what_a_pdf_draws_is_reported_where_that_is_asked_for(name: str) -> None:
    more, reported = DRAWN[name]
    data = pdf("Bonjour", more=more)
    told = unfold("a.pdf", data, Limits(drawings=True, unfolded=16 * 2**20), READERS)
    assert [one.path for one in told.unread] == ["a.pdf#drawing"] * reported
    assert missed(opened("a.pdf", data)) == {}


def test_a_page_without_text_is_reported_where_no_tesseract_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert missed(opened("a.pdf", pdf("", drawn=b"9 9 60 60 re f"))) == {"a.pdf#page=1": Why.NO_TEXT}
    assert missed(opened("a.png", PNG)) == {"a.png": Why.PICTURE}


@pytest.mark.skipif(picture.tesseract() is None, reason="tesseract is not installed: pictures are not read here")
def test_a_scanned_page_is_read_off_its_picture(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf("FR7630004008210001234567849"))
    reading = opened("scan.png", rendered(tmp_path / "a.pdf", 0))
    assert [(part.how, "FR7630004008210001234567849" in part.text) for part in reading.parts] == [(How.OCR, True)]


def test_a_small_picture_on_a_page_with_text_is_reported_and_a_rule_is_none() -> None:
    for size, unread in (((64, 40), 1), ((400, 3), 0)):
        reading = opened("a.pdf", pdf("Bonjour", picture=size))
        assert said(reading)["a.pdf#page=1"] == "Bonjour"
        assert list(missed(reading)) == ["a.pdf#page=1/picture[1]"] * unread


def test_what_is_written_where_only_looks_belong_is_read() -> None:
    files = {
        "word__settings": f'<w:settings {W}><w:docVars><w:docVar w:name="a" w:val="{NAME}"/></w:docVars></w:settings>',
        "word__numbering": f'<w:numbering {W}><w:lvlText w:val="Article secret %1"/></w:numbering>',
        "word__fontTable": f"<w:fonts {W}>cachés ici</w:fonts>",
        "word__theme__theme1": "<a:theme xmlns:a='x'><a:t>et là</a:t></a:theme>",
        "docProps__app": "<Properties><Template>Dossier Lefèvre.dotm</Template><Words>12</Words></Properties>",
    }
    texts = said(opened("a.docx", docx("x", **files)))
    assert NAME in texts["a.docx/word/settings.xml#behind"]
    assert "Article secret %1" in texts["a.docx/word/numbering.xml#behind"]
    assert texts["a.docx/word/fontTable.xml"] == "cachés ici"
    assert texts["a.docx/word/theme/theme1.xml"] == "et là"
    assert texts["a.docx/docProps/app.xml"] == "Dossier Lefèvre.dotm"


def test_words_in_the_place_of_a_measure_are_read() -> None:
    body = f"<w:document {W}><w:posOffset>12</w:posOffset><w:align>Marie Curie</w:align></w:document>"
    assert said(opened("a.docx", docx(word__document=body)))["a.docx/word/document.xml"] == "Marie Curie"


def test_what_a_pivot_table_keeps_and_a_sheet_is_called_are_read() -> None:
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": '<workbook><sheets><sheet name="Dossier Curie"/></sheets></workbook>',
        "xl/pivotCache/pivotCacheDefinition1.xml": f'<c><sharedItems><s v="{NAME}"/><n v="12"/></sharedItems></c>',
        "xl/worksheets/sheet1.xml": '<worksheet><dataValidation prompt="Nom du patient"/><sheetData/></worksheet>',
        "xl/printerSettings/printerSettings1.bin": b"\0\1" + "Bureau de Marie".encode("utf-16-le") + b"\0\0",
    }
    texts = "\n".join(said(opened("a.xlsx", zipped(files))).values())
    for words in ("Dossier Curie", NAME, "Nom du patient", "Bureau de Marie"):
        assert words in texts


def test_a_file_written_into_an_opendocument_part_is_read() -> None:
    packed = base64.b64encode(docx(NAME)).decode()
    content = f"<office:document xmlns:office='o'><office:binary-data>{packed}</office:binary-data></office:document>"
    files = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content}
    assert NAME in said(opened("a.odt", zipped(files))).values()
    broken = files | {"content.xml": content.replace(packed, "%%")}
    assert missed(opened("a.odt", zipped(broken))) == {"a.odt/content.xml#file[0]": Why.BROKEN}


# ------------------------------------------------------------------ labels
def test_labels_are_read_where_programs_write_them() -> None:
    tag = f"pdfx:MSIP_Label_{GUID}_Name"
    xmp = f"<x:xmpmeta><{tag}>Confidential</{tag}></x:xmpmeta>".encode()
    files = {
        "properties": docx(docProps__custom=msip()),
        "info": docx(docMetadata__LabelInfo=INFO.format(GUID, "0")),
        "mail": mail("x", msip_labels=f"MSIP_Label_{GUID}_Enabled=True; MSIP_Label_{GUID}_Name=Confidential;"),
        "pdf": pdf("x", more=f"9 0 obj\n<< /MSIP_Label_{GUID}_Name (Confidential) >>\nendobj\n".encode()),
        "xmp": pdf("x", more=stream(9, b"/Type /Metadata /Subtype /XML", xmp)),
    }
    found = {name: [label.id for label in opened("a", data).labels] for name, data in files.items()}
    assert found == {name: [GUID] for name in files}


DECLARED = b"/Type /Metadata /Subtype /XML"
PACKET = (
    "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF><rdf:Description "
    f"pdfx:MSIP_Label_{GUID}_Enabled='true' pdfx:MSIP_Label_{GUID}_Name=\"Très secret (interne)\" "
    f"photoshop:Credit='{NAME}'/></rdf:RDF></x:xmpmeta>"
)


@pytest.mark.parametrize(
    "data",
    [
        stream(9, DECLARED, PACKET.encode()),
        stream(9, DECLARED, PACKET.encode("utf-16")),
        stream(9, DECLARED, f"<rdf:RDF><a:b><p:MSIP_Label_{GUID}_Name>Très secret (interne)</a:b></rdf:RDF>".encode()),
        f"9 0 obj\n<< /MSIP_Label_{GUID}_Name (Tr\\350s secret (interne)) >>\nendobj\n".encode(),
        f"9 0 obj\n<< /MSIP_Label_{GUID}_Name <FEFF{'Très secret (interne)'.encode('utf-16-be').hex()}> >>\n".encode(),
    ],
    ids=["attributes", "utf-16", "elements", "brackets", "hexadecimal"],
)
def test_the_name_of_a_label_of_a_pdf_is_read_however_it_is_written(data: bytes) -> None:
    labels = opened("a.pdf", pdf("x", more=data)).labels
    assert [(label.id, label.name) for label in labels] == [(GUID, "Très secret (interne)")]


def test_what_stands_in_attributes_of_xmp_is_read() -> None:
    texts = said(opened("a.pdf", pdf("x", more=stream(9, DECLARED, PACKET.encode()))))
    assert NAME in texts["a.pdf#xmp"].splitlines()


def test_a_label_of_xmp_that_was_taken_off_is_none() -> None:
    off = PACKET.replace("'true'", "'false'").encode()
    assert opened("a.pdf", pdf("x", more=stream(9, DECLARED, off))).labels == []


def test_a_value_of_a_pdf_with_brackets_in_it_is_read_whole() -> None:
    texts = said(opened("a.pdf", pdf("x", more=f"9 0 obj\n<< /V (Salle ({NAME}) 2) >>\nendobj\n".encode())))
    assert texts["a.pdf#fields"] == f"Salle ({NAME}) 2"


def test_a_label_that_was_taken_off_is_none() -> None:
    assert opened("a", docx(docProps__custom=msip(enabled="false"))).labels == []
    assert opened("a", docx(docMetadata__LabelInfo=INFO.format(GUID, "1"))).labels == []


def test_a_mail_says_its_sensitivity() -> None:
    marks = [label.id for label in opened("a.eml", mail("x", Sensitivity="Company-Confidential")).labels]
    assert marks == ["sensitivity: company-confidential"]
    assert opened("a.eml", mail("x", Sensitivity="Normal")).labels == []


# ------------------------------------------------------------------ what is hostile
def test_entities_that_unfold_without_end_are_refused_and_the_rest_is_read() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><a>&b;</a>'
    reading = opened("a.docx", docx("Bonjour", word__header1=bomb))
    assert said(reading)["a.docx/word/document.xml"] == "Bonjour"
    assert missed(reading) == {"a.docx/word/header1.xml": Why.HOSTILE}


def test_a_zip_that_unfolds_too_far_is_refused_and_said() -> None:
    bomb = zipped({"a.txt": b"\n" * 3_000_000, "b.txt": NAME})
    reading = opened("a.zip", bomb, unfolded=1_000_000)
    assert missed(reading) == {"a.zip/a.txt": Why.TOO_LARGE}
    assert said(reading) == {"a.zip/b.txt": NAME}
    assert missed(opened("a.gz", gzip.compress(b"a" * 3_000_000), unfolded=1_000_000)) == {"a.gz": Why.TOO_LARGE}
    assert missed(opened("a.zip", zipped({"a": b"a" * 2_000_000}), free=10_000)) == {"a.zip/a": Why.TOO_LARGE}


def test_archives_that_nest_too_deep_are_refused_and_said() -> None:
    data = NAME.encode()
    for _ in range(12):
        data = zipped({"a": data})
    assert list(missed(opened("a.zip", data)).values()) == [Why.TOO_DEEP]


def test_too_many_parts_are_refused_and_said() -> None:
    reading = opened("a.zip", zipped({f"{n}.txt": "x" for n in range(50)}), items=20)
    assert Why.TOO_MANY in missed(reading).values()


def test_an_encrypted_entry_is_reported() -> None:
    data = bytearray(zipped({"a.txt": "x"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as held:
        assert held.infolist()[0].flag_bits & 1
    assert missed(opened("a.zip", bytes(data))) == {"a.zip/a.txt": Why.ENCRYPTED}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"PK\x03\x04 broken", Why.BROKEN),
        (b"%PDF-1.7 broken", Why.BROKEN),
        (b"7z\xbc\xaf'\x1c\0\0", Why.UNKNOWN_FORMAT),
        (b"\0\1\2\3", Why.UNKNOWN_FORMAT),
        (b"ID3\x03\0\0", Why.SOUND),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), Why.ENCRYPTED),
        (b"\x1f\x8b broken", Why.BROKEN),
    ],
)
def test_what_cannot_be_read_is_reported(data: bytes, why: Why) -> None:
    assert list(missed(opened("a", data)).values()) == [why]
