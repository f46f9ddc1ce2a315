"""Steps that persons take with the rules, signed one over the other.

Law: every step is signed by the gateway's key over the step before it, so that one that was changed or taken out is
seen; it counts only once the trail has it. They are kept as the docket's are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ecluse.domain.ports import Signer
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Scalar
from ecluse.edge.docket import ROLE, Book, DocketUnusable, Steps
from ecluse.passage.record import timestamp


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


S = TypeVar("S", bound=Signed)


class Chain(Generic[S]):
    """The steps of one kind. Each call is one transaction of its own."""

    made_of: type[S]

    def __init__(self, steps: Steps, signer: Signer) -> None:
        self.steps = steps
        self._signer = signer
        self._key = Ed25519PublicKey.from_public_bytes(signer.public())

    def untold(self) -> tuple[tuple[int, S], ...]:
        """Return the steps that the trail does not have yet."""
        return tuple((seq, step) for seq, step, trailed in self._all() if not trailed)

    def told(self, seq: int) -> None:
        """Note that the trail has a step."""
        with self.steps.writing() as book:
            book.told(seq)

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
                raise DocketUnusable(f"{name}: step {seq} was not written by this gateway; restore it") from None
            if step.before != before:
                raise DocketUnusable(f"{name}: a step before {seq} is missing; restore it from a backup")
            before = signature.hex()
            found.append((seq, step, bool(trailed)))
        return found

    def _write(self, book: Book, step: S, now: Instant) -> S:
        last = [signature for _, _, signature, _ in book.rows()][-1:]
        step = msgspec.structs.replace(step, at=timestamp(now), before=last[0].hex() if last else "")
        data = msgspec.json.encode(step, order="sorted")
        book.add(data, self._signer.sign(data))
        return step


def check_who(name: str, role: str) -> None:
    """Raise DocketUnusable unless a person and a role are stated."""
    if not name.strip() or not ROLE.fullmatch(role):
        raise DocketUnusable("state a person's name, and a role in one lower-case word, e.g. dpo or security")
