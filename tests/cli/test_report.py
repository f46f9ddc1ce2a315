"""`ecluse report`: drafts that say what the record knows and leave open what only the controller knows."""

import csv
import html
import io
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli.main import app
from ecluse.domain.destination import DestinationId
from ecluse.domain.finding import DataClass
from ecluse.domain.verdict import Choice
from ecluse.edge.reports import csv_of, html_of
from ecluse.prove.reports import REPORTS, Report, Section, Table
from ecluse.prove.reports.document import punctuated
from tests.cli.test_past import AZURE, OWN, sent, trail


@pytest.fixture
def config(tmp_path: Path) -> Path:
    entries = [sent(1, AZURE, {DataClass.PERSONAL}), sent(2, AZURE, {DataClass.PERSONAL}), sent(3, OWN, set())]
    return trail(tmp_path, entries)


def run(config: Path, kind: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["report", kind, "--config", str(config), *arguments])


def rows(config: Path, kind: str, *arguments: str) -> list[dict[str, str]]:
    result = run(config, kind, "-f", "csv", *arguments)
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout.removeprefix("\ufeff"))))


@pytest.mark.parametrize("kind", REPORTS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_report_is_a_page_in_its_language_that_needs_nothing_else(config: Path, kind: str, language: str) -> None:
    page = run(config, kind, "-l", language).stdout
    assert f'<html lang="{language}">' in page
    assert not re.search(r'(?:src|href)="', page)
    assert (
        "Faits enregistrés au 24 novembre 2026" if language == "fr" else "Facts on record on 24 November 2026"
    ) in page


@pytest.mark.parametrize("kind", REPORTS)
def test_each_report_is_set_as_pdf(config: Path, kind: str, tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"
    assert run(config, kind, "-f", "pdf", "-l", "fr", "-o", str(out)).exit_code == 0
    assert out.read_bytes().startswith(b"%PDF-")


def test_the_register_cites_its_entry_counts_what_left_and_leaves_the_rest_open(config: Path) -> None:
    (row,) = rows(config, "register")
    assert (row["processing"], row["register entry"], row["requests sent"]) == ("Crisis centre", "1", "3")
    assert row["people concerned (c)"] == "to be completed by the controller"
    assert "Microsoft" in row["recipients (d)"]
    assert "azure/global/mistral-large-3: anywhere" in row["third countries and tool (e)"]


def test_the_transfers_have_whom_a_third_country_can_compel_and_no_other(config: Path) -> None:
    (row,) = rows(config, "transfers")
    assert (row["destination"], row["law of third countries"]) == ("azure/global/mistral-large-3", "US")
    assert (row["requests as is"], row["requests masked"]) == ("2", "0")


def test_the_dora_rows_follow_the_chain_to_whoever_runs_the_machines(config: Path) -> None:
    found = [(row["rank in the chain"], row["provider"]) for row in rows(config, "dora")]
    assert ("2", "Outscale") in found
    assert found[0][0] == "1"


def test_a_report_says_of_which_rules_nobody_reviewed_the_text(config: Path) -> None:
    page = html.unescape(run(config, "impact", "-l", "fr").stdout)
    assert "Personne n'a relu le texte de ces jeux de règles, qui ont décidé : ai_act, base, " in page


def test_a_period_without_traffic_says_so(config: Path) -> None:
    page = run(config, "transfers", "--since", "2030-01-01").stdout
    assert "no decision in the period" in page
    assert "No request of the period went outside the EEA" in page


def report_of(cell: str) -> Report:
    table = Table(columns=("name",), rows=((cell,),))
    return Report(id="r", title="T", language="en", intro=(), sections=(Section(title="S", table=table),))


def test_a_text_is_text_in_html_and_in_a_spreadsheet() -> None:
    assert "&lt;script&gt;" in html_of(report_of("<script>"))
    assert "'=1+1" in csv_of(report_of("=1+1"))


def test_english_has_no_space_before_a_colon() -> None:
    mended = punctuated(report_of("a : b ; c")).sections[0].table
    assert mended is not None
    assert mended.rows == (("a: b; c",),)


def test_a_report_without_a_table_is_refused_as_csv(config: Path) -> None:
    result = run(config, "notice", "-f", "csv")
    assert result.exit_code == 2
    assert "ask for html or pdf" in result.output


@pytest.mark.parametrize("arguments", [("nothing",), ("register", "--organisation", "nobody")])
def test_an_unknown_report_or_organisation_is_refused_with_what_there_is(
    config: Path, arguments: tuple[str, ...]
) -> None:
    result = run(config, *arguments)
    assert result.exit_code == 2
    assert "register" in result.output or "ministry" in result.output


def test_a_country_that_is_adequate_on_a_condition_is_not_told_as_adequate(tmp_path: Path) -> None:
    american = Choice(destination=DestinationId("mistral/us/mistral-large-3"), masked=False)
    (row,) = rows(trail(tmp_path, [sent(1, american, {DataClass.PERSONAL})]), "transfers")
    assert row["adequacy on record"] == "US (on a condition that was not checked)"


def test_ones_own_premises_are_no_transfer(tmp_path: Path) -> None:
    mine = Choice(destination=DestinationId("self_hosted/own_premises/mistral-small-3.2"), masked=False)
    config = trail(tmp_path, [sent(1, mine, {DataClass.PERSONAL})])
    assert "No request of the period went outside the EEA" in run(config, "transfers").stdout
    (row,) = rows(config, "register")
    assert row["third countries and tool (e)"] == "no transfer outside the EEA on record"


def test_what_no_good_source_says_of_a_recipient_is_unknown_in_a_report(tmp_path: Path) -> None:
    unread = Choice(destination=DestinationId("bleu/own-vm/mistral-small-4"), masked=False)
    (row,) = rows(trail(tmp_path, [sent(1, unread, set())]), "register")
    assert row["third countries and tool (e)"].startswith("bleu/own-vm/mistral-small-4: unknown")


def test_an_analysis_that_has_ended_is_told_as_ended(config: Path) -> None:
    text = config.read_text("utf-8")
    assert 'kind = "register_entry", reference = "1"' in text
    ended = text.replace('reference = "1"', 'reference = "1", valid_until = 2026-11-23')
    config.write_text(ended, "utf-8")
    (row,) = rows(config, "register")
    assert row["register entry"] == "1 (ended 2026-11-23)"


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", ("annex III: applicable from 2 December 2027", "Article 50, applicable since 2 August 2026")),
        ("fr", ("applicable à partir du 2 décembre 2027", "Article 50, applicable depuis le 2 août 2026")),
    ],
)
def test_the_days_of_the_ai_act_are_those_on_record(config: Path, language: str, says: tuple[str, str]) -> None:
    page = run(config, "ai-act", "-l", language).stdout
    assert all(one in page for one in says)
