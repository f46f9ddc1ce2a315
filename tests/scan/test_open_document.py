"""OpenDocument: flat files, and tables whose cells stand beside the heads of their columns."""

import pytest

from ecluse.domain.finding import DataClass
from ecluse.scan.found import Reading, Why
from ecluse.scan.labels import rule
from ecluse.scan.opening import Limits
from ecluse.scan.unfold import readers, unfold
from tests.scan.made import GUID, zipped

SPACES = " ".join(f"xmlns:{name}='urn:{name}'" for name in ("office", "meta", "text", "style", "table"))
HEAD = f"<?xml version='1.0' encoding='UTF-8'?>\n<office:document {SPACES}>"
META = (
    f"<office:meta>\n  <meta:user-defined meta:name='MSIP_Label_{GUID}_Name'>Très secret</meta:user-defined>"
    "</office:meta>"
)
LOOKS = "<office:master-styles><style:header><text:p>C2 - Usage interne</text:p></style:header></office:master-styles>"
BODY = "<office:body><office:text>\n <text:p>Marie Cu<text:span>rie</text:span></text:p></office:text></office:body>"
FLAT = f"{HEAD}\n {META}\n {LOOKS}\n {BODY}\n</office:document>\n"


def opened(data: str | bytes) -> Reading:
    return unfold("a", data if isinstance(data, bytes) else data.encode(), Limits(), readers())


def texts(data: str | bytes) -> dict[str, str]:
    return {part.path: part.text.strip() for part in opened(data).parts}


def sheet(rows: str, *, flat: bool = False) -> str | bytes:
    body = f"<office:body><office:spreadsheet><table:table>{rows}</table:table></office:spreadsheet></office:body>"
    if flat:
        return f"{HEAD}{body}</office:document>"
    content = f"{HEAD.replace('office:document ', 'office:document-content ')}{body}</office:document-content>"
    return zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})


def row(*cells: str) -> str:
    inside = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
    return f"<table:table-row>{inside}</table:table-row>"


def test_a_flat_document_is_read_as_the_parts_of_a_package() -> None:
    found = texts(FLAT)
    assert found == {
        "a/meta.xml": "Très secret",
        "a/styles.xml": "C2 - Usage interne",
        "a/content.xml": "Marie Curie",
    }


def test_the_labels_of_a_flat_document_are_read_in_properties_and_headers() -> None:
    reading = opened(FLAT)
    table = {GUID: DataClass.TRADE_SECRET, "C2 - Usage interne": DataClass.RESTRICTED}
    ruled = [one.data_class for one in rule(reading.labels, table, reading.parts)]
    assert ruled == [DataClass.TRADE_SECRET, DataClass.RESTRICTED]


@pytest.mark.parametrize("between", ["<!-- Marie -->", "<office:other>Marie</office:other>", "<office:meta/>" * 20])
def test_a_flat_document_that_cannot_be_cut_is_read_whole(between: str) -> None:
    found = texts(FLAT.replace("<office:meta>", f"{between}<office:meta>"))
    assert "Marie Curie" in found["a/content.xml"]
    assert "Très secret" in found["a/meta.xml"]


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        (FLAT.replace("<office:document ", "<!DOCTYPE a [<!ENTITY b 'c'>]><office:document ", 1), Why.HOSTILE),
        (FLAT[:-40], Why.BROKEN),
        (FLAT.replace("</text:p>", "", 1), Why.BROKEN),
        (f"{HEAD}{'<text:p>' * 20_000}", Why.BROKEN),
    ],
    ids=["entities", "cut", "unclosed", "deep"],
)
def test_a_flat_document_that_cannot_be_read_is_said(spoilt: str, why: Why) -> None:
    assert why in {one.why for one in opened(spoilt).unread}


@pytest.mark.parametrize("flat", [False, True])
def test_cells_of_opendocument_stand_beside_the_heads_of_their_columns(flat: bool) -> None:  # noqa: FBT001 - a case
    data = sheet(row("Nom", "Numéro") + row("Curie", "12") + row("Joliot", "13"), flat=flat)
    assert texts(data)["a/content.xml"] == "Nom\tNuméro\nNom: Curie\tNuméro: 12\nNom: Joliot\tNuméro: 13"


def test_a_long_number_of_opendocument_is_written_out() -> None:
    short = "<table:table-cell office:value='185036912345687'><text:p>1,85E+14</text:p></table:table-cell>"
    data = sheet(row("Nom", "NIR") + f"<table:table-row><table:table-cell/>{short}</table:table-row>")
    assert texts(data)["a/content.xml"] == "Nom\tNIR\nNIR: 185036912345687"


def test_repeated_cells_keep_the_columns_after_them_in_place() -> None:
    rows = row("a", "b", "c") + "<table:table-row><table:table-cell table:number-columns-repeated='2'/>"
    rows += "<table:table-cell><text:p>12</text:p></table:table-cell></table:table-row>"
    assert texts(sheet(rows))["a/content.xml"] == "a\tb\tc\nc: 12"


def test_what_stands_around_tables_is_read_too() -> None:
    rows = f"<text:p>Avant</text:p>{row('Curie')}</table:table><text:p>Après</text:p><table:table>{row('Joliot')}"
    assert texts(sheet(rows))["a/content.xml"] == "Avant\nCurie\nAprès\nJoliot"
