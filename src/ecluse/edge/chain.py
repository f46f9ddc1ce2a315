"""Steps that persons take, signed one over the other: with exceptions and contests, and with the rules.

Law: every step is signed by the gateway's key over the step before it, so that one that was changed or taken out is
seen; it counts only once the trail has it. Names, grounds and reasons stay here; the trail gets roles, hashes and
counts, because an entry is never erased. Replicas of one log share one chain of each kind.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeAlias, TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ecluse.domain.misstated import Misstated
from ecluse.domain.ports import Signer
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Scalar
from ecluse.passage.record import timestamp

ROLE = re.compile(r"[a-z][a-z0-9_-]{0,31}")
"""A role as the trail has it: a word, no name of a person."""
Row: TypeAlias = tuple[int, bytes, bytes, bool]
"""Number, bytes, signature of a step, and whether the trail has it."""


class DocketUnusable(Misstated):
    """What persons decided cannot be used, or a step in it cannot be. Says what to do."""


class SamePerson(DocketUnusable):
    """Who asked, or somebody in the same role, would decide."""


class Signed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every step has: by whom, in which role, when, and the signature of the step before it.

    `person` is the keyed hash of who signed in to make it; empty where a name was typed.
    """

    at: str = ""
    name: str
    role: str
    person: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the trail gets of a step: no name and no words of a person, because an entry is never erased."""

    action: str
    actor: str
    subject: str
    facts: Mapping[str, Scalar]


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


S = TypeVar("S", bound=Signed)


class Chain(Generic[S]):
    """The steps of one kind. Each call is one transaction of its own."""

    made_of: type[S]

    def __init__(self, steps: Steps, signer: Signer) -> None:
        self.steps = steps
        self._signer = signer
        self._key = Ed25519PublicKey.from_public_bytes(signer.public())

    # ------------------------------------------------------------------ the trail
    def untold(self) -> tuple[tuple[int, S], ...]:
        """Return the steps that the trail does not have yet."""
        return tuple((seq, step) for seq, step, trailed in self._all() if not trailed)

    def told(self, seq: int) -> None:
        """Note that the trail has a step."""
        with self.steps.writing() as book:
            book.told(seq)

    # ------------------------------------------------------------------ moving
    def adopt(self, other: "Chain[S]") -> int:
        """Take over the steps of another chain of this log, signed anew in this order; return how many were new.

        Raises DocketUnusable.
        """
        brought = other._all()  # noqa: SLF001 - another of our own kind
        if not brought:
            return 0
        with self.steps.writing() as book:
            known = {_said(step) for _, step, _ in self._read(book)}
            new = [(step, trailed) for _, step, trailed in brought if _said(step) not in known]
            for step, trailed in new:
                self._add(book, step)
                if trailed:
                    book.told([seq for seq, *_ in book.rows()][-1])
        return len(new)

    # ------------------------------------------------------------------ the steps
    def _all(self) -> list[tuple[int, S, bool]]:
        if not self.steps.there():
            return []
        with self.steps.reading() as book:
            return self._read(book)

    def _read(self, book: Book) -> list[tuple[int, S, bool]]:
        """Read every step and check its signature and the one that it follows."""
        found: list[tuple[int, S, bool]] = []
        before, name = "", self.steps.name
        for seq, data, signature, trailed in book.rows():
            try:
                self._key.verify(signature, data)
                step = msgspec.json.decode(data, type=self.made_of)
            except (InvalidSignature, msgspec.DecodeError):
                raise DocketUnusable(
                    f"{name}: step {seq} was not written by this gateway; restore it",
                    f"{name} : l'étape {seq} n'a pas été écrite par cette passerelle ; restaurez-la",
                ) from None
            if step.before != before:
                raise DocketUnusable(
                    f"{name}: a step before {seq} is missing; restore it from a backup",
                    f"{name} : une étape avant la {seq} manque ; restaurez-la depuis une sauvegarde",
                )
            before = signature.hex()
            found.append((seq, step, bool(trailed)))
        return found

    def _write(self, book: Book, step: S, now: Instant) -> S:
        return self._add(book, msgspec.structs.replace(step, at=timestamp(now)))

    def _add(self, book: Book, step: S) -> S:
        last = [signature for _, _, signature, _ in book.rows()][-1:]
        step = msgspec.structs.replace(step, before=last[0].hex() if last else "")
        data = msgspec.json.encode(step, order="sorted")
        book.add(data, self._signer.sign(data))
        return step


def check_who(name: str, role: str) -> None:
    """Raise DocketUnusable unless a person and a role are stated."""
    if not name.strip() or not ROLE.fullmatch(role):
        raise DocketUnusable(
            "state a person's name, and a role in one lower-case word, e.g. dpo or security",
            "écrivez le nom d'une personne, et son rôle en un mot et en minuscules, par exemple dpo ou rssi",
        )


def _said(step: Signed) -> bytes:
    """Return what a step says, wherever it stands."""
    return msgspec.json.encode(msgspec.structs.replace(step, before=""), order="sorted")
