"""A simulator of a transit engine, built from OpenBao's published HTTP API: encrypt and decrypt of one key. No OpenBao.

It shares no code with ours, checks what the API says that it checks, and refuses in the API's form.
"""

import base64
import binascii
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "s.invented-token"


class TransitSimulator:
    """One engine with one key, `town`, on loopback."""

    def __init__(self) -> None:
        self.key = AESGCM.generate_key(256)
        self.seen: list[dict[str, Any]] = []
        self.namespace: str | None = None
        self.broken: tuple[int, bytes] | None = None
        self.address = ""

    def answer(self, path: str, headers: Any, body: bytes) -> tuple[int, bytes]:
        """Return status and body of one call."""
        if self.broken is not None:
            return self.broken
        if headers.get("X-Vault-Token") != TOKEN or headers.get("X-Vault-Namespace") != self.namespace:
            return _errors(403, "permission denied")
        asked = json.loads(body)
        self.seen.append(asked)
        if path not in {"/v1/transit/encrypt/town", "/v1/transit/decrypt/town"}:
            return _errors(400, "encryption key not found")
        bound = base64.b64decode(asked.get("associated_data", ""), validate=True)
        try:
            if path.startswith("/v1/transit/encrypt"):
                nonce = os.urandom(12)
                sealed = nonce + AESGCM(self.key).encrypt(nonce, base64.b64decode(asked["plaintext"]), bound)
                return _data({"ciphertext": f"vault:v1:{base64.b64encode(sealed).decode()}", "key_version": 1})
            sealed = base64.b64decode(asked["ciphertext"].removeprefix("vault:v1:"), validate=True)
            plain = AESGCM(self.key).decrypt(sealed[:12], sealed[12:], bound)
        except (InvalidTag, binascii.Error, ValueError):
            return _errors(400, "cipher: message authentication failed")
        return _data({"plaintext": base64.b64encode(plain).decode()})


def _data(told: dict[str, Any]) -> tuple[int, bytes]:
    return 200, json.dumps({"request_id": "1", "lease_id": "", "data": told, "warnings": None}).encode()


def _errors(status: int, why: str) -> tuple[int, bytes]:
    return status, json.dumps({"errors": [why]}).encode()


@contextmanager
def transit_simulator() -> Iterator[TransitSimulator]:
    """Run one on a free port until the block ends."""
    made = TransitSimulator()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status, told = made.answer(self.path, self.headers, body)
            self.send_response(status)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's word
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join(timeout=10)
