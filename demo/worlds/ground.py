"""A world's folder and settings: which simulators stand where, and the file that Ecluse is started with.

Law: every destination of a world is a simulator, and Ecluse marks it as such; a credential here opens a simulator on
loopback and nothing else.
"""

import hashlib
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from demo.world import DATE, ROOT, Stand, quoted
from demo.worlds.play import Play, play, settings
from ecluse.domain.destination import Destination, DestinationId, OperatedBy
from ecluse.edge.config import Settings
from ecluse.edge.keys import state as where
from ecluse.packs import registry
from simulators.providers import KINDS

FOLDER = ROOT / ".ecluse" / "worlds"
NOMINAL = "http://127.0.0.1:1"
"""Stands for the simulators' addresses while the month is written: it opens no port."""
RUN_ONESELF = "vllm"
REGIONS = {"azure/global/mistral-large-3": "eastus2", "azure/data-zone-eu/gpt-5.4": "swedencentral"}


@dataclass(frozen=True)
class World:
    """One world in its folder."""

    name: str
    folder: Path

    @cached_property
    def play(self) -> Play:
        """What the world is made of."""
        return play(self.name)

    @cached_property
    def stands(self) -> tuple[Stand, ...]:
        """The simulators, in the owner's order."""
        known = registry.load().destinations
        return tuple(_stand(known[DestinationId(name)]) for name in self.play.stands)

    @property
    def state(self) -> Path:
        """Where Ecluse keeps the trail and the keys."""
        return self.folder / "state"

    @property
    def file(self) -> Path:
        """Ecluse's settings file."""
        return self.folder / "ecluse.toml"

    @property
    def authority(self) -> Path:
        """The private certificate authority, in a world that has one."""
        return self.folder / "private-ca.pem"

    def wipe(self) -> None:
        """Begin with an empty folder, the secrets in it that a world of this name always has."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.state.mkdir(mode=0o700, parents=True)
        (self.folder / "journals").mkdir()
        path = where.secrets(self.state)
        path.touch(mode=0o600)
        lines = ["version = 1", f"origin = {quoted(f'demo.ecluse.example/{self.name}')}"]
        lines += [f"{use} = {quoted(self._drawn(use))}" for use in ("pepper", "masking", "signing")]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        for stand in self.stands:
            self._credential(stand).write_text(stand.key + "\n", encoding="ascii")

    def _drawn(self, use: str) -> str:
        """Return a secret of the demo's: the same each time, so that it protects nothing but a demo."""
        return hashlib.sha256(f"ecluse demo {self.name} {use}".encode()).hexdigest()

    def _credential(self, stand: Stand) -> Path:
        return self.folder / f"{stand.name}.key"

    def seeded(self) -> Settings:
        """Return the settings under which the month is written: no address or folder of this machine is in them."""
        text = self._text(dict.fromkeys((stand.name for stand in self.stands), ""), "state", "", port=None)
        return msgspec.convert(tomllib.loads(text), Settings)

    def settle(self, addresses: Mapping[str, str], console: int, witness: str = "") -> None:
        """Write the settings file."""
        folder = str(self.folder)
        text = self._text(addresses, str(self.state), folder, port=console)
        self.file.write_text(text + witness, encoding="utf-8")

    def _text(self, addresses: Mapping[str, str], state: str, folder: str, *, port: int | None) -> str:
        lines = [
            "# Written by `ecluse demo`. Every destination is a simulator on this machine.",
            "[gateway]",
            'hosted_on = "own_premises"',
            'country = "FR"',
            f"state_dir = {quoted(state)}",
            f"unsafe_pinned_date = {DATE}",
            "",
            "[console]",
            f"contact = {quoted(self.play.contact)}",
            *([f"port = {port}"] if port else []),
            "",
            "[destinations]",
            f"order = [{', '.join(quoted(stand.destination) for stand in self.stands)}]",
            "[destinations.credentials]",
            *(f"{quoted(one.destination)} = {quoted(f'file:{folder}/{one.name}.key')}" for one in self.stands),
            "[unsafe_simulators]",
            *(f"{quoted(one.destination)} = {quoted(_address(one, addresses))}" for one in self.stands),
        ]
        return "\n".join(lines) + "\n\n" + settings(self.name).replace("@folder@", folder)


def _address(stand: Stand, addresses: Mapping[str, str]) -> str:
    return addresses[stand.name] or NOMINAL + KINDS[stand.kind].base


def _stand(known: Destination) -> Stand:
    own = known.operated_by is OperatedBy.CALLER
    kind = RUN_ONESELF if own else str(known.provider)
    return Stand(
        destination=known.id,
        words=known.id,
        kind=kind,
        model=known.wire_model,
        region=REGIONS.get(known.id, ""),
    )


def path_of(base_url: str, path: str) -> str:
    """Return the target of a call, as a server reads it."""
    return urlsplit(base_url).path.rstrip("/") + path
