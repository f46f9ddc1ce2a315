"""`ecluse drill`: the loss of a provider, a jurisdiction and an attestation, on a settings file."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli.main import app
from ecluse.domain.snapshot import Instant
from ecluse.edge.keys import Secrets
from ecluse.edge.keys import state as where
from ecluse.edge.stores.sqlite import SqliteStore
from tests.passage.record import samples

SETTINGS = """
[gateway]
hosted_on = "own_premises"
country = "FR"
unsafe_pinned_date = 2026-11-24

[destinations.base_urls]
"outscale/own-vm/mistral-small-4" = "http://127.0.0.1:9"

[unsafe_simulators]
"scaleway/generative-apis/mistral-medium-3.5" = "http://127.0.0.1:10"
"azure/global/mistral-large-3" = "http://127.0.0.1:11"
"ionos/model-hub/gpt-oss-120b" = "http://127.0.0.1:12"

[[organisations]]
id = "ministry"
name = "A ministry"
kind = "state_administration"
contracts = ["scaleway", "azure", "ionos"]

[[organisations.applications]]
id = "crisis"
name = "Crisis centre"
purposes = ["drafting"]
declared = ["sren31"]
analyses = [{ kind = "sren31", reference = "1" }]

[[organisations.applications]]
id = "press"
name = "Press releases"
purposes = ["drafting"]
"""


class StandingClock:
    """A clock that stands."""

    def now(self) -> Instant:
        return samples.NOW


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "ecluse.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    return path


def run(settings: Path, lost: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["drill", "--without", lost, "--config", str(settings), *arguments])


def told(settings: Path, lost: str, code: int) -> Any:
    result = run(settings, lost, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def lost(document: Any) -> dict[str, bool]:
    return {one["application"]: one["lost"] for one in document["applications"]}


def test_the_loss_of_a_provider_also_takes_what_runs_on_it(settings: Path) -> None:
    document = told(settings, "outscale", 1)
    assert document["lost"] == ["outscale/own-vm/mistral-small-4"]
    assert lost(document) == {"crisis": True, "press": False}
    assert lost(told(settings, "scaleway", 0)) == {"crisis": False, "press": False}


def test_the_loss_of_a_jurisdiction_takes_whom_it_can_compel_and_names_who_may_be(settings: Path) -> None:
    document = told(settings, "JURISDICTION:US", 0)
    assert document["lost"] == ["azure/global/mistral-large-3"]
    assert document["may_be_lost"] == ["ionos/model-hub/gpt-oss-120b"]


def test_the_loss_of_an_attestation_closes_what_rested_on_it(settings: Path) -> None:
    document = told(settings, "ATTESTATION:secnumcloud", 1)
    assert (document["lost"], lost(document)) == ([], {"crisis": True, "press": False})


def test_a_gateway_that_stands_there_loses_everything(tmp_path: Path) -> None:
    path = tmp_path / "ecluse.toml"
    path.write_text(SETTINGS.replace('"own_premises"', '"scaleway_instances"'), encoding="utf-8")
    document = told(path, "scaleway", 1)
    assert document["gateway_stands_there"] == ["scaleway_instances"]
    assert lost(document)["press"]


def test_the_drill_is_told_in_french(settings: Path) -> None:
    result = run(settings, "outscale", "-l", "fr")
    assert result.exit_code == 1
    assert "crisis : les données d'une sensibilité particulière : perd toute destination." in result.stdout


@pytest.mark.parametrize("named", ["nobody", "ATTESTATION:nothing", "JURISDICTION:us", "JURISDICTION:ZZ"])
def test_a_loss_of_what_is_not_there_refuses(settings: Path, named: str) -> None:
    assert run(settings, named).exit_code == 2


def test_what_the_trail_shows_is_rehearsed_too(tmp_path: Path) -> None:
    async def write(state: Path) -> None:
        store = SqliteStore(where.trail(state), signer=Secrets.open(state).signer(), clock=StandingClock())
        await store.start()
        await store.append(samples.intent(1))
        await store.append(samples.outcome(1))
        await store.close()

    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    asyncio.run(write(state))
    path = tmp_path / "ecluse.toml"
    path.write_text(SETTINGS.replace('id = "press"', f'id = "{samples.APPLICATION.id}"'), encoding="utf-8")
    result = run(path, "outscale", "--state-dir", str(state), "--json")
    (seen,) = [one for one in json.loads(result.stdout)["applications"] if one["profile"] == "seen"]
    assert seen["application"] == samples.APPLICATION.id
    assert seen["classes"] == ["national_id", "personal"]


def test_a_trail_that_is_not_there_refuses(settings: Path, tmp_path: Path) -> None:
    assert run(settings, "scaleway", "--state-dir", str(tmp_path / "none")).exit_code == 2
