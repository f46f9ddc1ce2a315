"""What a world is made of, read from its folder: settings as Ecluse reads them, traffic, what broke, and the tour.

Law: a world's folder has no verdict in it; a name that the settings do not know is an error.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

HERE = Path(__file__).parent
NAMES = ("dpo", "rssi", "collectivite", "banque")

Name = Literal["dpo", "rssi", "collectivite", "banque"]


class Told(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A sentence in both languages."""

    fr: str
    en: str


class Traffic(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Calls of one application that resemble each other. `weight` is its share, `least` how many there are at least.

    `shape` is how the text is sent: a chat, a letter scanned as an image, or a file that a coding agent read.
    """

    application: str
    texts: list[str]
    weight: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    least: Annotated[int, msgspec.Meta(ge=0)] = 0
    model: str = "auto"
    shape: Literal["chat", "scan", "agent"] = "chat"
    system: str = ""
    streamed: bool = False
    sensitivity: list[str] = []
    first: date | None = None
    last: date | None = None
    at_night: bool = False


class Outage(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A destination that does not answer from one moment to another (UTC)."""

    destination: str
    begins: datetime
    ends: datetime


class Slip(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A rule that somebody put in another mode from one moment to another (UTC), and then back."""

    organisation: str
    rule: str
    mode: Literal["observe", "warn", "enforce"]
    begins: datetime
    ends: datetime


class Contested(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A finding that somebody contests when the month is over, and that waits for another person."""

    application: str
    text: str
    reason: str
    by: str
    role: str


class Step(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One step of the tour: an address in the console, a command, or both, and what one sees there."""

    says: Told
    page: str = ""
    command: str = ""
    code: int = 0
    """The exit code that the command has in this world."""


class Play(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A world. `stands` are the destinations in the owner's order, each of them simulated."""

    title: Told
    about: Told
    contact: str
    stands: list[str]
    traffic: list[Traffic]
    tour: list[Step]
    outages: list[Outage] = []
    slips: list[Slip] = []
    contests: list[Contested] = []
    witness: bool = False
    private_ca: bool = False


def play(name: str) -> Play:
    """Read a world's play. Raises ValueError naming what is wrong."""
    return msgspec.toml.decode((HERE / name / "play.toml").read_bytes(), type=Play)


def settings(name: str) -> str:
    """Read a world's settings: everything but addresses and folders, which the demo knows."""
    return (HERE / name / "settings.toml").read_text(encoding="utf-8")


def words() -> dict[str, Any]:
    """Read the invented names that texts are filled with."""
    read: dict[str, Any] = msgspec.toml.decode((HERE / "words.toml").read_bytes())
    return read
