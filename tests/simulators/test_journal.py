"""Every connection and request is written down, and silence can be shown."""

import json
import socket
from pathlib import Path

import httpx2

from simulators.fleet import Running, running
from simulators.journal import read
from simulators.simulator import Plan
from tests.simulators.conftest import MODEL, Connect

PLAN = Plan(name="one", kind="openai_like", key="s3cret", models=frozenset({MODEL}))


def test_a_connection_shows_even_when_nothing_is_asked(fleet: Running) -> None:
    before = len(fleet["vllm"].lines("connection"))
    with socket.create_connection(("127.0.0.1", fleet["vllm"].port), timeout=5) as link:
        link.shutdown(socket.SHUT_WR)
        link.recv(1)
    assert len(fleet["vllm"].lines("connection")) == before + 1


def test_a_simulator_that_nobody_called_has_only_opened_its_door(tmp_path: Path) -> None:
    with running([PLAN], journals=tmp_path):
        pass
    assert [line["event"] for line in read(tmp_path / "one.jsonl")] == ["listening", "closed_door"]


def test_a_request_is_written_with_its_attempt_and_body_but_without_the_key(
    tmp_path: Path, http: httpx2.Client
) -> None:
    with running([PLAN], journals=tmp_path) as fleet:
        http.post(
            fleet["one"].base_url + "/chat/completions",
            headers={"authorization": "Bearer s3cret", "x-request-id": "0123", "connection": "close"},
            json={"model": MODEL, "messages": [{"role": "user", "content": "Le canari est là."}]},
        )
    lines = read(tmp_path / "one.jsonl")
    (request,) = [line for line in lines if line["event"] == "request"]
    assert (request["attempt"], request["method"], request["path"]) == ("0123", "POST", "/v1/chat/completions")
    assert json.loads(str(request["body"]))["messages"][0]["content"] == "Le canari est là."
    assert "s3cret" not in (tmp_path / "one.jsonl").read_text()
    assert [line["event"] for line in lines][1:5] == ["connection", "request", "said", "answer"]


def test_what_was_said_is_written_before_the_answer_is_whole(connect: Connect, fleet: Running) -> None:
    connect("vllm").chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Hello."}])
    assert fleet["vllm"].lines("said")[-1]["text"] == "This is a canned answer of a simulator."


def test_a_journal_that_was_never_written_has_no_line(tmp_path: Path) -> None:
    assert read(tmp_path / "none.jsonl") == ()
