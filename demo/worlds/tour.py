"""Writes the tour of a world: numbered steps, each an address or a command, in French and in English.

Law: it says what the world holds; the tests hold each step against it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from demo.worlds.ground import World
from demo.worlds.play import Step

OF_STATE = frozenset({"usage", "trail", "drill"})
OF_SETTINGS = frozenset({"drill", "contests", "exceptions", "incident", "doctor"})
"""Commands that take the state directory, and those that take the settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the parts of a running world are."""

    gateway: str
    console: str
    entrance: str
    witness: str = ""


def command_of(world: World, step: Step) -> str:
    """Return a step's command, as it is typed."""
    return " ".join(("ecluse", *arguments_of(world, step)))


def arguments_of(world: World, step: Step) -> list[str]:
    """Return the words of a step's command after `ecluse`."""
    words = step.command.split()
    if words[0] in OF_STATE:
        words += ["--state-dir", _short(world.state)]
    if words[0] in OF_SETTINGS:
        words += ["--config", _short(world.file)]
    return words


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def tour(world: World, places: Places, keys: Mapping[str, str]) -> Iterator[str]:
    """Iterate over the lines."""
    play = world.play
    yield from ("", play.title.fr, play.title.en, "", play.about.fr, play.about.en, "")
    yield "SIMULÉ : chaque prestataire est un simulateur, ici même ; les décisions sont celles des règles livrées."
    yield "SIMULATED: every provider is a simulator on this machine; the decisions are those of the shipped rules."
    yield ""
    yield f"Console (ouvre une fois / opens once): {places.entrance}"
    yield f"API: {places.gateway}/v1"
    if places.witness:
        yield f"Témoin / witness: {places.witness}"
    for number, step in enumerate(play.tour, start=1):
        yield ""
        yield f"{number}. {step.says.fr}"
        yield f"   {step.says.en}"
        if step.page:
            yield f"   {places.console}{step.page}"
        if step.command:
            yield f"   {command_of(world, step)}"
    yield ""
    yield "Clés / keys:"
    yield from (f"   {application:<24} {key}" for application, key in keys.items())
    yield ""
    yield "Ctrl-C arrête tout / stops everything."
