"""The Presidio guardrail of a real LiteLLM proxy, pointed at `ecluse presidio`; run where `litellm` is on the path."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("litellm") is None, reason="no litellm (with its proxy) is on the path"),
]
KEY = "sk-" + "7f3b9a1c5d2e8f60a4b1c9d3e7"
TEXT = "Mme Marie Curie (marie@labo.fr), IBAN FR7630004008210001234567849"


class Upstream(BaseHTTPRequestHandler):
    """A model that repeats what it is told."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        said = asked["messages"][-1]["content"]
        SEEN.append(said)
        message = {"role": "assistant", "content": said}
        body = json.dumps(
            {
                "id": "a",
                "object": "chat.completion",
                "created": 1,
                "model": "m",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
            }
        ).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_told: object) -> None:
        """Say nothing."""


SEEN: list[str] = []


def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


@contextmanager
def running(command: list[str], ready: str, seconds: float, **env: str) -> Iterator[None]:
    with subprocess.Popen(
        command, env=os.environ | env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            ends = time.monotonic() + seconds
            while time.monotonic() < ends:
                try:
                    if httpx2.get(ready, trust_env=False, timeout=2).status_code == 200:
                        break
                except httpx2.HTTPError:
                    assert process.poll() is None, f"{command[0]} stopped"
                    time.sleep(0.2)
            yield
        finally:
            process.kill()


@pytest.fixture(scope="module")
def analyzer() -> Iterator[str]:
    port = free()
    command = [sys.executable, "-m", "ecluse", "presidio", "--port", str(port)]
    with running(command, f"http://127.0.0.1:{port}/health", 30):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def proxy(analyzer: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()

    def guard(name: str, base: str, **more: object) -> dict[str, object]:
        where = {"presidio_analyzer_api_base": base, "presidio_anonymizer_api_base": base}
        told = {"guardrail": "presidio", "mode": "pre_call", "presidio_language": "fr", **where, **more}
        return {"guardrail_name": name, "litellm_params": told}

    config: Path = tmp_path_factory.mktemp("litellm") / "config.json"  # JSON is YAML too
    model = {"model": "openai/m", "api_key": "x", "api_base": f"http://127.0.0.1:{upstream.server_port}/v1"}
    guards = [
        guard("restored", analyzer, output_parse_pii=True, presidio_filter_scope="input"),
        guard("masked", analyzer),
        guard("blocked", analyzer, pii_entities_config={"IBAN_CODE": "BLOCK", "PERSON": "MASK"}),
        guard("unreachable", f"http://127.0.0.1:{free()}"),
    ]
    config.write_text(json.dumps({"model_list": [{"model_name": "m", "litellm_params": model}], "guardrails": guards}))
    port = free()
    command = ["litellm", "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    base = f"http://127.0.0.1:{port}"
    env = {"LITELLM_MASTER_KEY": KEY, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    with running(command, f"{base}/health/liveliness", 120, **env):
        yield base
    upstream.shutdown()
    upstream.server_close()


def ask(proxy: str, guard: str) -> httpx2.Response:
    SEEN.clear()
    body = {"model": "m", "guardrails": [guard], "messages": [{"role": "user", "content": TEXT}]}
    head = {"authorization": f"Bearer {KEY}"}
    return httpx2.post(f"{proxy}/v1/chat/completions", json=body, headers=head, trust_env=False, timeout=60)


def test_values_are_masked_before_the_model_and_restored_after(proxy: str) -> None:
    answer = ask(proxy, "restored")
    assert SEEN == ["Mme <PERSON_1> (<EMAIL_ADDRESS_2>), IBAN <IBAN_CODE_3>"]
    assert answer.json()["choices"][0]["message"]["content"] == TEXT


def test_values_are_masked_by_the_anonymizer(proxy: str) -> None:
    assert ask(proxy, "masked").status_code == 200
    assert SEEN == ["Mme <PERSON> (<EMAIL_ADDRESS>), IBAN <IBAN_CODE>"]


def test_an_entity_that_is_blocked_refuses(proxy: str) -> None:
    answer = ask(proxy, "blocked")
    assert answer.status_code == 400
    assert "IBAN_CODE" in answer.text
    assert SEEN == []


def test_an_analyzer_that_does_not_answer_refuses(proxy: str) -> None:
    assert ask(proxy, "unreachable").status_code >= 400
    assert SEEN == []
