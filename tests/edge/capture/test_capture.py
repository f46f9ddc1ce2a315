"""Contents at a real gateway: off unless asked for, never what must not be kept, read only once the trail says so."""

import json
import secrets
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from simulators.brain import Canned
from tests.edge.gateway import OWN, Gateway, gateway

ANSWER = "A lock raises boats."
WHO = ("--by", "dpo", "--reason", "CASE-7")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("capture")
    key = folder / "region.key"
    key.write_text(secrets.token_hex(32), encoding="utf-8")
    extra = f'[capture.region]\nkey = "file:{key}"\ndays = 30\n'
    with gateway(folder, (OWN,), extra=extra, brain=Canned(text=ANSWER)) as found:
        yield found


def ask(made: Gateway, text: str, *, stream: bool = False) -> str:
    """Ask; return the id of the entry."""
    answer = httpx2.post(
        f"{made.url}/v1/chat/completions",
        json={"model": "auto", "stream": stream, "messages": [{"role": "user", "content": text}]},
        headers={"authorization": f"Bearer {made.key('mail')}"},
        trust_env=False,
        timeout=20,
    )
    assert answer.status_code == 200, answer.text
    return answer.headers["x-ecluse-entry"]


def command(made: Gateway, *words: str) -> Any:
    return made.command("capture", *words, "--config", str(made.folder / "ecluse.toml"))


def read(made: Gateway, entry: str) -> Any:
    """Read what is kept of an entry, when it comes to be kept."""
    for _ in range(20):
        done = command(made, "read", entry, *WHO, "--json")
        if done.returncode == 0:
            return json.loads(done.stdout)
        time.sleep(0.2)
    raise AssertionError(done.stderr + made.log)


def last(made: Gateway) -> Any:
    told = made.command("trail", "show", "--last", "1", "--state-dir", str(made.state), "--json")
    return json.loads(told.stdout)[0]


@pytest.mark.long
def test_a_prompt_and_its_answer_are_read_while_the_gateway_serves_and_the_trail_says_who_and_why(
    made: Gateway,
) -> None:
    entry = ask(made, "What does a lock do?")
    content = read(made, entry)
    assert "What does a lock do?" in content["prompt"]
    assert (content["withheld"], ANSWER in content["answer"]) == ("", True)
    told = last(made)["body"]
    assert (told["action"], told["actor"], told["subject"]) == ("capture_read", "dpo", entry)
    assert told["facts"] == {"why": "CASE-7", "organisation": "region"}


@pytest.mark.long
def test_a_stream_is_kept_and_shredded_and_a_stopped_gateway_is_read_as_well(made: Gateway) -> None:
    entry = ask(made, "What does a lock do?", stream=True)
    assert "data:" in read(made, entry)["answer"]
    made.stop()
    try:
        assert read(made, entry)["withheld"] == ""
        assert command(made, "read", entry, "--by", "Jeanne Martin", "--reason", "x").returncode == 2
        assert json.loads(command(made, "shred", entry, *WHO, "--json").stdout) == {"shredded": 1}
        assert last(made)["body"]["action"] == "capture_shredded"
        assert command(made, "read", entry, *WHO).returncode == 1
        assert last(made)["body"]["action"] == "capture_shredded"
    finally:
        made.start()
