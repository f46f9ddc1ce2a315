"""Exceptions and contests that persons ask for, decide and end, and looks at names: a chain beside the trail.

Law: two persons in two roles. The trail gets roles, rules, days and counts of a step, never a name or a ground.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec

from ecluse.domain.contest import same_person
from ecluse.domain.snapshot import Instant
from ecluse.edge.chain import Chain, DocketUnusable, SamePerson, Signed, check_who

STATES: Mapping[str, str] = {
    "open": "en attente",
    "granted": "accordée",
    "refused": "rejetée",
    "ended": "close avant terme",
}
"""The states of a matter, in French."""
OPEN_AT_MOST = 1_000
"""Matters of one application that may wait for a decision."""


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


class Step(Signed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of a matter. `page` is where names were asked to be shown."""

    matter: str = ""
    kind: Kind
    move: Move = Move.ASKED
    application: str = ""
    starts: date | None = None
    ends: date | None = None
    rule: str = ""
    ground: str = ""
    destinations: tuple[str, ...] = ()
    entry: str = ""
    marks: tuple[str, ...] = ()
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    page: str = ""


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


class Docket(Chain[Step]):
    """The docket of one log."""

    made_of = Step

    # ------------------------------------------------------------------ asking and deciding
    def ask(self, step: Step, now: Instant) -> Step:
        """Open a matter under a new id. Raises DocketUnusable."""
        check_who(step.name, step.role)
        if not step.ground.strip():
            raise DocketUnusable("say on what ground", "dites pour quel motif")
        with self.steps.writing() as book:
            waiting = [m for m in _matters(self._read(book)) if m.state == "open"]
            if sum(m.asked.application == step.application for m in waiting) >= OPEN_AT_MOST:
                raise DocketUnusable(
                    f"{OPEN_AT_MOST} matters of {step.application} wait for a decision; decide some",
                    f"{OPEN_AT_MOST} demandes de {step.application} attendent une décision ; décidez-en",
                )
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
        check_who(name, role)
        with self.steps.writing() as book:
            found = next((m for m in _matters(self._read(book)) if m.asked.matter == matter), None)
            if found is None or found.asked.kind is not kind:
                raise DocketUnusable(
                    f"there is no {kind} {matter!r}; `ecluse {kind}s list` shows them",
                    f"aucune demande {matter!r} de cette sorte ; `ecluse {kind}s list` les montre",
                )
            if (move is Move.ENDED) != (found.state == "granted") or found.state not in {"open", "granted"}:
                raise DocketUnusable(
                    f"{matter} is {found.state}: that step is not open to it",
                    f"{matter} est {STATES[found.state]} : ce geste ne lui est pas ouvert",
                )
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
        check_who(step.name, step.role)
        with self.steps.writing() as book:
            return self._write(
                book, msgspec.structs.replace(step, kind=Kind.LOOK, matter=f"L-{secrets.token_hex(5)}"), now
            )

    # ------------------------------------------------------------------ reading
    def matters(self) -> tuple[Matter, ...]:
        """Return every matter, the oldest first. Raises DocketUnusable, also for a step that was changed."""
        return tuple(_matters(self._all()))

    def looks(self) -> tuple[tuple[Step, bool], ...]:
        """Return who had names shown, the oldest first, each with whether the trail has it."""
        return tuple((step, trailed) for _, step, trailed in self._all() if step.kind is Kind.LOOK)


def _two(asked: Step, name: str, role: str, person: str) -> None:
    """Raise DocketUnusable unless another person in another role decides; a token's caller is the person it names."""
    if (
        (person and (asked.person == person or asked.name.endswith(f"_{person}")))
        or same_person(asked.name, name)
        or asked.role.strip().casefold() == role.strip().casefold()
    ):
        raise SamePerson(
            f"{asked.matter} was asked for by this person or in this role: another person in another role decides",
            f"{asked.matter} : c'est vous qui l'avez demandé, ou c'est le même rôle ; une autre personne décide, "
            "dans un autre rôle",
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
