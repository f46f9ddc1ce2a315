"""TLS towards each destination: our certificate where a server asks for one, and whose word is taken for the server.

Law: verification is never off. A file is read anew when it changes; while the new ones cannot be used, those before
them count, and it is said once. A key under a password is refused: nobody is there to type it.
"""

import asyncio
import ssl
from collections.abc import Mapping
from pathlib import Path

from ecluse.domain.destination import DestinationId
from ecluse.edge.saying import say
from ecluse.edge.tls_settings import TlsSettings

Stamp = tuple[tuple[int, int, int], ...]


class TlsUnusable(ValueError):
    """What the settings name cannot be used; says which file and why."""


class Contexts:
    """The TLS contexts of a process: one for all, and one for each destination that has its own files."""

    def __init__(self, bundle: str | None, stated: Mapping[str, TlsSettings]) -> None:
        """Read every file. Raises TlsUnusable."""
        self._bundle = bundle
        self._stated = stated
        self.common = _trusting(bundle)
        self._known: dict[str, tuple[Stamp, ssl.SSLContext]] = {}
        for name, one in stated.items():
            self._known[name] = (_stamp(one), context(bundle, one))

    def of(self, destination: DestinationId) -> ssl.SSLContext:
        """Return the context of a destination, with its files as they are now."""
        one = self._stated.get(destination)
        if one is None:
            return self.common
        stamp, known = self._known[destination]
        seen = _stamp(one)
        if seen != stamp:
            try:
                known = context(self._bundle, one)
            except TlsUnusable as error:
                say(f"destination {destination}: {error}; what was read before it still counts")
            self._known[destination] = (seen, known)
        return known


def context(bundle: str | None, one: TlsSettings) -> ssl.SSLContext:
    """Make the context that these files stand for. Raises TlsUnusable naming the file."""
    made = _trusting(bundle) if one.authority is None else _believing(one.authority)
    if one.certificate is None:
        if one.key is not None:
            raise TlsUnusable("a key without its certificate: name `certificate` too")
        return made
    try:
        made.load_cert_chain(one.certificate, one.key, password=_refuse_password)
    except (OSError, ValueError) as error:
        raise TlsUnusable(f"{one.certificate} with its key cannot be used: {_why(error)}") from None
    return made


async def refused_as_stranger(host: str, port: int, trusting: ssl.SSLContext, seconds: float) -> bool:
    """Say whether a server ends TLS with an alert, as it does to whoever shows no certificate. Sends nothing in it.

    A call that a server cuts so may only show as a broken connection: its alert and the reset race each other.
    """
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(host, port, ssl=trusting)
            await reader.read(1)
    except ssl.SSLError:
        return True
    except (OSError, TimeoutError):
        return False
    finally:
        if writer is not None:
            writer.transport.abort()
    return False


def _trusting(bundle: str | None) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=bundle)
    if bundle and not made.get_ca_certs():
        raise TlsUnusable(f"{Path(bundle).name} has no certificate authority")
    return made


def _believing(authority: str) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        made.load_verify_locations(cafile=authority)
    except OSError as error:
        raise TlsUnusable(f"{authority} cannot be used: {_why(error)}") from None
    if not made.get_ca_certs():
        raise TlsUnusable(f"{authority} has no certificate authority")
    return made


def _refuse_password() -> str:
    raise TlsUnusable("the key is under a password; write it without one, readable by this account alone")


def _why(error: Exception) -> str:
    if isinstance(error, TlsUnusable):
        return str(error)
    reason = getattr(error, "reason", None)
    return f"{type(error).__name__} {reason}" if reason else type(error).__name__


def _stamp(one: TlsSettings) -> Stamp:
    """Return what changes when a file does; a file that is gone is (0, 0, 0)."""
    found: list[tuple[int, int, int]] = []
    for name in one.files:
        try:
            status = Path(name).stat()
        except OSError:
            found.append((0, 0, 0))
        else:
            found.append((status.st_ino, status.st_mtime_ns, status.st_size))
    return tuple(found)
