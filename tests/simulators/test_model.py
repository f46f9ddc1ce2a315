"""The real local model answers, through a simulator too, and ends with its parent."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from openai import OpenAI

from simulators.brain import LocalModel
from simulators.fleet import running
from simulators.simulator import Plan
from tests.simulators.conftest import MODEL

ROOT = Path(__file__).parents[2]
CAPITAL = "Which city is the capital of France?"


@pytest.fixture(scope="module")
def model() -> Iterator[str]:
    """Run the model; give its address."""
    command = [sys.executable, "-m", "simulators.model", "--parent-pid", str(os.getpid())]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        yield json.loads(child.stdout.readline())["address"]
        child.terminate()


def test_the_model_answers_by_itself_and_behind_a_provider(model: str) -> None:
    plan = Plan(name="mistral", kind="mistral", key="key", models=frozenset({MODEL}))
    with (
        running([plan], LocalModel(model)) as fleet,
        OpenAI(
            base_url=fleet["mistral"].base_url,
            api_key="key",
            max_retries=0,
            http_client=httpx2.Client(trust_env=False),
        ) as client,
    ):
        stream = client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": CAPITAL}], max_tokens=12, stream=True
        )
        behind = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    with OpenAI(
        base_url=f"{model}/v1", api_key="none", max_retries=0, http_client=httpx2.Client(trust_env=False)
    ) as client:
        itself = client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": CAPITAL}], max_tokens=12
        )
        vector = client.embeddings.create(model=MODEL, input="lock", encoding_format="float").data[0].embedding
    assert behind == itself.choices[0].message.content
    assert "Paris" in behind
    assert len(vector) == 576


def test_the_model_ends_with_its_parent() -> None:
    script = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-m', 'simulators.model', '--parent-pid', str(os.getpid())],\n"
        "                         stdout=subprocess.PIPE, text=True)\n"
        "print(child.pid, child.stdout.readline(), flush=True)\n"
        "os._exit(0)\n"
    )
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    pid, ready = told.stdout.split(" ", 1)
    address = json.loads(ready)["address"]
    with httpx2.Client(trust_env=False, base_url=address) as client:
        for _ in range(100):
            try:
                client.get("/health", timeout=0.1)
            except httpx2.TransportError:
                break
    with pytest.raises(ProcessLookupError):
        _gone(int(pid))


def _gone(pid: int) -> None:
    """Raise ProcessLookupError once the process is no more; wait a little for it."""
    for _ in range(1000):
        os.kill(pid, 0)
        with Path(f"/proc/{pid}/stat").open() as stat:
            if stat.read().rsplit(")", 1)[1].split()[0] == "Z":
                raise ProcessLookupError
