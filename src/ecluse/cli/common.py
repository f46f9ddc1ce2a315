"""What commands share: where the settings are, and how a command ends badly."""

import json
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ecluse.edge.config import Settings, SettingsError, load

Config = Annotated[Path, typer.Option("--config", "-c", help="The settings file.", envvar="ECLUSE_CONFIG")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
DEFAULT_CONFIG = Path("ecluse.toml")


def fail(why: str, code: int = 2) -> NoReturn:
    """Say why on standard error and leave."""
    typer.echo(f"ecluse: {why}", err=True)
    raise typer.Exit(code)


def settings_of(config: Path) -> Settings:
    """Read the settings or leave with what is wrong."""
    try:
        return load(config)
    except SettingsError as error:
        fail(str(error))


def print_json(document: object) -> None:
    """Print one JSON document."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
