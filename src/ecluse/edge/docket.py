"""Exceptions and contests that persons ask for, decide and end: signed steps in a file beside the trail.

Law: every step is signed by the gateway's key over the step before it, and counts only once the trail has it. Names,
grounds and reasons stay here; the trail gets roles, rules, days and counts, because an entry is never erased.
"""

import contextlib
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ecluse.domain.contest import same_person
from ecluse.domain.ports import Signer
from ecluse.domain.snapshot import Instant
from ecluse.passage.record import timestamp

APPLICATION_ID = 0x45434C44
"""`ECLD`."""
SCHEMA = 1
BUSY = 2.0
"""Seconds to wait for another process that is writing."""
ROLE = re.compile(r"[a-z][a-z0-9_-]{0,31}")
"""A role as the trail has it: a word, no name of a person."""
OPEN_AT_MOST = 1_000
"""Matters of one application that may wait for a decision."""
TABLE = """
CREATE TABLE steps (
    seq INTEGER PRIMARY KEY,
    step BLOB NOT NULL,
    signature BLOB NOT NULL,
    trailed INTEGER NOT NULL DEFAULT 0
) STRICT
"""


class DocketUnusable(ValueError):
    """The docket cannot be used, or a step in it cannot be. Says what to do."""


class Kind(StrEnum):
    """What a matter is about."""

    EXCEPTION = "exception"
    CONTEST = "contest"


class Move(StrEnum):
    """What a step does."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    ENDED = "ended"


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of a matter: by whom, in which role, when. `asks` is what is asked for, in the first step.

    `person` is the keyed hash of who signed in to make it; empty where a name was typed.
    """

    matter: str = ""
    kind: Kind
    move: Move = Move.ASKED
    at: str = ""
    name: str
    role: str
    person: str = ""
    application: str
    starts: date | None = None
    ends: date | None = None
    rule: str = ""
    ground: str = ""
    destinations: tuple[str, ...] = ()
    entry: str = ""
    marks: tuple[str, ...] = ()
    counts: dict[str, int] = {}
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


class Docket:
    """The docket of one state directory. Each call is one transaction of its own."""

    def __init__(self, path: Path, signer: Signer) -> None:
        self.path = path
        self._signer = signer
        self._key = Ed25519PublicKey.from_public_bytes(signer.public())

    # ------------------------------------------------------------------ asking and deciding
    def ask(self, step: Step, now: Instant) -> Step:
        """Open a matter under a new id. Raises DocketUnusable."""
        _stated(step.name, step.role)
        if not step.ground.strip():
            raise DocketUnusable("say on what ground")
        with self._writing() as db:
            waiting = [m for m in _matters(self._read(db)) if m.state == "open"]
            if sum(m.asked.application == step.application for m in waiting) >= OPEN_AT_MOST:
                raise DocketUnusable(f"{OPEN_AT_MOST} matters of {step.application} wait for a decision; decide some")
            matter = f"{'E' if step.kind is Kind.EXCEPTION else 'C'}-{secrets.token_hex(5)}"
            return self._write(db, msgspec.structs.replace(step, matter=matter, move=Move.ASKED), now)

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
        with self._writing() as db:
            found = next((m for m in _matters(self._read(db)) if m.asked.matter == matter), None)
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
            return self._write(db, step, now)

    # ------------------------------------------------------------------ reading
    def matters(self) -> tuple[Matter, ...]:
        """Return every matter, the oldest first. Raises DocketUnusable, also for a step that was changed."""
        if not self.path.exists():
            return ()
        with self._reading() as db:
            return tuple(_matters(self._read(db)))

    def untold(self) -> tuple[tuple[int, Step], ...]:
        """Return the steps that the trail does not have yet."""
        if not self.path.exists():
            return ()
        with self._reading() as db:
            return tuple((seq, step) for seq, step, trailed in self._read(db) if not trailed)

    def told(self, seq: int) -> None:
        """Note that the trail has a step."""
        with self._writing() as db:
            db.execute("UPDATE steps SET trailed = 1 WHERE seq = ?", (seq,))

    # ------------------------------------------------------------------ the file
    def _read(self, db: sqlite3.Connection) -> list[tuple[int, Step, bool]]:
        """Read every step and check its signature and the one that it follows."""
        found: list[tuple[int, Step, bool]] = []
        before = ""
        for seq, data, signature, trailed in db.execute("SELECT * FROM steps ORDER BY seq"):
            try:
                self._key.verify(signature, data)
                step = msgspec.json.decode(data, type=Step)
            except (InvalidSignature, msgspec.DecodeError):
                raise DocketUnusable(f"{self.path}: step {seq} was not written by this gateway; restore it") from None
            if step.before != before:
                raise DocketUnusable(f"{self.path}: a step before {seq} is missing; restore it from a backup")
            before = signature.hex()
            found.append((seq, step, bool(trailed)))
        return found

    def _write(self, db: sqlite3.Connection, step: Step, now: Instant) -> Step:
        last = db.execute("SELECT signature FROM steps ORDER BY seq DESC LIMIT 1").fetchone()
        step = msgspec.structs.replace(step, at=timestamp(now), before=last[0].hex() if last else "")
        data = msgspec.json.encode(step, order="sorted")
        db.execute("INSERT INTO steps (step, signature) VALUES (?, ?)", (data, self._signer.sign(data)))
        return step

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            with contextlib.suppress(FileExistsError):
                os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            with contextlib.closing(self._connect("rw")) as db:
                db.execute("BEGIN IMMEDIATE")
                if db.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,):
                    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                    db.execute(f"PRAGMA user_version = {SCHEMA}")
                    db.execute(TABLE)
                self._check(db)
                yield db
                db.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise DocketUnusable(f"{self.path} cannot be used: {error}") from error

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            with contextlib.closing(self._connect("ro")) as db:
                self._check(db)
                yield db
        except (sqlite3.Error, OSError) as error:
            raise DocketUnusable(f"{self.path} cannot be used: {error}") from error

    def _connect(self, mode: str) -> sqlite3.Connection:
        uri = f"{self.path.absolute().as_uri()}?mode={mode}"
        db = sqlite3.connect(uri, uri=True, timeout=BUSY, isolation_level=None)
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA trusted_schema = OFF")
        return db

    def _check(self, db: sqlite3.Connection) -> None:
        stated = tuple(db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
        if stated != (APPLICATION_ID, SCHEMA):
            raise DocketUnusable(f"{self.path} is not a docket of this version of Ecluse (schema {SCHEMA})")


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
        known = found.get(step.matter)
        if known is None:
            found[step.matter] = Matter(asked=step, trailed=trailed)
            continue
        changed: Mapping[str, Any] = {"ended" if step.move is Move.ENDED else "decided": step}
        found[step.matter] = msgspec.structs.replace(known, trailed=known.trailed and trailed, **changed)
    return list(found.values())
