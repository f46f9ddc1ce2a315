"""Simulators as a child process: they obey, they answer for every command, and they end with their parent's pipe."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from simulators.journal import read

ROOT = Path(__file__).parents[2]
PLANS = [{"name": "one", "kind": "vllm", "key": "key", "models": ["m"]}]
BODY = {"model": "m", "messages": [{"role": "user", "content": "Hello."}]}


class Child:
    def __init__(self, folder: Path) -> None:
        (folder / "plans.json").write_text(json.dumps(PLANS))
        command = ["-m", "simulators", "--plans", str(folder / "plans.json"), "--journals", str(folder)]
        self.process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.address = self._line()["one"]

    def _line(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def tell(self, line: str) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self._line()


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    made = Child(tmp_path)
    with made.process:
        yield made


def test_a_child_obeys_and_ends_when_its_input_closes(child: Child, tmp_path: Path, http: httpx2.Client) -> None:
    address, headers = f"{child.address}/chat/completions", {"authorization": "Bearer key"}
    assert http.post(address, headers=headers, json=BODY).status_code == 200
    assert child.tell('{"do": "fault", "name": "one", "fault": {"kind": "status", "status": 503}}') == {"done": True}
    assert http.post(address, headers=headers, json=BODY).status_code == 503
    assert child.tell('{"do": "fault", "name": "one"}') == {"done": True}
    assert child.tell('{"do": "down", "name": "one"}') == {"done": True}
    with pytest.raises(httpx2.TransportError):
        http.post(address, headers=headers, json=BODY)
    assert child.tell('{"do": "up", "name": "one"}') == {"done": True}
    assert http.post(address, headers=headers, json=BODY).status_code == 200
    assert child.process.stdin is not None
    child.process.stdin.close()
    assert child.process.wait(10) == 0
    assert len([line for line in read(tmp_path / "one.jsonl") if line["event"] == "request"]) == 3


def test_a_child_refuses_what_is_no_command(child: Child) -> None:
    for line in ("{", '{"do": "explode", "name": "one"}', '{"do": "up", "name": "two"}', '{"do": "up"}'):
        answer = child.tell(line)
        assert (answer["done"], bool(answer["why"])) == (False, True)
