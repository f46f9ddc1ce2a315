"""`ecluse serve` and `ecluse witness serve` together: cosigned, stopped, rolled back whole, refused."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from ecluse.edge.keys import state as where
from ecluse.passage.record.checkpoint import COSIGNATURE, parse_vkey
from ecluse.passage.record.cosign import cosigned_at
from tests.edge.gateway import OWN, Gateway, free_port, gateway
from tests.edge.test_receipts import get, post


@contextmanager
def witness(folder: Path, gateway_vkey: Path, port: int) -> Iterator[None]:
    words = ["witness", "serve", "--key", str(folder / "key"), "--log-key", str(gateway_vkey)]
    words += ["--state-dir", str(folder / "seen"), "--port", str(port)]
    process = subprocess.Popen([sys.executable, "-m", "ecluse", *words], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            try:
                httpx2.get(f"http://127.0.0.1:{port}/", trust_env=False, timeout=2)
                break
            except httpx2.TransportError:
                time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def cosigned(made: Gateway, reader: str, key: str) -> int:
    """Wait until the checkpoint that the gateway serves is cosigned; return when it was."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        note = get(made, "/checkpoint", reader).text
        if key.partition("+")[0] in note:
            return cosigned_at(note, parse_vkey(key, COSIGNATURE))
        time.sleep(0.2)
    raise AssertionError(f"no witness cosigned in time: {made.log}")


@pytest.mark.long
def test_a_gateway_is_witnessed_and_a_copy_of_its_folder_put_back_is_refused(tmp_path: Path) -> None:
    port = free_port()
    made = subprocess.run(
        [sys.executable, "-m", "ecluse", "witness", "key", "--name", "dpo.example/w", "--out", str(tmp_path / "key")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    key = made.stdout.strip()
    with gateway(tmp_path, order=(OWN,)) as one:
        one.stop()
        one.trail = f'[trail]\nreaders = ["audit"]\nwitnesses = [{{ url = "http://127.0.0.1:{port}", key = "{key}" }}]'
        with witness(tmp_path, where.vkey(one.state), port):
            one.start()
            mail, reader = one.key("mail"), one.key("audit")
            entry = post(one, mail).headers["x-ecluse-entry"]
            assert cosigned(one, reader, key) > 0
            receipt = tmp_path / "receipt"
            receipt.write_text(get(one, f"/v1/receipts/{entry}", mail).text, encoding="utf-8")
            told = one.command(
                "trail", "verify", "--receipt", str(receipt), "--state-dir", str(one.state), "--witness", key
            )
            assert "The witness dpo.example/w saw the same" in told.stdout, told.stderr
            one.stop()
            shutil.copytree(one.state, tmp_path / "backup")
            one.start()
            post(one, mail)
            time.sleep(1)
            cosigned(one, reader, key)
            one.stop()
            shutil.rmtree(one.state)
            shutil.copytree(tmp_path / "backup", one.state)
            with pytest.raises(AssertionError, match="did not start"):
                one.start()
            assert "the witness dpo.example/w saw" in one.log
            assert "rolled back or rewritten" in one.log
