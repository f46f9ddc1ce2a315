"""Simulated token endpoints: Entra ID's client credentials, and Google's Security Token Service.

Law: built from what both publish (Microsoft's client credentials flow and certificate credentials; RFC 8693 as Google's
STS takes it); shares no code with the gateway; refuses what the real one would. It says in its answers that it is none.
"""

import base64
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

BY_JWT = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"
JWT_KIND = "urn:ietf:params:oauth:token-type:jwt"
FORM = "application/x-www-form-urlencoded"
AUDIENCE = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/o"


class RefusedError(Exception):
    """What was asked is refused, by an error code of OAuth."""


class TokenEndpoint:
    """Gives tokens `simulated-1`, `simulated-2` ... on a free port of this machine."""

    def __init__(self, *, tenant: str = "tenant", client: str = "client", seconds: int = 3600) -> None:
        self.tenant, self.client, self.seconds = tenant, client, seconds
        self.secret, self.federated = "simulated-secret", "simulated-federated-token"
        self.certificate: x509.Certificate | None = None
        self.down = False
        self.asked: list[dict[str, str]] = []
        self.given = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _door(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        """Close the door."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def answer(self, path: str, kind: str, body: str) -> dict[str, Any]:
        """Answer one question. Raises RefusedError."""
        form = {name: values[0] for name, values in parse_qs(body, strict_parsing=True).items()}
        with self._lock:
            self.asked.append(form)
            if self.down:
                raise RefusedError("temporarily_unavailable")
            if kind.partition(";")[0] != FORM:
                raise RefusedError("invalid_request")
            if path == f"/{self.tenant}/oauth2/v2.0/token":
                self._entra(form, f"{self.url}{path}")
                told: dict[str, Any] = {"token_type": "Bearer", "ext_expires_in": self.seconds}
            elif path == "/v1/token":
                self._google(form)
                told = {"token_type": "Bearer", "issued_token_type": ACCESS}
            else:
                raise RefusedError("invalid_request")
            self.given += 1
            return {**told, "access_token": f"simulated-{self.given}", "expires_in": self.seconds}

    def _entra(self, form: Mapping[str, str], url: str) -> None:
        if form.get("grant_type") != "client_credentials":
            raise RefusedError("unsupported_grant_type")
        if form.get("client_id") != self.client:
            raise RefusedError("unauthorized_client")
        if not form.get("scope", "").endswith("/.default"):
            raise RefusedError("invalid_scope")
        if "client_secret" in form:
            if form["client_secret"] != self.secret or "client_assertion" in form:
                raise RefusedError("invalid_client")
            return
        if form.get("client_assertion_type") != BY_JWT:
            raise RefusedError("invalid_client")
        if form.get("client_assertion") != self.federated:
            self._signed(form.get("client_assertion", ""), url)

    def _signed(self, assertion: str, url: str) -> None:
        public = self.certificate.public_key() if self.certificate else None
        if not isinstance(public, RSAPublicKey) or self.certificate is None or assertion.count(".") != 2:  # noqa: PLR2004 - RFC 7515
            raise RefusedError("invalid_client")
        head, claims, signature = (_bytes(part) for part in assertion.split("."))
        thumb = base64.urlsafe_b64encode(self.certificate.fingerprint(hashes.SHA256())).rstrip(b"=").decode()
        told = json.loads(claims)
        right = told["aud"] == url and told["iss"] == told["sub"] == self.client and bool(told["jti"])
        if json.loads(head) != {"alg": "PS256", "typ": "JWT", "x5t#S256": thumb} or not right:
            raise RefusedError("invalid_client")
        if not 0 < told["exp"] - told["nbf"] <= 600:  # noqa: PLR2004 - five to ten minutes at most
            raise RefusedError("invalid_client")
        text = assertion.rpartition(".")[0].encode()
        try:
            public.verify(signature, text, PSS(MGF1(hashes.SHA256()), hashes.SHA256.digest_size), hashes.SHA256())
        except InvalidSignature:
            raise RefusedError("invalid_client") from None

    def _google(self, form: Mapping[str, str]) -> None:
        right = {
            "grant_type": EXCHANGE,
            "audience": AUDIENCE,
            "requested_token_type": ACCESS,
            "subject_token_type": JWT_KIND,
            "subject_token": self.federated,
        }
        if any(form.get(name) != value for name, value in right.items()) or "scope" not in form:
            raise RefusedError("invalid_grant")


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _door(endpoint: TokenEndpoint) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
            try:
                status, told = 200, endpoint.answer(self.path, self.headers.get("content-type", ""), body)
            except RefusedError as error:
                status, told = 400, {"error": str(error), "error_description": f"simulated: {body[:40]}"}
            data = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    return Door
