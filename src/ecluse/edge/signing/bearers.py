"""Tokens that another server gives for a time: asked for once however many wait, kept until shortly before their end.

Law: what is asked carries a proof of who the gateway is, and nothing of any caller. A token that a provider turns away
is forgotten once and asked for anew; a server that gives none is not asked again for some seconds.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from ecluse.domain.destination import Destination
from ecluse.domain.effects import Call
from ecluse.domain.ports import Clock
from ecluse.edge.extras import ExtraMissing, load
from ecluse.edge.keys import SecretUnavailable
from ecluse.edge.outward import Outward
from ecluse.edge.signing.entra import PREFIX as ENTRA
from ecluse.edge.signing.entra import entra_of
from ecluse.edge.signing.signer import Headers

GOOGLE = "google:"
FEDERATED = b'"external_account"'
EARLY = 300_000
"""Milliseconds before its end, or a tenth of its life if that is less, from which a token is asked for anew."""
AGAIN = 5_000
"""Milliseconds for which a server that gave no token is not asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A token, and for how many seconds it counts."""

    token: str
    seconds: int


Ask = Callable[[Outward], Awaitable[Given]]


class Bearer:
    """One token as it is now, and the way to another when the provider turns it away."""

    def __init__(self, held: "_Held", token: str) -> None:
        self._held = held
        self._token = token

    def __call__(self, _call: Call) -> Headers:
        """Return the header that carries it; no other header holds a secret then."""
        return (("authorization", f"Bearer {self._token}"),)

    async def renewed(self) -> "Bearer":
        """Forget this token and return another. Raises SecretUnavailable."""
        self._held.forget(self._token)
        return Bearer(self._held, await self._held.token())


class _Held:
    """The token of one credential."""

    def __init__(self, reference: str, ask: Ask, outward: Outward, clock: Clock) -> None:
        self._reference, self._ask, self._outward, self._clock = reference, ask, outward, clock
        self._token, self._ends, self._renew_at, self._refused_until, self._why = "", 0, 0, 0, ""
        self._asking = asyncio.Lock()

    def forget(self, token: str) -> None:
        if token == self._token:
            self._token = ""

    async def token(self) -> str:
        if self._token and self._clock.now() < self._renew_at:
            return self._token
        async with self._asking:  # one asks, the others find what it was given
            if self._token and self._clock.now() < self._renew_at:
                return self._token
            return await self._new()

    async def _new(self) -> str:
        now = self._clock.now()
        why = self._why
        if now >= self._refused_until:
            try:
                given = await self._ask(self._outward)
            except SecretUnavailable as error:
                self._refused_until, self._why = now + AGAIN, error.why
                why = error.why
            else:
                life = given.seconds * 1000
                self._token, self._ends = given.token, now + life
                self._renew_at = self._ends - min(EARLY, life // 10)
                return self._token
        if self._token and now < self._ends:
            return self._token
        raise SecretUnavailable(self._reference, why)


class Bearers:
    """The tokens of a process, by the credential that is written for a destination."""

    def __init__(self, outward: Outward, clock: Clock) -> None:
        self._outward, self._clock = outward, clock
        self._held: dict[str, tuple[tuple[int, int], _Held | None]] = {}

    async def ready(self, destination: Destination) -> Bearer | None:
        """Return the token that a destination's credential stands for; None if it is none. Raises SecretUnavailable."""
        reference = destination.credential
        if reference is None or not reference.startswith((ENTRA, GOOGLE)):
            return None
        held = self._of(reference)
        return None if held is None else Bearer(held, await held.token())

    def _of(self, reference: str) -> _Held | None:
        try:
            status = Path(reference.partition(":")[2]).stat()
        except OSError as error:
            raise SecretUnavailable(reference, f"the file cannot be read: {type(error).__name__}") from None
        stamp = (status.st_ino, status.st_mtime_ns)
        known = self._held.get(reference)
        if known is not None and known[0] == stamp:
            return known[1]
        ask = asking(reference, self._clock)
        held = None if ask is None else _Held(reference, ask, self._outward, self._clock)
        self._held[reference] = (stamp, held)
        return held


def asking(reference: str | None, clock: Clock) -> Ask | None:
    """Return how to ask for the token of a credential; None if it is none. Raises SecretUnavailable."""
    if reference is not None and reference.startswith(ENTRA):
        entra = entra_of(reference)

        async def ask(outward: Outward) -> Given:
            token, seconds = await entra.ask(outward, clock.now())
            return Given(token=token, seconds=seconds)

        return ask
    if reference is None or not reference.startswith(GOOGLE):
        return None
    try:
        federated = FEDERATED in Path(reference.removeprefix(GOOGLE)).read_bytes()
    except OSError as error:
        raise SecretUnavailable(reference, f"the file cannot be read: {type(error).__name__}") from None
    if not federated:
        return None
    try:
        made = load("ecluse.edge.signing.google_federation", "vertex").Federation(reference)
    except ExtraMissing as error:
        raise SecretUnavailable(reference, str(error)) from None

    async def exchange(outward: Outward) -> Given:
        token, seconds = await made.ask(outward, clock.now())
        return Given(token=token, seconds=seconds)

    return exchange
