"""Who is at the console: a local administrator by a token that opens once, others by their roles; sessions in memory.

Law: a token opens one session and is spent, and the next one is told on the terminal; a session ends after half an hour
of silence and after eight hours whatever happens; nothing of it is stored, so a restart ends all.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from ecluse.domain.ports import Clock
from ecluse.edge.roles import Act, Role, may

IDLE = 30 * 60 * 1000
LONGEST = 8 * 60 * 60 * 1000
"""Milliseconds."""
MOST = 64
"""Sessions at once; the oldest goes first."""
TRIES = 20
WINDOW = 60 * 1000
"""Wrong tokens within a minute, after which none is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who signed in: a keyed hash of who they are to the provider, how it names them, their roles here.

    `session` is the provider's name of their session there; empty where it says none.
    """

    mark: str
    name: str
    roles: frozenset[Role]
    session: str = ""
    proof: str = field(default="", repr=False)
    """The provider's token, by which one signs out there."""

    def roles_for(self, act: Act) -> list[Role]:
        """Return the roles in which they may do something."""
        return [role for role in Role if role in self.roles and act in may({role})]


@dataclass(slots=True, kw_only=True)
class Session:
    """One session. `csrf` goes with each change; `acts` is what may be done in it; no `person` by the printed token."""

    csrf: str
    acts: frozenset[Act]
    person: Person | None
    began: int
    seen: int
    shown: dict[str, int] = field(default_factory=dict)
    """Until when names are shown on which page."""


class Sessions:
    """The sessions of one console."""

    def __init__(self, clock: Clock, tell: Callable[[str], None]) -> None:
        """Make the first token and tell it."""
        self._clock = clock
        self._tell = tell
        self._sessions: dict[str, Session] = {}
        self._wrong: list[int] = []
        self._token = ""
        self._renew()

    def _renew(self) -> None:
        self._token = secrets.token_urlsafe(24)
        self._tell(self._token)

    def enter(self, token: str) -> str | None:
        """Open a session with the token; None when it is not the one."""
        now = self._clock.now()
        self._wrong = [at for at in self._wrong if now - at < WINDOW]
        if len(self._wrong) >= TRIES:
            return None
        if not hmac.compare_digest(token.strip().encode(), self._token.encode()):
            self._wrong.append(now)
            return None
        self._renew()
        return self.open(frozenset({Role.ADMIN}))

    def open(self, roles: frozenset[Role], person: Person | None = None) -> str:
        """Open a session for somebody of these roles, and return its name."""
        now = self._clock.now()
        if len(self._sessions) >= MOST:
            del self._sessions[next(iter(self._sessions))]
        name = secrets.token_urlsafe(32)
        self._sessions[name] = Session(
            csrf=secrets.token_urlsafe(24), acts=may(roles), person=person, began=now, seen=now
        )
        return name

    def find(self, name: str | None) -> Session | None:
        """Return a session that still counts, and note that it was seen."""
        session = self._sessions.get(name or "")
        if session is None or name is None:
            return None
        now = self._clock.now()
        if now - session.seen > IDLE or now - session.began > LONGEST:
            del self._sessions[name]
            return None
        session.seen = now
        return session

    def leave(self, name: str | None) -> None:
        """End a session."""
        self._sessions.pop(name or "", None)

    def signed_out(self, mark: str | None, session: str | None) -> int:
        """End the sessions of somebody who signed out at the provider, and return how many those were.

        With a session's name those of that name alone, and those of theirs whose provider gave no name.
        """
        ended = [
            name
            for name, one in self._sessions.items()
            if one.person is not None
            and (mark is None or one.person.mark == mark)
            and (session is None or one.person.session == session or (mark is not None and not one.person.session))
        ]
        for name in ended:
            del self._sessions[name]
        return len(ended)
