"""Certificates on both sides, before a real TLS server that asks for ours."""

import datetime as dt
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.hazmat.primitives.serialization import load_pem_private_key as read_key

from ecluse.domain.destination import OperatedBy
from ecluse.domain.errors import ProviderError
from ecluse.domain.snapshot import Instant
from ecluse.edge.config import EgressSettings, LimitSettings
from ecluse.edge.doctor import Grade, certificate_remarks
from ecluse.edge.tls import Contexts, TlsUnusable
from ecluse.edge.tls_settings import TlsSettings
from ecluse.edge.upstream import Upstream
from tests.edge.gateway import run
from tests.edge.test_upstream import CALL, OK, Authority
from tests.passage.play import destination

OWN = replace(destination("a"), operated_by=OperatedBy.CALLER)


class Server(threading.Thread):
    """A TLS server of blocking sockets, as most are: it writes its alert before it closes."""

    def __init__(self, authority: Authority, trusts: Path, version: ssl.TLSVersion | None) -> None:
        super().__init__(daemon=True)
        self._context = authority.server(version=version)
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._context.load_verify_locations(trusts)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.calls: list[bytes] = []
        self.names: list[str] = []

    def run(self) -> None:
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                return
            plain.settimeout(3)
            try:
                with self._context.wrap_socket(plain, server_side=True) as connection:
                    shown = x509.load_der_x509_certificate(connection.getpeercert(binary_form=True) or b"")
                    said = connection.recv(65536)
                    if said:
                        self.names.append(shown.subject.rfc4514_string())
                        self.calls.append(said)
                        connection.sendall(OK.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))
            except OSError:
                plain.close()

    def end(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.join(5)


@contextmanager
def asking(authority: Authority, trusts: Path, version: ssl.TLSVersion | None = None) -> Iterator[Server]:
    server = Server(authority, trusts, version)
    server.start()
    try:
        yield server
    finally:
        server.end()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def client(authority: Authority, folder: Path, name: str = "gateway", days: int = 90) -> Path:
    authority.server(name, days=days)
    path = folder / f"{name}.pem"
    path.chmod(0o600)
    return path


async def call(server: Server, tls: TlsSettings, *, times: int = 1) -> list[str]:
    upstream = Upstream(EgressSettings(tls={"a": tls}), LimitSettings())
    codes: list[str] = []
    try:
        for _ in range(times):
            try:
                exchange = await upstream.send(
                    replace(OWN, base_url=f"https://127.0.0.1:{server.port}"), CALL, (("authorization", "Bearer s"),)
                )
                codes.append(str(exchange.status))
                await exchange.close()
            except ProviderError as error:
                codes.append(error.code)
    finally:
        await upstream.close()
    return codes


@pytest.mark.parametrize("version", [None, ssl.TLSVersion.TLSv1_2])
def test_a_server_that_wants_our_certificate_gets_it(
    authority: Authority, tmp_path: Path, version: ssl.TLSVersion | None
) -> None:
    shown = TlsSettings(certificate=str(client(authority, tmp_path)), authority=str(authority.bundle))
    with asking(authority, authority.bundle, version) as server:
        assert run(call(server, shown)) == ["200"]
    assert server.names == ["CN=gateway"]


@pytest.mark.parametrize("version", [None, ssl.TLSVersion.TLSv1_2])
def test_a_server_that_wants_a_certificate_and_sees_none_refuses_with_a_code_of_its_own(
    authority: Authority, version: ssl.TLSVersion | None, capfd: pytest.CaptureFixture[str]
) -> None:
    with asking(authority, authority.bundle, version) as server:
        assert run(call(server, TlsSettings(authority=str(authority.bundle)))) == ["upstream_tls"]
    assert server.calls == []
    assert "destination a: TLS failed" in capfd.readouterr().err


def test_a_certificate_of_another_authority_is_refused(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other")
    shown = TlsSettings(certificate=str(client(other, tmp_path / "other")), authority=str(authority.bundle))
    with asking(authority, authority.bundle) as server:
        assert run(call(server, shown)) == ["upstream_tls"]
    assert server.calls == []


def test_only_the_named_authority_is_believed_for_a_destination(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other")
    shown = TlsSettings(certificate=str(client(authority, tmp_path)), authority=str(other.bundle))
    with asking(authority, authority.bundle) as server:
        assert run(call(server, shown)) == ["upstream_tls"]
    assert server.calls == []


def test_a_certificate_is_taken_anew_when_its_file_changes(authority: Authority, tmp_path: Path) -> None:
    path = client(authority, tmp_path)
    contexts = Contexts(None, {"a": TlsSettings(certificate=str(path), authority=str(authority.bundle))})
    first = contexts.of(OWN.id)
    assert contexts.of(OWN.id) is first
    renewed = client(authority, tmp_path, "renewed")
    renewed.replace(path)
    assert contexts.of(OWN.id) is not first


def test_a_half_written_file_leaves_the_old_one_in_force(
    authority: Authority, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = client(authority, tmp_path)
    shown = TlsSettings(certificate=str(path), authority=str(authority.bundle))
    with asking(authority, authority.bundle) as server:

        async def play() -> None:
            upstream = Upstream(EgressSettings(tls={"a": shown}), LimitSettings())
            at = replace(OWN, base_url=f"https://127.0.0.1:{server.port}")
            try:
                path.write_text("half")
                for _ in range(2):
                    exchange = await upstream.send(at, CALL, ())
                    assert exchange.status == 200
                    await exchange.close()
            finally:
                await upstream.close()

        run(play())
    assert capfd.readouterr().err.count("still counts") == 1


@pytest.mark.parametrize("broken", ["absent", "empty", "password", "key alone", "authority"])
def test_files_that_cannot_be_used_refuse_to_start(authority: Authority, tmp_path: Path, broken: str) -> None:
    path = client(authority, tmp_path)
    stated = TlsSettings(certificate=str(path))
    match broken:
        case "absent":
            path.unlink()
        case "empty":
            path.write_text("")
        case "password":
            key = read_key(path.read_bytes(), None)
            locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
            certificate = path.read_bytes().split(b"-----END PRIVATE KEY-----\n")[1]
            path.write_bytes(locked + certificate)
        case "key alone":
            stated = TlsSettings(key=str(path))
        case _:
            path.write_text("no authority")
            stated = TlsSettings(authority=str(path))

    async def play() -> None:
        with pytest.raises(TlsUnusable, match=r"cannot be used|certificate too|certificate` too|no certificate"):
            Upstream(EgressSettings(tls={"a": stated}), LimitSettings())

    run(play())


@pytest.mark.parametrize(("days", "grade"), [(90, Grade.GOOD), (20, Grade.WEIGH), (-1, Grade.MEND)])
def test_the_doctor_tells_when_a_certificate_ends(
    authority: Authority, tmp_path: Path, days: int, grade: Grade
) -> None:
    path = client(authority, tmp_path, days=days)
    made = x509.load_pem_x509_certificates(path.read_bytes())[0]
    now = Instant(int((made.not_valid_after_utc - dt.timedelta(days=days, hours=-1)).timestamp() * 1000))
    told = list(certificate_remarks(None, {"a": TlsSettings(certificate=str(path))}, now))
    assert [one.grade for one in told] == [grade]
    assert f"{made.not_valid_after_utc:%Y-%m-%d}" in told[0].says


def test_the_doctor_tells_of_a_key_that_others_read_and_of_a_file_that_is_absent(
    authority: Authority, tmp_path: Path
) -> None:
    path = client(authority, tmp_path)
    os.chmod(path, 0o644)  # noqa: PTH101 - as a person does it
    told = list(certificate_remarks(None, {"a": TlsSettings(certificate=str(path))}, Instant(0)))
    assert [one.next_step for one in told if one.grade is Grade.WEIGH] == [f"chmod 600 {path}"]
    path.unlink()
    told = list(certificate_remarks(None, {"a": TlsSettings(certificate=str(path))}, Instant(0)))
    assert [one.grade for one in told] == [Grade.MEND]
