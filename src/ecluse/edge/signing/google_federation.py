"""Google's workload identity federation by google-auth: a token of one's own identity provider for one of Google's.

Law: `google:PATH` names a file of type `external_account`; what it makes google-auth ask goes through `outward`, in a
thread. A source that runs a program, or asks AWS's metadata, is refused: it is no file and no address.
"""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from google.auth import transport
from google.auth.exceptions import GoogleAuthError, TransportError
from google.auth.identity_pool import Credentials

from ecluse.domain.snapshot import Instant
from ecluse.edge.keys import SecretUnavailable
from ecluse.edge.outward import Answered, Outward, OutwardFailed

PREFIX = "google:"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
SECONDS = 30
SOURCES = frozenset({"file", "url"})


class _Response(transport.Response):
    """An answer as google-auth reads one."""

    def __init__(self, answered: Answered) -> None:
        self._answered = answered

    @property
    def status(self) -> int:
        return self._answered.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._answered.headers

    @property
    def data(self) -> bytes:
        return self._answered.body


class _Through(transport.Request):
    """Asks through `outward`, from a thread, in the loop that owns it."""

    def __init__(self, outward: Outward, loop: asyncio.AbstractEventLoop) -> None:
        self._outward, self._loop = outward, loop

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_others: object,
    ) -> _Response:
        told = list((headers or {}).items())
        data = body.encode() if isinstance(body, str) else body or b""
        asked = self._outward.get(url, told) if method == "GET" else self._outward.post(url, data, told)
        try:
            answered = asyncio.run_coroutine_threadsafe(asked, self._loop).result(timeout or SECONDS)
        except (OutwardFailed, TimeoutError) as error:
            raise TransportError(str(error)) from None  # type: ignore[no-untyped-call] # the same
        return _Response(answered)


class Federation:
    """What a file of type `external_account` stands for."""

    def __init__(self, reference: str) -> None:
        """Read the file. Raises SecretUnavailable."""
        self._reference = reference
        try:
            stated = json.loads(Path(reference.removeprefix(PREFIX)).read_text(encoding="utf-8"))
            source = set(stated["credential_source"]) & {"file", "url", "executable", "certificate", "environment_id"}
            if stated["type"] != "external_account" or len(source) != 1 or not source <= SOURCES:
                raise SecretUnavailable(reference, "its credential_source is neither a file nor a url")
            self._held: Credentials = Credentials.from_info(stated, scopes=[SCOPE])  # type: ignore[no-untyped-call] # google-auth says no types
        except (OSError, ValueError, TypeError, KeyError, GoogleAuthError) as error:
            raise SecretUnavailable(reference, f"the file cannot be used: {type(error).__name__}") from None

    async def ask(self, outward: Outward, now: Instant) -> tuple[str, int]:
        """Return a token and for how many seconds it counts. Raises SecretUnavailable."""
        through = _Through(outward, asyncio.get_running_loop())
        try:
            await asyncio.to_thread(self._held.refresh, through)
        except (GoogleAuthError, ValueError, OSError) as error:
            raise SecretUnavailable(self._reference, f"no token is given: {type(error).__name__}") from None
        ends: datetime | None = self._held.expiry
        if ends is None:
            raise SecretUnavailable(self._reference, "the token that is given has no end")
        left = int(ends.replace(tzinfo=UTC).timestamp() - now / 1000)
        return str(self._held.token), max(left, 1)
