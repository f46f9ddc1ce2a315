"""An OpenID provider that listens on loopback for a test, and refuses what a real one must refuse."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from tests.edge.identity.signing import public, rsa, token

CLIENT = "console"
PATHS = ("authorize", "token", "jwks")


@dataclass
class Provider:
    """Its answers. `claims` stand over those of each token; `now` is its time, in seconds."""

    port: int = 0
    claims: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    """What it says of itself, over the truth."""
    asked: int = 0
    redeemed: int = 0
    keys_asked: int = 0
    now: Callable[[], int] = int

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def settings(self, **more: Any) -> dict[str, Any]:
        """Return what `[identity.console]` says of it."""
        paths = {name: f"{self.issuer}/{name}" for name in PATHS}
        roles = {"ecluse-dpo": "dpo", "ecluse-dev": "developer", "ecluse-admin": "admin"}
        roles |= {"ecluse-platform": "platform", "ecluse-auditor": "auditor"}
        return {"issuer": self.issuer, "client_id": CLIENT, "roles": roles} | paths | more

    def discovered(self, **more: Any) -> dict[str, Any]:
        """Return the same without addresses: they are asked of the provider."""
        return {name: value for name, value in self.settings(**more).items() if name not in PATHS}

    def says(self) -> dict[str, Any]:
        """Return what it says of itself."""
        self.asked += 1
        told: dict[str, Any] = {"issuer": self.issuer, "end_session_endpoint": f"{self.issuer}/end?of=us"}
        told |= {"authorization_endpoint": f"{self.issuer}/authorize", "token_endpoint": f"{self.issuer}/token"}
        told |= {"jwks_uri": f"{self.issuer}/jwks", "code_challenge_methods_supported": ["plain", "S256"]}
        return told | self.said

    def consent(self, address: str, code: str = "the-code") -> dict[str, str]:
        """Do what a person does there: return the query by which the browser comes back."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert (asked["client_id"], asked["scope"]) == (CLIENT, "openid")
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def redeem(self, form: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        """Give a token for a code, once, to whoever has the verifier."""
        asked = self.codes.pop(form["code"][0], None)
        digest = hashlib.sha256(form["code_verifier"][0].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"][0]:
            return 400, {"error": "invalid_grant"}
        self.redeemed += 1
        claims = {"iss": self.issuer, "aud": CLIENT, "azp": None, "exp": self.now() + 300, "nonce": asked["nonce"]}
        told = token(**(claims | {"roles": ["ecluse-dpo"]} | self.claims))
        return 200, {"id_token": told.removeprefix("Bearer "), "access_token": "unused", "token_type": "Bearer"}


@contextmanager
def provider() -> Iterator[Provider]:
    """Run a provider until the block ends."""
    made = Provider()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path.startswith("/.well-known/")
            made.keys_asked += not known
            told = json.dumps(made.says()).encode() if known else public(rsa())
            self._answer(200, told)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            status, told = made.redeem(parse_qs(body))
            self._answer(status, json.dumps(told).encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        made.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made
        server.shutdown()
