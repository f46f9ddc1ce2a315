"""What is on record of an application opens and closes while the gateway runs: by the clock, by modes, by own facts."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ecluse.cli.main import app
from ecluse.edge.keys import state as where
from ecluse.packs.policies.load import BUILT_IN
from tests.edge.gateway import OWN, Gateway, gateway
from tests.edge.test_reloading import PRIVATE, ask, snapshot, until

ENDS = """
[[organisations]]
id = "firm"
name = "A firm"
kind = "private"
modes = { "base.impact_assessment" = "warn" }
[[organisations.applications]]
id = "notes"
name = "Notes"
purposes = ["notes"]
analyses = [{ kind = "register_entry", reference = "R", valid_until = 2026-11-24 }]
"""
HEALTH = " La patiente souffre d'un diabète de type 2 et prend de la metformine."
SERVE = """
import pathlib, sys
from ecluse.cli.main import main
from ecluse.edge.clock import UnsafePinnedClock
passed, now = pathlib.Path(sys.argv.pop(1)), UnsafePinnedClock.now
UnsafePinnedClock.now = lambda clock: now(clock) + (86_400_000 if passed.exists() else 0)
main()
"""
"""The command, on a clock that stands a day further once a file is there."""


class Passing(Gateway):
    """A gateway whose day passes when a test says so."""

    @property
    def passed(self) -> Path:
        return self.folder / "a-day-has-passed"

    def words(self, config: Path) -> list[str]:
        return [sys.executable, "-c", SERVE, str(self.passed), *super().words(config)[3:]]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(tmp_path_factory.mktemp("record"), (OWN,), extra=ENDS, kind=Passing) as made:
        yield made


def test_a_rule_that_warns_is_heard_by_the_caller_and_read_in_the_receipt(served: Gateway, tmp_path: Path) -> None:
    key = served.key("notes")
    assert "x-ecluse-warning" not in ask(served, key, PRIVATE).headers
    warned = ask(served, key, PRIVATE + HEALTH)
    assert warned.status_code == 200, warned.text
    assert warned.headers["x-ecluse-warning"].startswith("base.impact_assessment: Health data")
    receipt = tmp_path / "receipt"
    proof = served.caller.get(
        f"{served.url}/v1/receipts/{warned.headers['x-ecluse-entry']}", headers={"authorization": f"Bearer {key}"}
    )
    receipt.write_text(proof.text, encoding="utf-8")
    vkey = where.vkey(served.state).read_text(encoding="utf-8").strip()
    told = CliRunner().invoke(app, ["trail", "verify", "--receipt", str(receipt), "--vkey", vkey])
    assert "Observed: would have been refused by base.impact_assessment, if enforced." in told.output
    asked = ["simulate", "--trail", "2026-11-24..", "--config", str(served.folder / "ecluse.toml"), "--json"]
    ours = tmp_path / "rules"
    shutil.copytree(BUILT_IN, ours, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    rules = (ours / "base.cedar").read_text(encoding="utf-8")
    (ours / "base.cedar").write_text(
        rules.replace('unless { principal.analyses.contains(Analysis::"register_entry") }', "")
    )
    later = json.loads(CliRunner().invoke(app, [*asked, "--policy", str(ours)]).stdout)
    assert {"health", "personal"} in [set(one["classes"]) for one in later["changes"]]
    assert later["fates"]["would_be_refused"] > 0
    french = CliRunner().invoke(app, ["trail", "verify", "--receipt", str(receipt), "--vkey", vkey, "-l", "fr"])
    assert "Observé : aurait été refusée par base.impact_assessment, si appliqué." in french.output


def test_the_end_of_an_analysis_closes_as_the_clock_passes_and_another_on_record_opens(served: Gateway) -> None:
    assert isinstance(served, Passing)
    key = served.key("notes")
    assert ask(served, key, PRIVATE).status_code == 200
    before = snapshot(served)
    served.passed.touch()
    refused = ask(served, key, PRIVATE)
    assert (refused.status_code, refused.headers["x-ecluse-rules"]) == (403, "base.register_entry")
    assert snapshot(served) != before
    config = served.folder / "ecluse.toml"
    written = config.read_text(encoding="utf-8")
    config.write_text(written.replace("valid_until = 2026-11-24", "valid_until = 2027-11-24"), encoding="utf-8")
    until(lambda: ask(served, key, PRIVATE).status_code == 200, served)
