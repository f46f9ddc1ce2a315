"""Starts everything that the demo and `make serve` stand on, in the right order.

Law: what is started here is ended by `Children`; a gateway is ready when it says so itself.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import msgspec

from demo.children import Child, ChildError, Children, free_port, ready, run
from demo.show import Stage
from demo.world import World, environment


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What runs: the model and the simulators, by address."""

    model: str
    seconds: float
    """That the model took to load."""
    simulators: Child
    addresses: Mapping[str, str]


def open_house(world: World, children: Children, stage: Stage) -> House:
    """Start the model, then the simulators before it."""
    stage.step("loading the local model (SmolLM2-135M under llama.cpp, one thread)")
    told = children.start("model", "simulators.model", "--parent-pid", str(os.getpid())).first_line()
    stage.step("starting the simulated providers")
    simulators = children.start(
        "simulators",
        "simulators",
        "--plans",
        str(world.plans),
        "--journals",
        str(world.journals),
        "--model",
        told["address"],
    )
    return House(
        model=told["address"],
        seconds=told["seconds"],
        simulators=simulators,
        addresses=simulators.first_line(),
    )


def make_keys(world: World, applications: list[str]) -> dict[str, str]:
    """Make one API key for each application, by Ecluse's own command."""
    return {application: _key(world, application) for application in applications}


def _key(world: World, application: str) -> str:
    done = run("ecluse", ["keys", "create", "--application", application, "--state-dir", str(world.state), "--json"])
    if done.returncode:
        raise ChildError(f"ecluse keys create: {done.stderr.strip()}")
    told: dict[str, Any] = msgspec.json.decode(done.stdout)
    return str(told["key"])


def open_gateway(world: World, children: Children, port: int | None = None) -> tuple[Child, str]:
    """Start Ecluse on the world's settings and wait until it is ready; return it and its address."""
    port = port or free_port()
    base = f"http://127.0.0.1:{port}"
    child = children.start(
        "ecluse",
        "ecluse",
        "serve",
        "--config",
        str(world.settings),
        "--port",
        str(port),
        talks=False,
        environment=environment(),
    )
    with httpx2.Client(trust_env=False) as client:
        ready(child, client, base)
    return child, base


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the demo's folder: two demos at once would wipe each other's."""
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ChildError("another one is running in this checkout; wait for it or stop it") from None
        yield
