"""`ecluse usage`: sums from a trail on the disk, and an error where there is none."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ecluse.cli.main import app
from ecluse.edge.keys import state as where
from ecluse.edge.stores.sqlite import SqliteStore
from tests.edge.stores.contract import SIGNER
from tests.passage.record import samples


class Standing:
    def now(self) -> Any:
        return samples.NOW


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("state")

    async def write() -> None:
        store = SqliteStore(where.trail(folder), signer=SIGNER, clock=Standing())
        await store.start()
        for entry in (samples.intent(1), samples.outcome(1), samples.refusal(2)):
            await store.append(entry)
        await store.close()

    asyncio.run(write())
    return folder


def told(state: Path, *words: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["usage", "--state-dir", str(state), "--json", *words])
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_it_sums_by_destination_and_says_what_is_not_measured(state: Path) -> None:
    document = told(state)
    assert [(line["destination"], line["passages"], line["refused"]) for line in document["usage"]] == [
        ("", 0, 1),
        (samples.HERE, 1, 0),
    ]
    assert [(one["destination"], one["unknown"]) for one in document["footprint"]["destinations"]] == [
        (samples.HERE, []),
    ]
    assert "EcoLogits" in document["footprint"]["method"]


def test_models_of_one_s_own_and_the_country_are_those_of_the_settings(state: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "mine.toml").write_text("", encoding="utf-8")
    settings = tmp_path / "ecluse.toml"
    settings.write_text(
        f'[gateway]\ncountry = "FR"\nstate_dir = "{state}"\n[facts]\nfolders = ["{own}"]\n', encoding="utf-8"
    )
    result = CliRunner().invoke(app, ["usage", "--json", "--config", str(settings)])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == told(state, "--own-country", "FR")
    (own / "mine.toml").write_text("[[sources]]\nid = 3\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["usage", "--json", "--config", str(settings)])
    assert (result.exit_code, "mine.toml" in result.output) == (2, True)


def test_it_sums_by_the_countries_that_can_compel(state: Path) -> None:
    lines = told(state, "--by", "jurisdiction", "--date", "2026-11-24")["usage"]
    assert {line["jurisdiction"]: line["passages"] for line in lines} == {"none on record": 1, "not sent": 0}


def test_the_table_names_simulated_passages(state: Path) -> None:
    result = CliRunner().invoke(app, ["usage", "--state-dir", str(state), "--by", "data_class"])
    assert "national_id (1 SIMULATED)" in result.stdout
    assert "Estimated, output tokens alone: " in result.stdout
    assert "(SIMULATED: what it would have been)" in result.stdout


def test_it_refuses_where_there_is_no_trail(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["usage", "--state-dir", str(tmp_path)])
    assert result.exit_code == 2
    assert "no trail" in result.output
    assert not (tmp_path / "usage.db").exists()
