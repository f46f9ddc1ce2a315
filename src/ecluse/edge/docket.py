"""Exceptions and contests that persons ask for, decide and end, and looks at names: signed steps beside the trail.

Law: every step is signed by the gateway's key over the step before it, and counts only once the trail has it. Names,
grounds and reasons stay here; the trail gets roles, rules, days and counts, because an entry is never erased. Replicas
of one log share one docket.
"""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import date
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ecluse.domain.contest import same_person
from ecluse.domain.ports import Signer
from ecluse.domain.snapshot import Instant
from ecluse.passage.record import timestamp

ROLE = re.compile(r"[a-z][a-z0-9_-]{0,31}")
"""A role as the trail has it: a word, no name of a person."""
OPEN_AT_MOST = 1_000
"""Matters of one application that may wait for a decision."""
Row: TypeAlias = tuple[int, bytes, bytes, bool]
"""Number, bytes, signature of a step, and whether the trail has it."""


class DocketUnusable(ValueError):
    """The docket cannot be used, or a step in it cannot be. Says what to do."""


class Kind(StrEnum):
    """What a matter is about."""

    EXCEPTION = "exception"
    CONTEST = "contest"
    LOOK = "look"
    """Names of persons were asked to be shown; nothing to decide."""


class Move(StrEnum):
    """What a step does."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    ENDED = "ended"


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of a matter: by whom, in which role, when. `asks` is what is asked for, in the first step.

    `person` is the keyed hash of who signed in to make it; empty where a name was typed. `page` is where names were
    asked to be shown.
    """

    matter: str = ""
    kind: Kind
    move: Move = Move.ASKED
    at: str = ""
    name: str
    role: str
    person: str = ""
    application: str = ""
    starts: date | None = None
    ends: date | None = None
    rule: str = ""
    ground: str = ""
    destinations: tuple[str, ...] = ()
    entry: str = ""
    marks: tuple[str, ...] = ()
    counts: dict[str, int] = {}
    page: str = ""
    before: str = ""


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """What the steps of one matter amount to. `trailed` is whether the trail has all of them."""

    asked: Step
    decided: Step | None = None
    ended: Step | None = None
    trailed: bool = True

    @property
    def state(self) -> str:
        """The state in one word: open, granted, refused or ended."""
        last = self.ended or self.decided
        return "open" if last is None else last.move.value


class Book(Protocol):
    """The steps within one transaction."""

    def rows(self) -> Iterable[Row]:
        """Return every step, in order."""

    def add(self, step: bytes, signature: bytes) -> None:
        """Add a step."""

    def told(self, seq: int) -> None:
        """Note that the trail has a step."""


class Steps(Protocol):
    """Where steps are kept. What cannot be used raises DocketUnusable."""

    @property
    def name(self) -> str:
        """How a message calls it."""

    def there(self) -> bool:
        """Say whether there is any, without making anything."""

    def reading(self) -> AbstractContextManager[Book]:
        """Open for reading."""

    def writing(self) -> AbstractContextManager[Book]:
        """Open for writing, for one writer at a time."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Wait until nobody else is putting steps on the trail."""

    def look(self) -> tuple[int, ...]:
        """Return what changes whenever a step is written or told; empty while it cannot be seen."""


class Docket:
    """The docket of one log. Each call is one transaction of its own."""

    def __init__(self, steps: Steps, signer: Signer) -> None:
        self.steps = steps
        self._signer = signer
        self._key = Ed25519PublicKey.from_public_bytes(signer.public())

    # ------------------------------------------------------------------ asking and deciding
    def ask(self, step: Step, now: Instant) -> Step:
        """Open a matter under a new id. Raises DocketUnusable."""
        _stated(step.name, step.role)
        if not step.ground.strip():
            raise DocketUnusable("say on what ground")
        with self.steps.writing() as book:
            waiting = [m for m in _matters(self._read(book)) if m.state == "open"]
            if sum(m.asked.application == step.application for m in waiting) >= OPEN_AT_MOST:
                raise DocketUnusable(f"{OPEN_AT_MOST} matters of {step.application} wait for a decision; decide some")
            matter = f"{'E' if step.kind is Kind.EXCEPTION else 'C'}-{secrets.token_hex(5)}"
            return self._write(book, msgspec.structs.replace(step, matter=matter, move=Move.ASKED), now)

    def decide(
        self,
        matter: str,
        kind: Kind,
        move: Move,
        *,
        name: str,
        role: str,
        now: Instant,
        ends: date | None = None,
        person: str = "",
    ) -> Step:
        """Grant, refuse or end a matter. Raises DocketUnusable for one person in two roles, or a step out of turn."""
        _stated(name, role)
        with self.steps.writing() as book:
            found = next((m for m in _matters(self._read(book)) if m.asked.matter == matter), None)
            if found is None or found.asked.kind is not kind:
                raise DocketUnusable(f"there is no {kind} {matter!r}; `ecluse {kind}s list` shows them")
            if (move is Move.ENDED) != (found.state == "granted") or found.state not in {"open", "granted"}:
                raise DocketUnusable(f"{matter} is {found.state}: that step is not open to it")
            if move is Move.GRANTED:
                _two(found.asked, name, role, person)
            asked = found.asked
            step = Step(
                matter=matter, kind=kind, move=move, name=name, role=role, person=person, application=asked.application,
                rule=asked.rule, starts=asked.starts, ends=ends or asked.ends,
            )  # fmt: skip
            return self._write(book, step, now)

    def shown(self, step: Step, now: Instant) -> Step:
        """Note that somebody has names shown, why and where. Raises DocketUnusable."""
        _stated(step.name, step.role)
        with self.steps.writing() as book:
            return self._write(
                book, msgspec.structs.replace(step, kind=Kind.LOOK, matter=f"L-{secrets.token_hex(5)}"), now
            )

    def adopt(self, other: "Docket") -> int:
        """Take over the steps of another docket of this log, signed anew in this order; return how many were new.

        Raises DocketUnusable.
        """
        if not other.steps.there():
            return 0
        with other.steps.reading() as book:
            brought = self._read(book)
        with self.steps.writing() as book:
            known = {_said(step) for _, step, _ in self._read(book)}
            new = [(step, trailed) for _, step, trailed in brought if _said(step) not in known]
            for step, trailed in new:
                self._add(book, step)
                if trailed:
                    book.told([seq for seq, *_ in book.rows()][-1])
        return len(new)

    # ------------------------------------------------------------------ reading
    def matters(self) -> tuple[Matter, ...]:
        """Return every matter, the oldest first. Raises DocketUnusable, also for a step that was changed."""
        if not self.steps.there():
            return ()
        with self.steps.reading() as book:
            return tuple(_matters(self._read(book)))

    def untold(self) -> tuple[tuple[int, Step], ...]:
        """Return the steps that the trail does not have yet."""
        if not self.steps.there():
            return ()
        with self.steps.reading() as book:
            return tuple((seq, step) for seq, step, trailed in self._read(book) if not trailed)

    def told(self, seq: int) -> None:
        """Note that the trail has a step."""
        with self.steps.writing() as book:
            book.told(seq)

    def looks(self) -> tuple[tuple[Step, bool], ...]:
        """Return who had names shown, the oldest first, each with whether the trail has it."""
        if not self.steps.there():
            return ()
        with self.steps.reading() as book:
            return tuple((step, trailed) for _, step, trailed in self._read(book) if step.kind is Kind.LOOK)

    # ------------------------------------------------------------------ the steps
    def _read(self, book: Book) -> list[tuple[int, Step, bool]]:
        """Read every step and check its signature and the one that it follows."""
        found: list[tuple[int, Step, bool]] = []
        before, name = "", self.steps.name
        for seq, data, signature, trailed in book.rows():
            try:
                self._key.verify(signature, data)
                step = msgspec.json.decode(data, type=Step)
            except (InvalidSignature, msgspec.DecodeError):
                raise DocketUnusable(f"{name}: step {seq} was not written by this gateway; restore it") from None
            if step.before != before:
                raise DocketUnusable(f"{name}: a step before {seq} is missing; restore it from a backup")
            before = signature.hex()
            found.append((seq, step, bool(trailed)))
        return found

    def _write(self, book: Book, step: Step, now: Instant) -> Step:
        return self._add(book, msgspec.structs.replace(step, at=timestamp(now)))

    def _add(self, book: Book, step: Step) -> Step:
        last = [signature for _, _, signature, _ in book.rows()][-1:]
        step = msgspec.structs.replace(step, before=last[0].hex() if last else "")
        data = msgspec.json.encode(step, order="sorted")
        book.add(data, self._signer.sign(data))
        return step


def _said(step: Step) -> bytes:
    """Return what a step says, wherever it stands."""
    return msgspec.json.encode(msgspec.structs.replace(step, before=""), order="sorted")


def _stated(name: str, role: str) -> None:
    if not name.strip() or not ROLE.fullmatch(role):
        raise DocketUnusable("state a person's name, and a role in one lower-case word, e.g. dpo or security")


def _two(asked: Step, name: str, role: str, person: str) -> None:
    """Raise DocketUnusable unless another person in another role decides; a token's caller is the person it names."""
    if (
        (person and (asked.person == person or asked.name.endswith(f"_{person}")))
        or same_person(asked.name, name)
        or asked.role.strip().casefold() == role.strip().casefold()
    ):
        raise DocketUnusable(
            f"{asked.matter} was asked for by {asked.name} ({asked.role}): another person in another role decides"
        )


def _matters(steps: Sequence[tuple[int, Step, bool]]) -> list[Matter]:
    found: dict[str, Matter] = {}
    for _, step, trailed in steps:
        if step.kind is Kind.LOOK:
            continue
        known = found.get(step.matter)
        if known is None:
            found[step.matter] = Matter(asked=step, trailed=trailed)
            continue
        changed: Mapping[str, Any] = {"ended" if step.move is Move.ENDED else "decided": step}
        found[step.matter] = msgspec.structs.replace(known, trailed=known.trailed and trailed, **changed)
    return list(found.values())
