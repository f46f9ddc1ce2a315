"""What commands share: where the settings are, and how a command ends badly."""

import json
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ecluse.edge.config import Settings, SettingsError, load
from ecluse.edge.located import located

Config = Annotated[Path, typer.Option("--config", "-c", help="The settings file.", envvar="ECLUSE_CONFIG")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
DEFAULT_CONFIG = Path("ecluse.toml")


def fail(why: str, code: int = 2) -> NoReturn:
    """Say why on standard error and leave."""
    typer.echo(f"ecluse: {why}", err=True)
    raise typer.Exit(code)


def fail_with(error: Exception, config: Path) -> NoReturn:
    """Say what is wrong and leave; of settings, with the file and the line of what it names."""
    fail(located(str(error), config) if isinstance(error, SettingsError) else str(error))


def settings_of(config: Path) -> Settings:
    """Read the settings or leave with what is wrong."""
    try:
        return load(config)
    except SettingsError as error:
        fail_with(error, config)


def print_json(document: object) -> None:
    """Print one JSON document."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
