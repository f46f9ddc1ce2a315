"""A gateway before the local model alone: no simulator, the server that the demo runs on this machine."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tests.edge.gateway import OWN, Gateway

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class _Server:
    """What the gateway is told of a server: the real one takes any key."""

    base_url: str
    key: str = "none"


@contextmanager
def model() -> Iterator[str]:
    """Run the model until the block ends; give its address."""
    words = [sys.executable, "-m", "simulators.model", "--parent-pid", str(os.getpid())]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            yield str(json.loads(child.stdout.readline())["address"])
        finally:
            child.terminate()


@contextmanager
def before_the_model(folder: Path) -> Iterator[Gateway]:
    """Run a gateway before it until the block ends."""
    with model() as address:
        fleet = cast("Any", {OWN: _Server(f"{address}/v1")})
        made = Gateway(folder=folder, fleet=fleet, order=(OWN,))
        made.start()
        try:
            yield made
        finally:
            made.stop()
