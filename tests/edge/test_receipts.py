"""Receipts and tiles at a real gateway: for the organisation's callers, on demand in the reply, and for readers."""

import base64
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from openai import OpenAI

from ecluse.edge.keys import state as where
from ecluse.passage.record.checkpoint import parse_vkey, verify
from ecluse.prove.receipt import verify_receipt
from tests.edge.gateway import Gateway

ASK = {"model": "auto", "messages": [{"role": "user", "content": "Which city is the capital of France?"}]}


def post(gateway: Gateway, key: str, **headers: str) -> httpx2.Response:
    told = {"authorization": f"Bearer {key}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return httpx2.post(f"{gateway.url}/v1/chat/completions", json=ASK, headers=told, trust_env=False, timeout=20)


def get(gateway: Gateway, path: str, key: str) -> httpx2.Response:
    return httpx2.get(f"{gateway.url}{path}", headers={"authorization": f"Bearer {key}"}, trust_env=False, timeout=20)


def test_a_caller_takes_a_receipt_away_and_verifies_it_with_the_public_key_alone(
    shared_gateway: Gateway, mail_key: str, client: OpenAI, tmp_path: Path
) -> None:
    del client
    entry = post(shared_gateway, mail_key).headers["x-ecluse-entry"]
    answer = get(shared_gateway, f"/v1/receipts/{entry}", mail_key)
    assert answer.status_code == 200
    receipt, vkey = tmp_path / "entry.tlog-proof", where.vkey(shared_gateway.state).read_text(encoding="utf-8").strip()
    receipt.write_text(answer.text, encoding="utf-8")
    words = [sys.executable, "-m", "ecluse", "trail", "verify", "--receipt", str(receipt), "--vkey", vkey]
    told = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    assert told.stdout.startswith("The receipt holds: intent of"), told.stderr


@pytest.mark.parametrize("sensitivity", ["", "classified"])
def test_a_receipt_comes_in_the_reply_when_asked_for_and_only_then(
    shared_gateway: Gateway, mail_key: str, client: OpenAI, sensitivity: str
) -> None:
    del client
    key = parse_vkey(where.vkey(shared_gateway.state).read_text(encoding="utf-8").strip())
    answer = post(shared_gateway, mail_key, x_ecluse_receipt="true", x_ecluse_sensitivity=sensitivity)
    assert answer.status_code == (403 if sensitivity else 200)
    proven = verify_receipt(base64.b64decode(answer.headers["x-ecluse-receipt"]).decode(), key)
    assert proven.entry.id == answer.headers["x-ecluse-entry"]
    assert "x-ecluse-receipt" not in post(shared_gateway, mail_key).headers


def test_a_reader_reads_the_trail_and_another_key_does_not(shared_gateway: Gateway, mail_key: str) -> None:
    reader = shared_gateway.key("audit")
    post(shared_gateway, mail_key, x_ecluse_receipt="true")
    key = parse_vkey(where.vkey(shared_gateway.state).read_text(encoding="utf-8").strip())
    size = verify(get(shared_gateway, "/checkpoint", reader).text, key).size
    width = min(size, 255)
    assert len(get(shared_gateway, f"/tile/0/000.p/{width}", reader).content) == 32 * width
    assert get(shared_gateway, "/checkpoint", mail_key).json()["error"]["code"] == "trail_reader_required"
