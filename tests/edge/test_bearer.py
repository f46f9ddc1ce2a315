"""A server that speaks Anthropic's messages and wants its token as bearer, as `ANTHROPIC_AUTH_TOKEN` is sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from anthropic import Anthropic

from simulators.connections import Ask
from simulators.fleet import running
from simulators.simulator import Plan
from tests.edge.gateway import Gateway

ID = "relay/eu/claude-like"
FACTS = """
[provider]
id = "relay"
name = "Relay"
entity = "relay"
source = "relay_terms"

[[sources]]
id = "relay_terms"
title = "Terms of a relay that does not exist"
url = "https://relay.example/terms"
as_of = 2026-01-01
confidence = "high"
kind = "primary"

[[entities]]
id = "relay"
name = "Relay SAS"
seat = "FR"
source = "relay_terms"

[[models]]
id = "claude-like"
name = "A model"
developer = "Relay"
source = "relay_terms"

[[offers]]
id = "relay_eu"
name = "Relay, European Union"
kind = "model_api"
source = "relay_terms"

[[destinations]]
id = "relay/eu/claude-like"
model = "claude-like"
offer = "relay_eu"
operated_by = "provider"
dialect = "anthropic_messages"
base_url = "https://relay.example/v1"
wire_model = "claude-like"
bearer = true
capabilities = ["chat", "stream", "tools"]
source = "relay_terms"
"""
SETTINGS = """
[facts]
folders = ["{folder}"]

[[organisations]]
id = "town"
name = "A town"
kind = "local_authority"
contracts = ["relay"]

[[organisations.applications]]
id = "desk"
name = "Desk"
purposes = ["drafting"]
"""


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    (tmp_path / "facts").mkdir()
    (tmp_path / "facts" / "relay.toml").write_text(FACTS, encoding="utf-8")
    plan = Plan(name=ID, kind="anthropic", key="token-0", models=frozenset({"claude-like"}))
    with running([plan]) as fleet:
        simulated = fleet[ID].simulator.provider

        def wants_bearer(ask: Ask) -> None:
            if ask.headers.get("authorization") != "Bearer token-0" or "x-api-key" in ask.headers:
                raise simulated.refusal(401, "a bearer token is wanted")

        monkeypatch.setattr(simulated, "check_key", wants_bearer)
        one = Gateway(folder=tmp_path, fleet=fleet, order=(ID,), extra=SETTINGS.format(folder=tmp_path / "facts"))
        one.start()
        try:
            yield one
        finally:
            one.caller.close()
            one.stop()


def test_a_destination_gets_its_token_as_bearer_whoever_asks_and_however(made: Gateway) -> None:
    key, messages = made.key("desk"), [{"role": "user", "content": "Hello."}]
    asked: Any = {"model": "claude-like", "max_tokens": 9, "messages": messages}
    with httpx2.Client(trust_env=False, timeout=20) as http:
        by_key = Anthropic(base_url=made.url, max_retries=0, http_client=http, api_key=key)
        by_token = Anthropic(base_url=made.url, max_retries=0, http_client=http, auth_token=key)
        assert by_key.messages.create(**asked).content == by_token.messages.create(**asked).content != []
    with made.client(key) as plain:
        assert plain.responses.create(model="claude-like", input="Hello.").output_text
