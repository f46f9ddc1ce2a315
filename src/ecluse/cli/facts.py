"""The registry in the words of `prove`: graph, parties, records and perimeters of one day.

Law: a change of words and nothing else; what the registry does not have is left unknown.
"""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from ecluse.cli.common import fail
from ecluse.domain.destination import Destination, DestinationId, Place
from ecluse.edge import exposing
from ecluse.edge.clock import SystemClock, day_of
from ecluse.edge.config import SettingsError
from ecluse.edge.engines import engine_over, places_of
from ecluse.edge.exposing import graph_of, record_of
from ecluse.edge.facts import registry_of as counted
from ecluse.edge.ground_settings import FactSettings
from ecluse.packs import policies
from ecluse.packs.errors import PackError
from ecluse.packs.policies import PolicySources
from ecluse.packs.registry import BUILT_IN, Registry, load_texts
from ecluse.packs.registry.countries import EEA30
from ecluse.packs.registry.model import good
from ecluse.packs.registry.pack import unpack
from ecluse.packs.registry.read import parse, texts_of
from ecluse.passage.decide import RuleRefused
from ecluse.prove.confirm import Engine
from ecluse.prove.exposure import Party
from ecluse.prove.grounds import Perimeters

__all__ = [
    "Day",
    "Facts",
    "day",
    "engine_of",
    "files_of",
    "graph_of",
    "packs_of",
    "parties_of",
    "perimeters_of",
    "places_of",
    "record_of",
    "registry_of",
    "whole",
]

BASE = "base"

Day = Annotated[
    datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="On which day; today if it is not said.")
]
Facts = Annotated[
    Path | None,
    typer.Option("--registry", help="Facts of yours over the shipped ones (a folder), or a whole registry or pack."),
]


def day(stated: datetime | None) -> date:
    """Return the day that was asked for, or today."""
    return stated.date() if stated else day_of(SystemClock().now())


def registry_of(place: Path | None, beside: FactSettings | None = None) -> Registry:
    """Load facts or leave with what is wrong: a whole registry, or facts of one's own over the shipped ones.

    Facts of one's own are laid over those of the settings when they are given, as `facts.folders` would lay them.
    """
    try:
        files = files_of(place)
        if place is None or whole(files):
            return load_texts(files)
        under = beside or FactSettings()
        return counted(msgspec.structs.replace(under, folders=[*under.folders, str(place)]))
    except (PackError, SettingsError) as error:
        fail(str(error))


def whole(files: Mapping[str, str]) -> bool:
    """Say whether files of facts are a registry of their own: one has the perimeters of law. Raises PackError."""
    return any(parse(name, text).perimeters for name, text in files.items())


def files_of(place: Path | None) -> Mapping[str, str]:
    """Return the files of facts of a folder or a pack; the shipped ones when none is named. Raises PackError.

    A pack that is looked at needs no signature; one that a gateway decides on does (`facts.signers`).
    """
    if place is None or place.is_dir():
        return texts_of(place or BUILT_IN)
    try:
        return unpack(place.name, place.read_bytes()).files
    except OSError as error:
        fail(f"{place} is neither a folder of facts nor a pack: {error.strerror}")


def packs_of(folder: Path | None) -> PolicySources:
    """Read rules: those of a folder that has a base of its own, else the shipped ones with the folder's beside."""
    try:
        if folder is None:
            return policies.load()
        if not folder.is_dir():
            fail(f"{folder} is no folder of rules")
        if not (folder / f"{BASE}.cedar").exists():
            return policies.load(folder)
        own = folder / "schema.cedarschema"
        return PolicySources(
            schema=own.read_text(encoding="utf-8") if own.exists() else policies.load().schema,
            policies={path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.cedar"))},
        )
    except (PackError, OSError, UnicodeDecodeError) as error:
        fail(str(error))


def parties_of(registry: Registry, destination: Destination, today: date) -> tuple[Party, ...]:
    """Return who has the request in its hands; leave when the registry does not say who the provider is."""
    try:
        return exposing.parties_of(registry, destination, today)
    except LookupError as error:
        fail(str(error), 1)


def perimeters_of(registry: Registry, today: date) -> Perimeters:
    """Return the countries that count on a day."""
    return Perimeters(
        eea=EEA30,
        adequate=frozenset(
            row.country
            for row in registry.adequacy
            if good(row.source)
            and not row.condition
            and row.valid_from <= today
            and (row.valid_until is None or today < row.valid_until)
        ),
    )


def engine_of(
    sources: PolicySources, destinations: Mapping[DestinationId, Destination], places: Mapping[str, Place], today: date
) -> Engine:
    """Compile rules over the facts of a day, or leave with what is wrong."""
    try:
        return engine_over(sources, destinations, places, today)
    except (RuleRefused, ValueError) as error:
        fail(str(error))
