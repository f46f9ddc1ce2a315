"""Tokens of Entra ID and of Google's federation, before simulated token endpoints of the published protocols."""

import asyncio
import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ecluse.domain.destination import Destination
from ecluse.domain.effects import Call
from ecluse.domain.errors import ProviderError
from ecluse.domain.snapshot import Instant
from ecluse.edge.clock import SystemClock
from ecluse.edge.config import EgressSettings
from ecluse.edge.keys import SecretUnavailable
from ecluse.edge.outward import Outward
from ecluse.edge.signing import Bearers, asking
from ecluse.edge.signing.renewing import send
from ecluse.passage.send import DIALECTS
from simulators.token_endpoint import AUDIENCE, TokenEndpoint
from tests.edge.gateway import run
from tests.passage.send.exchange import destination, request

THERE = destination("https://resource.openai.azure.com", "azure_openai")
CALL = DIALECTS["azure_openai"].call(request(), THERE, "a")


@dataclass
class Hands:
    """A clock that a test moves."""

    at: int = field(default_factory=lambda: SystemClock().now())

    def now(self) -> Instant:
        return Instant(self.at)


@pytest.fixture
def endpoint() -> Iterator[TokenEndpoint]:
    made = TokenEndpoint()
    try:
        yield made
    finally:
        made.stop()


def written(path: Path, endpoint: TokenEndpoint, **proof: str) -> Destination:
    lines = {"tenant": "tenant", "client_id": "client", "authority": endpoint.url, **proof}
    path.write_text("\n".join(f"{name} = {json.dumps(value)}" for name, value in lines.items()))
    return replace(THERE, credential=f"entra:{path}")


def proof(kind: str, folder: Path, endpoint: TokenEndpoint) -> dict[str, str]:
    if kind == "secret":
        (folder / "secret").write_text(endpoint.secret + "\n")
        return {"secret": f"file:{folder / 'secret'}"}
    if kind == "token_file":
        (folder / "token").write_text(endpoint.federated)
        return {"token_file": str(folder / "token")}
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ecluse")])
    now = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
    endpoint.certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    both = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "app.pem").write_bytes(both + endpoint.certificate.public_bytes(Encoding.PEM))
    return {"certificate": str(folder / "app.pem")}


def headers(there: Destination, *, times: int = 1, hands: Hands | None = None, moves: int = 0) -> list[Any]:
    async def play() -> list[Any]:
        clock = hands or Hands()
        outward = Outward(EgressSettings())
        bearers, found = Bearers(outward, clock), list[Any]()
        try:
            for _ in range(times):
                try:
                    bearer = await bearers.ready(there)
                    found.append(None if bearer is None else list(bearer(CALL)))
                except SecretUnavailable as error:
                    found.append(error.why)
                clock.at += moves
        finally:
            await outward.close()
        return found

    return run(play())


@pytest.mark.parametrize("kind", ["secret", "certificate", "token_file"])
def test_each_proof_gives_a_token_and_a_bearer_alone(tmp_path: Path, endpoint: TokenEndpoint, kind: str) -> None:
    there = written(tmp_path / "azure.toml", endpoint, **proof(kind, tmp_path, endpoint))
    assert headers(there, times=3) == [[("authorization", "Bearer simulated-1")]] * 3
    assert endpoint.asked[0]["scope"] == "https://cognitiveservices.azure.com/.default"


def test_a_token_is_renewed_shortly_before_its_end(tmp_path: Path, endpoint: TokenEndpoint) -> None:
    there = written(tmp_path / "azure.toml", endpoint, **proof("secret", tmp_path, endpoint))
    told = headers(there, times=3, moves=1_700_000)
    assert [one[0][1][-1] for one in told] == ["1", "1", "2"]  # at 0, 1,700 and 3,400 of 3,600 seconds


def test_many_that_wait_ask_once(tmp_path: Path, endpoint: TokenEndpoint) -> None:
    there = written(tmp_path / "azure.toml", endpoint, **proof("secret", tmp_path, endpoint))

    async def play() -> None:
        outward = Outward(EgressSettings())
        bearers = Bearers(outward, Hands())
        try:
            await asyncio.gather(*(bearers.ready(there) for _ in range(20)))
        finally:
            await outward.close()

    run(play())
    assert endpoint.given == 1


def test_a_server_that_refuses_is_left_alone_for_a_while_and_none_of_its_words_are_shown(
    tmp_path: Path, endpoint: TokenEndpoint
) -> None:
    there = written(tmp_path / "azure.toml", endpoint, **proof("secret", tmp_path, endpoint))
    (tmp_path / "secret").write_text("another")
    told = headers(there, times=3, moves=2_000)
    assert told == ["Entra ID refuses: HTTP 400 invalid_client"] * 3
    assert len(endpoint.asked) == 1


def test_a_token_that_still_counts_is_used_while_its_server_is_away(tmp_path: Path, endpoint: TokenEndpoint) -> None:
    there, hands = written(tmp_path / "azure.toml", endpoint, **proof("secret", tmp_path, endpoint)), Hands()

    async def play() -> None:
        outward = Outward(EgressSettings())
        bearers = Bearers(outward, hands)
        try:
            await bearers.ready(there)
            endpoint.down = True
            hands.at += 3_500_000
            bearer = await bearers.ready(there)
            assert bearer is not None
            assert bearer(CALL)[0][1] == "Bearer simulated-1"
            hands.at += 200_000
            with pytest.raises(SecretUnavailable, match="internal_error"):
                await bearers.ready(there)
        finally:
            await outward.close()

    run(play())


@pytest.mark.parametrize(
    "text",
    [
        "tenant =",
        'tenant = "t"',
        'tenant = "t"\nclient_id = "c"',
        'tenant = "t"\nclient_id = "c"\nsecret = "env:A"\ntoken_file = "b"',
        'tenant = "t"\nclient_id = "c"\nsecret = "env:A"\nauthority = "http://login.example"',
        'tenant = "t/../u"\nclient_id = "c"\nsecret = "env:A"',
    ],
)
def test_a_file_that_says_too_little_or_too_much_refuses(tmp_path: Path, text: str) -> None:
    (tmp_path / "azure.toml").write_text(text)
    with pytest.raises(SecretUnavailable):
        asking(f"entra:{tmp_path / 'azure.toml'}", Hands())


class Turning:
    """A provider that knows only some tokens."""

    def __init__(self, known: Sequence[str]) -> None:
        self._known, self.presented = known, list[str]()

    async def send(self, _at: Destination, _call: Call, secret: Sequence[tuple[str, str]]) -> Any:
        self.presented.append(secret[0][1].removeprefix("Bearer "))
        return Exchange(200 if self.presented[-1] in self._known else 401)

    async def close(self) -> None:
        """Hold nothing."""


@dataclass
class Exchange:
    status: int

    async def close(self) -> None:
        """Cut."""


@pytest.mark.parametrize(
    ("known", "status", "presented"),
    [
        (["simulated-2"], 200, ["simulated-1", "simulated-2"]),
        ([], 401, ["simulated-1", "simulated-2"]),
        (["simulated-1"], 200, ["simulated-1"]),
    ],
)
def test_a_token_that_is_turned_away_is_had_anew_once(
    tmp_path: Path, endpoint: TokenEndpoint, known: list[str], status: int, presented: list[str]
) -> None:
    there = written(tmp_path / "azure.toml", endpoint, **proof("secret", tmp_path, endpoint))
    transport = Turning(known)

    async def play() -> None:
        outward = Outward(EgressSettings())
        try:
            bearer = await Bearers(outward, Hands()).ready(there)
            assert bearer is not None
            assert (await send(transport, there, CALL, bearer)).status == status
        finally:
            await outward.close()

    run(play())
    assert transport.presented == presented


def test_a_token_that_cannot_be_had_anew_is_a_refused_credential(tmp_path: Path, endpoint: TokenEndpoint) -> None:
    there = written(tmp_path / "azure.toml", endpoint, **proof("secret", tmp_path, endpoint))

    async def play() -> None:
        outward = Outward(EgressSettings())
        try:
            bearer = await Bearers(outward, Hands()).ready(there)
            assert bearer is not None
            endpoint.down = True
            with pytest.raises(ProviderError, match="upstream_credentials"):
                await send(Turning([]), there, CALL, bearer)
        finally:
            await outward.close()

    run(play())


def federation(endpoint: TokenEndpoint, source: dict[str, Any]) -> str:
    return json.dumps(
        {
            "type": "external_account",
            "audience": AUDIENCE,
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": f"{endpoint.url}/v1/token",
            "credential_source": source,
        }
    )


def test_a_workloads_own_token_is_exchanged_for_one_of_google(tmp_path: Path, endpoint: TokenEndpoint) -> None:
    (tmp_path / "token").write_text(endpoint.federated)
    path = tmp_path / "google.json"
    path.write_text(federation(endpoint, {"file": str(tmp_path / "token")}))
    there = replace(destination("https://x.googleapis.com/v1", "vertex_mistral"), credential=f"google:{path}")
    assert headers(there, times=2) == [[("authorization", "Bearer simulated-1")]] * 2
    assert endpoint.given == 1


@pytest.mark.parametrize(
    "source", [{"executable": {"command": "/bin/true"}}, {"environment_id": "aws1", "region_url": "http://x"}, {}]
)
def test_a_source_that_runs_a_program_or_asks_aws_refuses(
    tmp_path: Path, endpoint: TokenEndpoint, source: dict[str, Any]
) -> None:
    path = tmp_path / "google.json"
    path.write_text(federation(endpoint, source))
    with pytest.raises(SecretUnavailable):
        asking(f"google:{path}", Hands())


def test_a_plain_credential_is_left_to_the_dialect() -> None:
    assert headers(replace(THERE, credential="env:TOKEN")) == [None]
    assert asking(None, Hands()) is None
