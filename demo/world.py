"""The demo's world: its destinations, its settings file, its folder.

Law: the date is pinned and shown; one destination is a real model, every other one is a simulator and is called so.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from demo.scenes import ORGANISATIONS

DATE = "2026-11-24"
ROOT = Path(__file__).parents[1]
OWN_PREMISES = "own_premises"
LOCAL = "self_hosted/own_premises/smollm2-135m"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A simulator that stands in for a destination: what it is in words, which kind of provider, which model name."""

    destination: str
    words: str
    kind: str
    model: str
    region: str = ""

    @property
    def name(self) -> str:
        """The simulator's name."""
        return self.destination.replace("/", "_")

    @property
    def key(self) -> str:
        """The key that it takes. Not a secret: it opens a simulator on loopback."""
        return f"demo-key-of-{self.name}"

    @property
    def variable(self) -> str:
        """The environment variable in which Ecluse finds that key."""
        return "ECLUSE_DEMO_KEY_" + "".join(c if c.isalnum() else "_" for c in self.name).upper()

    def plan(self) -> dict[str, object]:
        """Write what `python -m simulators` needs to know."""
        return {
            "name": self.name,
            "kind": self.kind,
            "key": self.key,
            "models": [self.model],
            "region": self.region,
        }


STANDS = (
    Stand(
        destination="scaleway/generative-apis/mistral-medium-3.5",
        words="Scaleway Generative APIs, Paris",
        kind="scaleway",
        model="mistral-medium-3.5-128b",
    ),
    Stand(
        destination="ovhcloud/ai-endpoints/gpt-oss-120b",
        words="OVHcloud AI Endpoints, Gravelines",
        kind="ovhcloud",
        model="gpt-oss-120b",
    ),
    Stand(
        destination="mistral/eu/mistral-medium-3.5",
        words="Mistral, EU and EFTA endpoint",
        kind="mistral",
        model="mistral-medium-3-5",
    ),
    Stand(
        destination="mistral/global/mistral-large-3",
        words="Mistral, global endpoint",
        kind="mistral",
        model="mistral-large-2512",
    ),
    Stand(
        destination="azure/data-zone-eu/gpt-5.4",
        words="Azure, EU data zone",
        kind="azure",
        model="gpt-5.4",
        region="swedencentral",
    ),
    Stand(
        destination="azure/global/mistral-large-3",
        words="Azure, global",
        kind="azure",
        model="Mistral-Large-3",
        region="eastus2",
    ),
    Stand(
        destination="ovhcloud/own-vm-snc/mistral-small-4",
        words="Own VM on OVHcloud SNC Cloud Platform",
        kind="vllm",
        model="mistral-small-4",
    ),
)
LOCAL_WORDS = "Own premises, real model"
WORDS: Mapping[str, str] = {**{stand.destination: stand.words for stand in STANDS}, LOCAL: LOCAL_WORDS}
ORDER = (*(stand.destination for stand in STANDS), LOCAL)
"""The owner's written order: what breaks a tie, and nothing else does."""
SIMULATORS: Mapping[str, str] = {stand.destination: stand.name for stand in STANDS}


@dataclass(frozen=True, slots=True)
class World:
    """The demo's folder."""

    folder: Path

    @property
    def settings(self) -> Path:
        """Ecluse's settings file."""
        return self.folder / "ecluse.toml"

    @property
    def state(self) -> Path:
        """Where Ecluse keeps its trail and keys."""
        return self.folder / "state"

    @property
    def journals(self) -> Path:
        """Where the simulators write what they saw."""
        return self.folder / "journals"

    @property
    def plans(self) -> Path:
        """Which simulators there are."""
        return self.folder / "plans.json"

    def journal(self, destination: str) -> Path:
        """Return the journal of a simulated destination."""
        return self.journals / f"{SIMULATORS[destination]}.jsonl"

    def wipe(self) -> None:
        """Begin with an empty folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.journals.mkdir(parents=True)
        self.plans.write_text(json.dumps([stand.plan() for stand in STANDS]))

    def settle(self, addresses: Mapping[str, str], model: str, *, hosted_on: str = OWN_PREMISES) -> None:
        """Write the settings file that Ecluse runs on."""
        self.write(self.settings, addresses, model, hosted_on=hosted_on)

    def write(
        self,
        file: Path,
        addresses: Mapping[str, str],
        model: str,
        *,
        hosted_on: str = OWN_PREMISES,
        mode: tuple[str, str, str] | None = None,
    ) -> None:
        """Write a settings file: where things are, then who the callers are, one rule of one in another `mode`."""
        callers = ORGANISATIONS.read_text(encoding="utf-8")
        if mode:
            organisation, rule, wanted = mode
            line = f"id = {quoted(organisation)}\n"
            callers = callers.replace(line, f"{line}modes = {{ {quoted(rule)} = {quoted(wanted)} }}\n", 1)
        file.write_text(head(self, addresses, model, hosted_on) + "\n" + callers, encoding="utf-8")


def head(world: World, addresses: Mapping[str, str], model: str, hosted_on: str) -> str:
    """Write the head of a settings file."""
    lines = [
        "# Written by the demo.",
        "[gateway]",
        f"hosted_on = {quoted(hosted_on)}",
        'country = "FR"',
        f"state_dir = {quoted(str(world.state))}",
        f"unsafe_pinned_date = {DATE}",
        "",
        "[classification.files]",
        "as_text = true",
        "[destinations]",
        f"order = [{', '.join(quoted(name) for name in ORDER)}]",
        "[destinations.base_urls]",
        f"{quoted(LOCAL)} = {quoted(model + '/v1')}",
        "[destinations.credentials]",
        *(f"{quoted(stand.destination)} = {quoted('env:' + stand.variable)}" for stand in STANDS),
        "[unsafe_simulators]",
        *(f"{quoted(stand.destination)} = {quoted(addresses[stand.name])}" for stand in STANDS),
    ]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """Write a TOML string; JSON's form of one is the same."""
    return json.dumps(text, ensure_ascii=False)


def environment() -> dict[str, str]:
    """Return the simulators' keys, as Ecluse's environment."""
    return {stand.variable: stand.key for stand in STANDS}
