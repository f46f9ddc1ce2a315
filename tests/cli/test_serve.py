"""What `ecluse serve` says of itself when it starts."""

import gc
import warnings
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ecluse.cli.main import app
from ecluse.cli.serve import trail_place
from ecluse.edge.config import GatewaySettings, Settings, StoreSettings


@pytest.mark.parametrize(
    ("store", "told"),
    [
        (StoreSettings(), "somewhere/state"),
        (StoreSettings(url="postgresql://ecluse:never@db.example/ecluse"), "PostgreSQL, schema ecluse"),
        (StoreSettings(url="env:STORE", schema="town"), "PostgreSQL, schema town"),
    ],
)
def test_the_start_says_where_the_trail_is_kept_and_never_an_address_with_its_password(
    store: StoreSettings, told: str
) -> None:
    assert trail_place(Settings(gateway=GatewaySettings(state_dir="somewhere/state"), store=store)) == told


def test_a_start_that_fails_says_why_and_leaves_nothing_open(tmp_path: Path) -> None:
    settings = tmp_path / "ecluse.toml"
    settings.write_text(f'[gateway]\nstate_dir = "{tmp_path}/state"\n')
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        told = CliRunner().invoke(app, ["serve", "--config", str(settings), "--port", "1"])
        gc.collect()
    assert told.exit_code == 2
    assert "no destination can be used" in told.output
    assert [one for one in seen if issubclass(one.category, ResourceWarning)] == []


def test_the_version_is_told_before_a_command() -> None:
    told = CliRunner().invoke(app, ["--version"])
    assert (told.exit_code, told.output) == (0, f"ecluse {version('ecluse')}\n")
