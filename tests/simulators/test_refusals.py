"""A simulator refuses what its provider would: the key, the model, the path, the body."""

import json
import tomllib
from pathlib import Path
from typing import Any

import httpx2
import pytest

from simulators.fleet import Running
from tests.simulators.conftest import MODEL

CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "refusals.toml").read_text())["refuses"]
BODY = {"model": MODEL, "messages": [{"role": "user", "content": "Hello."}]}


def key_header(fleet: Running, name: str) -> dict[str, str]:
    key = fleet[name].key
    return {"api-key": key} if name == "azure" else {"authorization": f"Bearer {key}"}


@pytest.mark.parametrize("case", CASES, ids=[f"{case['kind']}: {case['what']}" for case in CASES])
def test_refuses_what_the_provider_would(case: dict[str, Any], fleet: Running, http: httpx2.Client) -> None:
    simulator = fleet[case["kind"]]
    headers = case.get("headers", key_header(fleet, case["kind"]))
    body = {**BODY, **case.get("body", {})}
    address = simulator.base_url + case.get("path", "/chat/completions")
    content = case.get("raw", json.dumps(body))
    response = http.post(address, headers={**headers, "content-type": "application/json"}, content=content)
    assert (response.status_code, case["says"] in response.text) == (case["status"], True), response.text


@pytest.mark.parametrize("kind", ["azure", "mistral", "openai_like", "ovhcloud", "scaleway", "vllm"])
def test_what_the_provider_takes_is_not_refused(kind: str, fleet: Running, http: httpx2.Client) -> None:
    response = http.post(
        fleet[kind].base_url + "/chat/completions", headers=key_header(fleet, kind), json={**BODY, "temperature": 0}
    )
    assert response.status_code == 200, response.text


def test_a_refused_request_never_reaches_the_brain(fleet: Running, http: httpx2.Client) -> None:
    before = len(fleet["mistral"].lines("said"))
    http.post(fleet["mistral"].base_url + "/chat/completions", json=BODY)
    assert len(fleet["mistral"].lines("said")) == before
