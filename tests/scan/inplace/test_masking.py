"""A document keeps its form, loses its values everywhere, and gets them back."""

import io
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from ecluse.api import detector
from ecluse.cli.main import app
from ecluse.domain.masking import PLAIN_STYLE
from ecluse.scan.inplace.masking import Made, Unmaskable, masked
from ecluse.scan.inplace.package import NotInPlace
from ecluse.scan.inplace.restoring import restored
from ecluse.scan.reading import Reader
from tests.scan.made import W, docx, xlsx, zipped
from tests.scan.test_real import real

NAME, PHONE, MAIL = "Mme Éléonore Lefèvre", "06 39 98 41 27", "e.lefevre@mairie.fr"
VALUES = ("Éléonore", "Lefèvre", "06 39 98 41 27", "lefevre", "Durand")
R = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
CORE = (
    '<cp:coreProperties xmlns:cp="c" xmlns:dc="d"><dc:creator>Paul Durand</dc:creator>'
    f"<dc:title>Dossier de {NAME}</dc:title><cp:lastModifiedBy>Paul Durand</cp:lastModifiedBy></cp:coreProperties>"
)


def runs(*texts: str) -> str:
    return "".join(f"<w:r><w:t>{text}</w:t></w:r>" for text in texts)


def everywhere() -> bytes:
    body = f"""<w:p>{runs("Chère Mme Éléo", "nore Lef", "èvre, bonjour")}</w:p>
    <w:p><w:del w:author="Paul Durand"><w:r><w:delText>Tél. {PHONE}</w:delText></w:r></w:del></w:p>
    <w:p><w:r><mc:AlternateContent xmlns:mc="m"><mc:Choice Requires="wps"><w:txbxContent><w:p>{runs(NAME)}</w:p>
    </w:txbxContent></mc:Choice><mc:Fallback><w:pict><w:p>{runs(NAME)}</w:p></w:pict></mc:Fallback>
    </mc:AlternateContent></w:r><w:r><w:instrText>HYPERLINK "mailto:{MAIL}"</w:instrText></w:r></w:p>
    <w:p><w:bookmarkStart w:name="Lefèvre"/><w:r><w:drawing><wp:docPr xmlns:wp="p" descr="Photo de {NAME}"/></w:drawing>
    </w:r></w:p><!-- {NAME} -->"""
    part = f"<w:x {W}><w:p>{runs(NAME)}</w:p></w:x>"
    link = f'<Relationships {R}><Relationship Id="rId1" Type="t" Target="mailto:{MAIL}" TargetMode="External"/>'
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
            **{f"word/{n}.xml": part for n in ("header1", "footer1", "footnotes", "endnotes", "comments")},
            "word/_rels/document.xml.rels": f"{link}</Relationships>",
            "docProps/core.xml": CORE,
            "customXml/item1.xml": f'<a nom="{NAME}"><b>{PHONE}</b></a>',
        }
    )


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as running:
        yield running


def done(reader: Reader, name: str, data: bytes, way: Unmaskable = Unmaskable.REFUSE, *, tagger: bool = False) -> Made:
    return masked(name, data, reader, detector(tagger=tagger), b"k" * 32, PLAIN_STYLE, way)


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        return {name: held.read(name) for name in held.namelist()}


def texts(reader: Reader, name: str, data: bytes) -> list[str]:
    return [part.text for part in reader.read(name, data).parts]


def left(data: bytes) -> list[tuple[str, str]]:
    found = parts(data).items()
    return [(name, value) for name, part in found for value in VALUES if value in part.decode("utf-8", "ignore")]


def test_a_value_is_gone_from_every_part_and_comes_back(reader: Reader) -> None:
    data = everywhere()
    made = done(reader, "a.docx", data)
    assert left(made.data) == []
    assert list(parts(made.data)) == list(parts(data))
    back = restored(made.data, made.vault)
    assert texts(reader, "a.docx", back.data) == texts(reader, "a.docx", data)
    assert back.tally.unknown == back.tally.withheld == 0


def test_a_surrogate_stands_in_the_first_run_and_the_spaces_of_the_others_are_kept(reader: Reader) -> None:
    made = done(
        reader, "a.docx", docx("x", word__header1=f"<w:hdr {W}>{runs(f'{NAME[:9]}', NAME[9:] + ' est')}</w:hdr>")
    )
    shown = parts(made.data)["word/header1.xml"].decode()
    assert "<w:t>Mme WOMAN_" in shown
    assert '<w:t xml:space="preserve"> est</w:t>' in shown


def test_a_part_without_a_value_keeps_every_byte(reader: Reader) -> None:
    styles = "<?xml version='1.0'?>\n<w:styles  xmlns:w=\"w\" ><w:style w:styleId='a&amp;b'/></w:styles>"
    data = docx(NAME, word__styles=styles)
    assert parts(done(reader, "a.docx", data).data)["word/styles.xml"] == parts(data)["word/styles.xml"]


@pytest.mark.parametrize("name", ["lettre.docx", "lettre.odt", "expose.pptx", "table.xlsx", "table.ods"])
def test_what_an_office_suite_wrote_comes_back(reader: Reader, name: str) -> None:
    data = real(name)
    made = done(reader, name, data, Unmaskable.EMPTY, tagger=True)
    assert not any("Lefèvre" in text for text in texts(reader, name, made.data))
    gone = tuple(f"{name}/{part}" for part, _ in made.unmaskable)  # a thumbnail that was read shows the names
    before = [part.text for part in reader.read(name, data).parts if not part.path.startswith(gone or ("-",))]
    assert texts(reader, name, restored(made.data, made.vault).data) == before


@settings(max_examples=25, deadline=None)
@given(
    cuts=st.sets(st.integers(1, 60), max_size=6),
    before=st.sampled_from(["", "Bonjour ", "a &amp; b, ", "«\u00a0"]),
    value=st.sampled_from([NAME, f"{NAME}, {PHONE}", f"{MAIL} et {PHONE}", f"M. Paul Durand, {MAIL}"]),
)
def test_unmask_of_mask_has_the_same_text_wherever_runs_are_cut(
    reader: Reader, cuts: set[int], before: str, value: str
) -> None:
    places = [0, *sorted(cut for cut in cuts if cut < len(value)), len(value)]
    pieces = [value[a:b] for a, b in pairwise(places)]
    data = docx("x", word__footer1=f"<w:ftr {W}><w:p>{runs(before, *pieces, ' fin.')}</w:p></w:ftr>")
    made = done(reader, "a.docx", data)
    assert made.vault.surrogates
    assert left(made.data) == []
    assert texts(reader, "a.docx", restored(made.data, made.vault).data) == texts(reader, "a.docx", data)


def test_a_surrogate_that_a_program_cut_is_one(reader: Reader) -> None:
    made = done(reader, "a.docx", docx(NAME))
    (surrogate,) = made.vault.originals
    cut = docx("x", word__header1=f"<w:hdr {W}>{runs(surrogate[:4], surrogate[4:])}</w:hdr>")
    assert "Éléonore Lefèvre" in texts(reader, "a.docx", restored(cut, made.vault).data)[1]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (docx(NAME, **{"word__embeddings__a.bin": b"\x00\x01 not known"}), "cannot be masked"),
        (docx(NAME, _xmlsignatures__sig1="<a/>"), "signed"),
        (docx(NAME, word__header1='<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "not read|hostile"),
        (docx(NAME, **{f"word__{VALUES[1]}": "<a/>"}), "name of a part"),
        (
            xlsx('<row><c t="s"><v>0</v></c><c t="n"><v>33639984127</v></c></row>', ("Tél. +33 6 39 98 41 27",)),
            "number",
        ),
        (b"PK\x03\x04 broken", "damaged"),
    ],
)
def test_what_cannot_be_masked_whole_refuses(reader: Reader, data: bytes, why: str) -> None:
    with pytest.raises(NotInPlace, match=why) as refused:
        done(reader, "a.docx", data)
    assert "Éléonore" not in str(refused.value)


def test_a_part_that_cannot_be_masked_is_emptied_or_left_when_that_is_said(reader: Reader) -> None:
    data = docx(NAME, **{"word__embeddings__a.bin": b"\x00\x01 not known"})
    for way, content in ((Unmaskable.EMPTY, b""), (Unmaskable.LEAVE, b"\x00\x01 not known")):
        made = done(reader, "a.docx", data, way)
        assert parts(made.data)["word/embeddings/a.bin"] == content
        assert [part for part, _ in made.unmaskable] == ["word/embeddings/a.bin"]


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_the_commands_write_a_document_and_bring_it_back(tmp_path: Path, reader: Reader) -> None:
    source, out, back, vault = (tmp_path / name for name in ("a.docx", "m.docx", "b.docx", "v"))
    source.write_bytes(everywhere())
    state = ("--vault", vault, "--state-dir", tmp_path / "state")
    assert (first := run("mask", source, "-o", out, *state)).exit_code == 0, first.output
    assert left(out.read_bytes()) == []
    assert run("unmask", out, *state).exit_code == 2
    assert (second := run("unmask", out, "-o", back, *state)).exit_code == 0, second.output
    assert texts(reader, "a", back.read_bytes()) == texts(reader, "a", source.read_bytes())
    refused = run("mask", source, "-o", tmp_path / "a.pdf")
    assert refused.exit_code == 2
    assert not (tmp_path / "a.pdf").exists()
