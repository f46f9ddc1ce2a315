"""A real gateway for tests: `ecluse serve` in a process of its own, before simulators that run beside the test."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from openai import OpenAI

from ecluse.domain.caller import ApplicationId
from ecluse.domain.destination import DestinationId, OperatedBy
from ecluse.edge.clock import SystemClock
from ecluse.edge.key_changes import AnnouncedKeys
from ecluse.edge.keys import Secrets
from ecluse.packs.registry import load
from simulators.brain import Brain
from simulators.fleet import Running, running
from simulators.providers import KINDS as SIMULATED
from simulators.simulator import Plan

PATIENCE = 120
"""Seconds to wait for a start: a busy machine is no failure."""
SCALEWAY = "scaleway/generative-apis/mistral-medium-3.5"
AZURE = "azure/global/gpt-5.4"
CLAUDE = "anthropic/api/claude-sonnet-4.6"
BEDROCK = "aws/us-east-1-converse/mistral-large-3"
OLLAMA = "self_hosted/ollama/smollm2-135m"
OWN = "self_hosted/own_premises/smollm2-135m"
GPT_CHAT = "openai/eu/gpt-5.4"
GPT = "openai/global/gpt-5.4"
CODESTRAL = "mistral/global/codestral-25.08"
MODERATION = "mistral/global/mistral-moderation-26.03"
OCR = "mistral/global/mistral-ocr"
SMALL = "self_hosted/own_premises/mistral-small-3.2"
RERANKER = "self_hosted/own_premises/bge-reranker-v2-m3"
WHISPER = "self_hosted/own_premises/whisper-large-v3"
TTS = "self_hosted/own_premises/voxtral-tts-26.03"
KINDS: Mapping[str, str] = {
    SCALEWAY: "scaleway",
    AZURE: "azure",
    CLAUDE: "anthropic",
    BEDROCK: "bedrock",
    OLLAMA: "ollama",
    OWN: "vllm",
    **dict.fromkeys((GPT_CHAT, GPT), "openai"),
    **dict.fromkeys((CODESTRAL, MODERATION, OCR), "mistral"),
    **dict.fromkeys((SMALL, RERANKER, WHISPER, TTS), "vllm"),
}
"""Which simulator stands for which destination; of any other, its dialect and its provider say."""
OF_DIALECTS: Mapping[str, str] = {
    "anthropic_messages": "anthropic",
    "azure_openai": "azure",
    "bedrock_converse": "bedrock",
    "mistral_chat": "mistral",
    "ollama_chat": "ollama",
    "openai_responses": "openai",
}
PAIR = "AKIA" + "SIMULATED0000000:simulated/secret+of0/a1/pair"
"""What signs calls of Bedrock."""
REGISTRY = load()
APPLICATIONS = """
[[organisations]]
id = "region"
name = "A region"
kind = "local_authority"
contracts = ["scaleway", "azure", "mistral", "ovhcloud", "anthropic", "aws"]

[[organisations.applications]]
id = "mail"
name = "Letters"
purposes = ["drafting", "summaries"]
analyses = [
  { kind = "register_entry", reference = "REG-1" },
  { kind = "masking_assessment", reference = "MASK-1" },
]

[[organisations.applications]]
id = "crisis"
name = "Declared as professional secret"
purposes = ["drafting"]
declared = ["professional_secret"]
analyses = [{ kind = "register_entry", reference = "REG-2" }]

[[organisations.applications]]
id = "audit"
name = "Reads the trail"
purposes = ["audit"]
"""

HOUSE_RULE = """
@id("house_rules.nothing")
@reason("Nothing leaves this house.")
@reason_fr("Rien ne quitte cette maison.")
@source("A test")
@basis("house")
@mode("enforce")
@opt_in("true")
forbid (principal, action in [Action::"infer", Action::"embed"], resource);
"""
"""A pack of one's own that refuses everything to whoever has it."""

OTHER = """
[[organisations]]
id = "town"
name = "A town"
kind = "local_authority"
contracts = ["scaleway", "azure", "mistral", "ovhcloud", "anthropic"]

[[organisations.applications]]
id = "letters"
name = "Letters of the town"
purposes = ["drafting"]
analyses = [
  { kind = "register_entry", reference = "REG-9" },
  { kind = "masking_assessment", reference = "MASK-9" },
]
"""
"""Another organisation, for what must not pass between two."""

T = TypeVar("T")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def plans(names: Sequence[str]) -> list[Plan]:
    return [
        Plan(
            name=name,
            kind=kind_of(name),
            key=PAIR if kind_of(name) == "bedrock" else f"key-{i}",
            models=frozenset(wire_models(name)),
        )
        for i, name in enumerate(names)
    ]


def kind_of(name: str) -> str:
    """Return the kind of simulator that stands for a destination."""
    if name in KINDS:
        return KINDS[name]
    destination = REGISTRY.destinations[DestinationId(name)]
    if destination.operated_by is OperatedBy.CALLER and destination.dialect == "openai_chat":
        return "vllm"
    provider = str(destination.provider)
    if destination.dialect == "openai_chat":
        return provider if provider in SIMULATED else "openai_like"
    return OF_DIALECTS.get(destination.dialect, destination.dialect)


def wire_models(name: str) -> list[str]:
    return [REGISTRY.destinations[DestinationId(name)].wire_model]


@dataclass
class Gateway:
    """One gateway before its simulators."""

    folder: Path
    fleet: Running
    order: Sequence[str]
    extra: str = ""
    trail: str = '[trail]\nreaders = ["audit"]'
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    caller: httpx2.Client = field(default_factory=lambda: httpx2.Client(trust_env=False, timeout=20))
    """For tests that call often: a client made for each call costs more than the call."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def write(self) -> Path:
        own = [name for name in self.order if name.startswith("self_hosted/")]
        simulated = [name for name in self.order if name not in own]
        keys = {name: f"SIMULATOR_KEY_{i}" for i, name in enumerate(self.order)}
        lines = [
            "[gateway]",
            'hosted_on = "own_premises"',
            'country = "FR"',
            f"state_dir = {json.dumps(str(self.state))}",
            "unsafe_pinned_date = 2026-11-24",
            "[destinations]",
            f"order = {json.dumps(list(self.order))}",
            "[destinations.credentials]",
            *(f"{json.dumps(name)} = {json.dumps('env:' + key)}" for name, key in keys.items()),
            "[destinations.base_urls]",
            *(f"{json.dumps(name)} = {json.dumps(self.fleet[name].base_url)}" for name in own),
            "[unsafe_simulators]",
            *(f"{json.dumps(name)} = {json.dumps(self.fleet[name].base_url)}" for name in simulated),
            APPLICATIONS,
            self.trail,
            self.extra,
        ]
        path = self.folder / "ecluse.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    @property
    def environment(self) -> dict[str, str]:
        keys = {f"SIMULATOR_KEY_{i}": self.fleet[name].key for i, name in enumerate(self.order)}
        return {**os.environ, **keys, "HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}

    def start(self) -> None:
        config = self.write()
        with (self.folder / "stderr.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.words(config),
                env=self.environment,
                stderr=log,
            )
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the gateway did not start: {self.log}")
            if self._ready():
                return
            time.sleep(0.05)
        self.process.kill()
        self.process.wait()
        raise AssertionError(f"the gateway was not ready in {PATIENCE} seconds: {self.log}")

    def words(self, config: Path) -> list[str]:
        """Return the command that serves."""
        return [sys.executable, "-m", "ecluse", "serve", "--config", str(config), "--port", str(self.port)]

    def _ready(self) -> bool:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=2)) as asked:  # a client costs 20 ms
            try:
                asked.request("GET", "/ready")
                return asked.getresponse().status == 200
            except (OSError, HTTPException):
                return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(timeout=30)
            finally:
                self.process.kill()
        self.process = None

    @property
    def log(self) -> str:
        return (self.folder / "stderr.log").read_text(encoding="utf-8")

    def key(self, application: str) -> str:
        """Make a key as the command does, without a process of its own: a start takes longer than most tests."""
        own, now = Secrets.open(self.state), SystemClock()
        _, secret = AnnouncedKeys(self.state, own, now, "command_line").create(
            ApplicationId(application), now.now(), None
        )
        return secret.reveal()

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ecluse", *words],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=self.environment,
        )

    def client(self, key: str, **options: object) -> OpenAI:
        return OpenAI(
            base_url=f"{self.url}/v1",
            api_key=key,
            max_retries=0,
            http_client=httpx2.Client(trust_env=False, timeout=20.0),
            **options,  # type: ignore[arg-type] # the client's own words
        )


def run(play: Coroutine[Any, Any, T]) -> T:
    """Run a play to its end, and the loop a turn longer: there, closed transports let go of their sockets."""

    async def whole() -> T:
        try:
            return await play
        finally:
            await asyncio.sleep(0.01)

    return asyncio.run(whole())


@contextmanager
def gateway(
    folder: Path,
    order: Sequence[str] = (SCALEWAY, AZURE, OWN),
    extra: str = "",
    brain: Brain | None = None,
    kind: type[Gateway] = Gateway,
) -> Iterator[Gateway]:
    """Run a gateway until the block ends."""
    with running(plans(order), brain) as fleet:
        made = kind(folder=folder, fleet=fleet, order=order, extra=extra)
        made.start()
        try:
            yield made
        finally:
            made.caller.close()
            made.stop()
