"""A token at the gate of a real gateway, which fetches the provider's keys itself over a socket."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest

from ecluse.edge.clock import UnsafePinnedClock
from tests.edge.gateway import OWN, Gateway, gateway
from tests.edge.identity.signing import ISSUER, public, rsa, token

BODY = {"model": "auto", "messages": [{"role": "user", "content": "Which city is the capital of France?"}]}


class _Keys(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = public(rsa())
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


@pytest.fixture(scope="module")
def before_a_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Keys) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        extra = "\n".join(
            [
                "[[identity.issuers]]",
                'name = "town"',
                f'issuer = "{ISSUER}"',
                'audience = "ecluse"',
                f'jwks = "http://127.0.0.1:{server.server_port}/keys"',
                'applications = { "letters" = "mail" }',
            ]
        )
        folder: Path = tmp_path_factory.mktemp("identity")
        with gateway(folder, (OWN,), extra) as made:
            yield made
        server.shutdown()


def _asked(made: Gateway, presented: str) -> httpx2.Response:
    until = time.monotonic() + 60
    while True:
        answer = httpx2.post(
            f"{made.url}/v1/chat/completions",
            json=BODY,
            headers={"authorization": presented},
            trust_env=False,
            timeout=20,
        )
        if answer.status_code != 503 or time.monotonic() > until:
            return answer
        time.sleep(0.05)  # the keys are being fetched


def _ends(seconds: int) -> int:
    return UnsafePinnedClock(date(2026, 11, 24)).now() // 1000 + seconds


def test_a_token_is_answered_and_its_entry_names_a_pseudonym(before_a_provider: Gateway) -> None:
    made = before_a_provider
    answer = _asked(made, token(exp=_ends(300)))
    assert answer.status_code == 200, answer.text
    shown = made.command("trail", "show", "--last", "5", "--state-dir", str(made.state), "--json").stdout
    assert "token_town_" in shown
    assert "person-7" not in shown


def test_a_token_that_ended_refuses_like_a_bad_key(before_a_provider: Gateway) -> None:
    made = before_a_provider
    ended = _asked(made, token(exp=_ends(-300)))
    assert ended.status_code == 401
    assert ended.content == _asked(made, "Bearer nothing").content
    assert json.loads(ended.content)["error"]["code"] == "invalid_api_key"


def test_a_key_still_opens_beside_tokens(before_a_provider: Gateway) -> None:
    assert _asked(before_a_provider, f"Bearer {before_a_provider.key('mail')}").status_code == 200
