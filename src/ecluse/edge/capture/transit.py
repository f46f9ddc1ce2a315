"""A key held by a transit engine: OpenBao, or HashiCorp Vault.

Law: its key never leaves it; it is sent the key of one content, bound by `associated_data` to that content, over TLS
or on this machine. Its token is read anew for each call, so that a rotated one needs no restart.
Source: OpenBao, API of the transit secrets engine, `POST /v1/MOUNT/encrypt/KEY` and `/decrypt/KEY`.
"""

import asyncio
import base64
import binascii
from http import HTTPStatus

import msgspec

from ecluse.edge.capture.unusable import CaptureUnusable
from ecluse.edge.capture_settings import TransitSettings
from ecluse.edge.config import EgressSettings
from ecluse.edge.identity.tokens import check_address
from ecluse.edge.keys import SecretResolver
from ecluse.edge.outward import Answered, Outward, OutwardFailed

SECONDS = 5.0
FORM = "vault:v"
"""How a ciphertext begins; the number of the key's version follows."""
KEY = 32


class _Told(msgspec.Struct, frozen=True):
    plaintext: str = ""
    ciphertext: str = ""


class _Answer(msgspec.Struct, frozen=True):
    data: _Told


class Transit:
    """One key of one engine. Each call is a connection of its own; from any thread but a loop's own."""

    def __init__(self, stated: TransitSettings, egress: EgressSettings) -> None:
        """Keep the words; the engine is not asked yet. Raises SettingsError or SecretUnavailable."""
        check_address("capture transit.address", stated.address)
        self._stated = stated
        self._egress = egress
        self._secrets = SecretResolver()
        self._secrets.resolve(stated.token)

    def wrap(self, own: bytes, bound: str) -> bytes:
        """Return a key wrapped. Raises CaptureUnusable or SecretUnavailable."""
        told = self._ask("encrypt", {"plaintext": _written(own), "associated_data": _written(bound.encode())})
        if not told.ciphertext.startswith(FORM):
            raise CaptureUnusable(f"{self._stated.address} gave no ciphertext: is transit.mount a transit engine?")
        return told.ciphertext.encode()

    def unwrap(self, wrapped: bytes, bound: str) -> bytes:
        """Return the key. Raises CaptureUnusable or SecretUnavailable."""
        asked = {"ciphertext": wrapped.decode("ascii", "replace"), "associated_data": _written(bound.encode())}
        told = self._ask("decrypt", asked)
        try:
            own = base64.b64decode(told.plaintext, validate=True)
        except binascii.Error:
            own = b""
        if len(own) != KEY:
            raise CaptureUnusable(f"{self._stated.address} gave no key of {KEY} bytes")
        return own

    def _ask(self, what: str, asked: dict[str, str]) -> _Told:
        stated = self._stated
        headers = [
            ("x-vault-token", self._secrets.resolve(stated.token).reveal()),
            ("content-type", "application/json"),
        ]
        if stated.namespace is not None:
            headers.append(("x-vault-namespace", stated.namespace))
        url = f"{stated.address.rstrip('/')}/v1/{stated.mount}/{what}/{stated.key}"
        try:
            answered = asyncio.run(_post(self._egress, url, msgspec.json.encode(asked), headers))
        except OutwardFailed as error:
            raise CaptureUnusable(f"{stated.address} cannot be asked: {error}") from error
        if answered.status != HTTPStatus.OK:
            raise CaptureUnusable(
                f"{stated.address} answered {answered.status} to {what}: see that the token may {what} with this key, "
                "that the key exists, and that it is the one that this was wrapped under"
            )
        try:
            return msgspec.json.decode(answered.body, type=_Answer).data
        except msgspec.DecodeError:
            raise CaptureUnusable(f"{stated.address} gave no answer of a transit engine") from None


async def _post(egress: EgressSettings, url: str, body: bytes, headers: list[tuple[str, str]]) -> Answered:
    outward = Outward(egress, seconds=SECONDS)
    try:
        return await outward.post(url, body, headers)
    finally:
        await outward.close()


def _written(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
