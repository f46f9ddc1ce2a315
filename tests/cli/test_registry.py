"""`ecluse registry`: the facts on record, and which of them no longer hold on a day."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli.main import app
from ecluse.cli.registry import Kind

ACME = """
[provider]
id = "acme"
name = "Acme"
entity = "acme"
source = "register"

[[sources]]
id = "register"
title = "A register"
url = "https://example.org"
as_of = 2029-05-31
confidence = "high"
kind = "primary"

[[entities]]
id = "acme"
name = "Acme"
seat = "FR"
source = "register"

[[offers]]
id = "acme_machines"
name = "Machines"
kind = "iaas"
source = "register"

[[offers.attestations]]
scheme = "secnumcloud"
reference = "typed wrong"
valid_from = 2026-01-01
valid_until = 2126-01-01
scope = ["IaaS"]
source = "register"

[[offers.attestations]]
scheme = "secnumcloud"
reference = "typed right"
valid_from = 2026-01-01
valid_until = 2029-01-01
scope = ["IaaS"]
source = "register"
"""


def run(*arguments: str, date: str = "2026-11-24") -> Result:
    return CliRunner().invoke(app, ["registry", *arguments, "--date", date])


def told(*arguments: str, date: str = "2026-11-24", code: int = 0) -> Any:
    result = run(*arguments, "--json", date=date)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def faults(date: str, *arguments: str, code: int = 0) -> set[tuple[str, str]]:
    return {(row["fault"], row["name"]) for row in told("check", *arguments, date=date, code=code)["faults"]}


OUTSCALE = "outscale_iaas: secnumcloud, ANSSI decision 2118"


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_is_listed(kind: Kind) -> None:
    document = told("list", kind.value)
    assert document["facts"]
    assert all(row["id"] for row in document["facts"])
    assert document["facts"][0]["id"] in run("list", kind.value).stdout


def test_a_destination_is_shown_as_it_is_established_on_a_day() -> None:
    id_ = "outscale/own-vm/mistral-small-4"
    shown = told("show", id_)["destinations"]
    assert "secnumcloud" in shown["established"]
    assert shown["scope"]["source"]["as_of"]
    assert "secnumcloud" not in told("show", id_, date="2026-11-30")["destinations"]["established"]


def test_an_entity_is_shown_with_its_stakes() -> None:
    assert "stakes/microsoft -> mistral_ai (convertible)" in told("show", "mistral_ai")
    assert "confidence: medium" in run("show", "mistral_ai").stdout
    missing = run("show", "nobody")
    assert missing.exit_code == 1
    assert "nothing is on record" in missing.stderr


def test_what_ends_soon_is_named_and_what_has_ended_ends_with_one() -> None:
    assert ("ends_soon", OUTSCALE) in faults("2026-11-24")
    assert ("ends_soon", OUTSCALE) not in faults("2026-11-24", "--within", "5")
    assert ("expired", OUTSCALE) in faults("2026-11-30", code=1)
    assert run("check", date="2026-11-30").exit_code == 1


def test_a_law_past_its_review_is_overdue() -> None:
    assert ("review_overdue", "us_fisa_702") not in faults("2027-03-31", code=1)
    assert ("review_overdue", "us_fisa_702") in faults("2027-04-01", code=1)


def test_dates_that_cannot_be_right_are_named(tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_text(ACME, encoding="utf-8")
    arguments = ("--registry", str(tmp_path))
    found = faults("2026-11-24", *arguments)
    assert ("too_long", "acme_machines: secnumcloud, typed wrong") in found
    assert {name for fault, name in found if fault == "too_long"} == {"acme_machines: secnumcloud, typed wrong"}
    assert ("dated_ahead", "acme") in found
    assert not {name for fault, name in faults("2029-06-01", *arguments, code=1) if fault == "dated_ahead"}
    assert not {name for fault, name in faults("2026-11-25") if fault in {"too_long", "dated_ahead"}}


def test_what_is_unverified_incomplete_or_stale_is_named() -> None:
    found = faults("2026-11-24")
    assert ("unverified", "openai/web_search") in found
    assert len([name for fault, name in found if fault == "unverified"]) == told("check")["cited"]["unverified"]
    assert ("incomplete", "outscale_iaas: hds_v2, certificate 36741-6") in found
    assert ("low_confidence", "united_internet -> ionos (equity)") in found
    assert ("stale", "xavier_niel -> iliad (votes)") in found
    assert not {name for fault, name in faults("2026-11-24", "--stale", "5000") if fault == "stale"}
    assert "each with a source" in run("check").stdout


def test_watch_names_the_days_of_texts_and_the_reviews_that_are_due() -> None:
    ahead = {one["on"]: one for one in told("watch", "--days", "200")["ahead"]}
    assert "article 50(2)" in ahead["2026-12-02"]["says"][0]
    assert "us_fisa_702" in ahead["2027-03-31"]["says"][0]
    assert "-secnumcloud" in ahead["2026-11-30"]["says"][0]
    assert "2027-01-12" not in {one["on"] for one in told("watch", "--days", "200", date="2027-01-12")["ahead"]}


def test_coverage_asks_every_provider_alike() -> None:
    document = told("list", "--coverage")
    known = [one for one in document["answers"] if one["known"]]
    assert 0 < len(known) < len(document["answers"])
    assert all(one["source"]["as_of"] for one in known)
    assert run("list", "--coverage").stdout.startswith("| provider | seat |")
