"""The way out: TLS is verified, redirects and the environment's proxies are not followed, silence ends."""

import asyncio
import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ecluse.domain.destination import Destination, DestinationId
from ecluse.domain.effects import Call
from ecluse.domain.errors import ProviderError
from ecluse.edge.config import EgressSettings, LimitSettings
from ecluse.edge.upstream import Upstream, UpstreamExchange
from tests.edge.gateway import run
from tests.passage.play import destination

CALL = Call(
    destination=DestinationId("a"),
    path="/chat",
    headers=(("content-type", "application/json"), ("x-request-id", "r1")),
    body=b'{"a":1}',
    stream=False,
)
Speak = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


class Authority:
    """A certificate authority of one test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
        own = self._certificate(self._name, self._key, ca=True)
        self.bundle = folder / "ca.pem"
        self.bundle.write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def _certificate(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, *, ca: bool, days: int = 2
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)  # noqa: TID251 - TLS libraries compare with the machine's clock
        until = now + dt.timedelta(days=days)
        names: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        if name.rfc4514_string() == "CN=elsewhere":
            names = [x509.DNSName("elsewhere.example")]
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(min(now, until) - dt.timedelta(days=3))
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def server(self, name: str = "server", *, days: int = 2, version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self._certificate(subject, key, ca=False, days=days)
        path = self._folder / f"{name}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        if version is not None:
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            context.maximum_version = version
        return context


@asynccontextmanager
async def server(speak: Speak, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await speak(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    started = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    try:
        yield started.sockets[0].getsockname()[1]
    finally:
        started.close()


def answering(raw: bytes, seen: list[bytes] | None = None) -> Speak:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(len(CALL.body))
        if seen is not None:
            seen.append(head + body)
        writer.write(raw)
        await writer.drain()

    return speak


async def sent(url: str, egress: EgressSettings | None = None, limits: LimitSettings | None = None) -> UpstreamExchange:
    async with _upstream(egress, limits) as upstream:
        exchange = await upstream.send(replace(destination("a"), base_url=url), CALL, (("authorization", "Bearer s"),))
        await exchange.close()
        return exchange


@asynccontextmanager
async def _upstream(
    egress: EgressSettings | None = None, limits: LimitSettings | None = None
) -> AsyncIterator[Upstream]:
    upstream = Upstream(egress or EgressSettings(), limits or LimitSettings())
    try:
        yield upstream
    finally:
        await upstream.close()


async def _read(upstream: Upstream, at: Destination) -> bytes:
    exchange = await upstream.send(at, CALL, ())
    try:
        return b"".join([data async for data in exchange.chunks()])
    finally:
        await exchange.close()


def code_of(
    url: str, egress: EgressSettings | None = None, limits: LimitSettings | None = None
) -> Callable[[], Awaitable[str]]:
    async def ask() -> str:
        with pytest.raises(ProviderError) as failed:
            await sent(url, egress, limits)
        return failed.value.code

    return ask


def test_a_private_authority_is_trusted_only_when_it_is_named(tmp_path: Path) -> None:
    authority = Authority(tmp_path)

    async def play() -> None:
        async with server(answering(OK), authority.server()) as port:
            url = f"https://127.0.0.1:{port}"
            assert await code_of(url)() == "upstream_tls"
            trusting = EgressSettings(ca_bundle=str(authority.bundle))
            assert (await sent(url, trusting)).status == 200

    run(play())


@pytest.mark.parametrize(("name", "days"), [("elsewhere", 2), ("expired", -1)])
def test_a_certificate_of_another_host_or_time_refuses(tmp_path: Path, name: str, days: int) -> None:
    authority = Authority(tmp_path)

    async def play() -> None:
        async with server(answering(OK), authority.server(name, days=days)) as port:
            trusting = EgressSettings(ca_bundle=str(authority.bundle))
            assert await code_of(f"https://127.0.0.1:{port}", trusting)() == "upstream_tls"

    run(play())


def test_a_bundle_without_an_authority_refuses_to_start(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")

    async def play() -> None:
        with pytest.raises((ValueError, OSError)):
            Upstream(EgressSettings(ca_bundle=str(empty)), LimitSettings())

    run(play())


def test_the_environments_proxies_are_ignored_and_the_callers_headers_are_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    seen: list[bytes] = []

    async def play() -> None:
        async with server(answering(OK, seen)) as port:
            assert (await sent(f"http://127.0.0.1:{port}/v1")).status == 200

    run(play())
    head = seen[0].decode().lower()
    assert head.startswith("post /v1/chat http/1.1")
    names = {line.split(":")[0] for line in head.splitlines()[1:] if ":" in line and not line.startswith("{")}
    assert names == {"host", "content-type", "x-request-id", "authorization", "user-agent", "content-length"}


def test_an_explicit_proxy_carries_remote_calls_and_only_those() -> None:
    seen: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()

    async def play() -> None:
        async with server(proxy) as port, server(answering(OK)) as near:
            through = EgressSettings(proxy=f"http://127.0.0.1:{port}")
            await code_of("https://api.example", through)()
            assert (await sent(f"http://127.0.0.1:{near}", through)).status == 200

    run(play())
    assert len(seen) == 1
    assert seen[0].startswith(b"CONNECT api.example:443 ")


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async def play() -> None:
        async with server(
            answering(b"HTTP/1.1 307 T\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n")
        ) as port:
            assert (await sent(f"http://127.0.0.1:{port}")).status == 307

    run(play())


def test_a_compressed_answer_refuses() -> None:
    async def play() -> None:
        raw = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\nxx"
        async with server(answering(raw)) as port:
            assert await code_of(f"http://127.0.0.1:{port}")() == "upstream_malformed"

    run(play())


def test_an_answer_larger_than_the_limit_is_cut() -> None:
    async def play() -> None:
        raw = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n" + b"x" * 100000
        async with server(answering(raw)) as port, _upstream(limits=LimitSettings(answer_bytes=1000)) as upstream:
            at = replace(destination("a"), base_url=f"http://127.0.0.1:{port}")
            with pytest.raises(ProviderError, match="larger"):
                await _read(upstream, at)

    run(play())


@pytest.mark.parametrize("silent_after", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx"])
def test_a_silent_provider_is_a_timeout(silent_after: bytes) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(silent_after)
        await writer.drain()
        await asyncio.sleep(3)

    async def play() -> None:
        limits = LimitSettings(head_seconds=0.2, idle_seconds=0.2)
        async with server(silent) as port, _upstream(limits=limits) as upstream:
            at = replace(destination("a"), base_url=f"http://127.0.0.1:{port}")
            with pytest.raises(ProviderError, match="upstream_timeout"):
                await _read(upstream, at)

    run(play())


def test_an_answer_may_last_longer_than_every_limit_as_long_as_it_goes_on() -> None:
    async def long(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n")
        for piece in b"12345678":
            await asyncio.sleep(0.15)
            writer.write(bytes([piece]))
            await writer.drain()

    async def play() -> float:
        limits = LimitSettings(connect_seconds=1, head_seconds=1, first_seconds=1, idle_seconds=1)
        async with server(long) as port, _upstream(limits=limits) as upstream:
            began = asyncio.get_running_loop().time()
            assert await _read(upstream, replace(destination("a"), base_url=f"http://127.0.0.1:{port}")) == b"12345678"
            return asyncio.get_running_loop().time() - began

    assert run(play()) > 1.0


def test_a_server_that_does_not_take_the_connection_is_unreachable_in_time() -> None:
    async def play() -> None:
        with socket.socket() as full, contextlib.ExitStack() as waiting:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            for _ in range(4):  # more than its queue holds: the next is never answered
                one = waiting.enter_context(socket.socket())
                one.setblocking(False)  # noqa: FBT003 - the standard library's own words
                one.connect_ex(full.getsockname())
            async with _upstream(limits=LimitSettings(connect_seconds=0.2)) as upstream:
                at = replace(destination("a"), base_url=f"http://127.0.0.1:{full.getsockname()[1]}")
                with pytest.raises(ProviderError) as failed:
                    await _read(upstream, at)
        assert (failed.value.code, failed.value.sent) == ("upstream_unreachable", False)

    run(play())


@pytest.mark.parametrize(("first", "code"), [(0.1, "upstream_timeout"), (5.0, None)])
def test_the_first_piece_of_an_answer_has_a_limit_of_its_own(first: float, code: str | None) -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n")
        for piece in (b"a", b"b"):
            await asyncio.sleep(0.4)
            writer.write(piece)
            await writer.drain()

    async def play() -> None:
        async with server(slow) as port, _upstream(limits=LimitSettings(first_seconds=first)) as upstream:
            at = replace(destination("a"), base_url=f"http://127.0.0.1:{port}")
            if code is None:
                await _read(upstream, at)
                return
            with pytest.raises(ProviderError, match=code):
                await _read(upstream, at)

    run(play())


def test_nobody_listening_is_unreachable_and_nothing_was_sent() -> None:
    async def play() -> None:
        with pytest.raises(ProviderError) as failed:
            await sent("http://127.0.0.1:9")
        assert (failed.value.code, failed.value.sent) == ("upstream_unreachable", False)

    run(play())
