"""Drafts of the rules: written by one person, approved by another, published; each step signed over the one before.

Law: an approval is of an exact content, and is void from the moment at which the draft says anything else; nobody
approves what they wrote a part of. Reasons, names and the text of packs stay here; the trail gets roles, hashes and
snapshots.
"""

import re
import secrets
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from ecluse.domain.contest import same_person
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Scalar
from ecluse.edge.amendment import NOTHING, PACK_NAME, Amendment
from ecluse.edge.chain import Chain, DocketUnusable, Signed, Told, check_who

APPLICATION_ID = 0x45434C52
"""`ECLR`."""
OPEN_AT_MOST = 100
"""Drafts that may be open at once."""
LONGEST = 200_000
"""Characters of the packs of one draft."""
LONGEST_REASON = 2_000


class Act(StrEnum):
    """What a step does to a draft."""

    WRITTEN = "written"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class DraftStep(Signed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of a draft.

    `content` is of a step that wrote it, over the rules that `over` names; every step has the `hash` of the content
    that it is about. `left` and `entered` are the snapshots before and after a publication.
    """

    draft: str = ""
    act: Act
    reason: str = ""
    content: Amendment | None = None
    hash: str
    over: str = ""
    left: str = ""
    entered: str = ""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What the steps of one draft amount to. `trailed` is whether the trail has all of them."""

    id: str
    steps: tuple[DraftStep, ...]
    trailed: bool

    @property
    def written(self) -> DraftStep:
        """The step that wrote what it says now."""
        return next(step for step in reversed(self.steps) if step.act is Act.WRITTEN)

    @property
    def content(self) -> Amendment:
        """What it says now."""
        return self.written.content or NOTHING

    @property
    def approved(self) -> DraftStep | None:
        """The approval of what it says now; one of what it said before is void."""
        for step in reversed(self.steps):
            if step.act is Act.WRITTEN:
                return None
            if step.act is Act.APPROVED:
                return step
        return None

    @property
    def published(self) -> DraftStep | None:
        """The step that put it in force."""
        return next((step for step in self.steps if step.act is Act.PUBLISHED), None)

    @property
    def state(self) -> str:
        """The state in one word: open, approved, published or withdrawn."""
        last = self.steps[-1].act
        if last in {Act.PUBLISHED, Act.WITHDRAWN}:
            return last.value
        return "approved" if self.approved else "open"


class Drafts(Chain[DraftStep]):
    """The drafts of one log. Each call is one transaction of its own."""

    made_of = DraftStep

    # ------------------------------------------------------------------ steps
    def write(self, step: DraftStep, now: Instant) -> DraftStep:
        """Write a draft under a new id, or anew what it says when `draft` is stated. Raises DocketUnusable."""
        content = step.content or NOTHING
        check_who(step.name, step.role)
        _check_content(step.reason, content)
        with self.steps.writing() as book:
            drafts = _drafts(self._read(book))
            if step.draft:
                found = _open(drafts, step.draft)
                if found.content.hash == content.hash and found.written.over == step.over:
                    raise DocketUnusable(f"{step.draft} says that already", f"{step.draft} dit déjà cela")
            elif sum(one.state in {"open", "approved"} for one in drafts) >= OPEN_AT_MOST:
                raise DocketUnusable(
                    f"{OPEN_AT_MOST} drafts are open; publish or withdraw some",
                    f"{OPEN_AT_MOST} brouillons sont ouverts ; publiez-en ou retirez-en",
                )
            id_ = step.draft or f"R-{secrets.token_hex(5)}"
            made = msgspec.structs.replace(step, draft=id_, act=Act.WRITTEN, content=content, hash=content.hash)
            return self._write(book, made, now)

    def approve(self, draft: str, content: str, *, name: str, role: str, person: str, now: Instant) -> DraftStep:
        """Approve a draft that says exactly what has this hash. Raises DocketUnusable, also for who wrote a part."""
        check_who(name, role)
        with self.steps.writing() as book:
            found = _open(_drafts(self._read(book)), draft)
            if found.approved is not None:
                raise DocketUnusable(f"{draft} is approved already", f"{draft} est déjà approuvé")
            if found.content.hash != content:
                raise DocketUnusable(
                    f"{draft} was changed since you read it: read it again, then approve what it says",
                    f"{draft} a changé depuis que vous l'avez lu : relisez-le, puis approuvez ce qu'il dit",
                )
            for step in found.steps:
                if step.act is Act.WRITTEN and _same(step, name, person):
                    raise DocketUnusable(
                        f"{draft} was written by the same person: another person approves it",
                        f"{draft} a été écrit par la même personne : une autre l'approuve",
                    )
            step = DraftStep(draft=draft, act=Act.APPROVED, name=name, role=role, person=person, hash=content)
            return self._write(book, step, now)

    def publish(self, step: DraftStep, standing: str, now: Instant) -> DraftStep:
        """Put an approved draft in force in place of what has the hash `standing`.

        Raises DocketUnusable unless what was approved is what it says, and nothing else was published meanwhile.
        """
        check_who(step.name, step.role)
        with self.steps.writing() as book:
            rows = self._read(book)
            found = _open(_drafts(rows), step.draft)
            if found.approved is None or found.approved.hash != found.content.hash or step.hash != found.content.hash:
                raise DocketUnusable(
                    f"{step.draft} needs the approval of another person, of what it says now",
                    f"{step.draft} attend qu'une autre personne approuve ce qu'il dit maintenant",
                )
            last = [each.hash for _, each, _ in rows if each.act is Act.PUBLISHED][-1:] or [NOTHING.hash]
            if found.written.over != step.over or last != [standing]:
                raise DocketUnusable(
                    f"{step.draft} was written over other rules than those in force",
                    f"{step.draft} a été écrit sur d'autres règles que celles en vigueur",
                )
            return self._write(book, msgspec.structs.replace(step, act=Act.PUBLISHED, content=None), now)

    def withdraw(self, draft: str, *, name: str, role: str, person: str, now: Instant) -> DraftStep:
        """Put a draft aside. Anybody who may draft does: nothing changes by it. Raises DocketUnusable."""
        check_who(name, role)
        with self.steps.writing() as book:
            found = _open(_drafts(self._read(book)), draft)
            step = DraftStep(
                draft=draft, act=Act.WITHDRAWN, name=name, role=role, person=person, hash=found.content.hash
            )
            return self._write(book, step, now)

    # ------------------------------------------------------------------ reading
    def drafts(self) -> tuple[Draft, ...]:
        """Return every draft, the oldest first. Raises DocketUnusable, also for a step that was changed."""
        return tuple(_drafts(self._all()))

    def publications(self) -> tuple[tuple[DraftStep, Amendment], ...]:
        """Return what was published and is on the trail, the oldest first, each with what it put in force."""
        rows = self._all()
        contents = {step.hash: step.content for _, step, _ in rows if step.content is not None}
        return tuple((step, contents[step.hash]) for _, step, trailed in rows if step.act is Act.PUBLISHED and trailed)

    def in_force(self) -> Amendment:
        """Return what is published last."""
        published = self.publications()
        return published[-1][1] if published else NOTHING

    def news(self) -> tuple[tuple[int, Told], ...]:
        """Return what the trail is to get, with the number by which to note that it has it."""
        return tuple((seq, self.tell(step)) for seq, step in self.untold())

    def tell(self, step: DraftStep) -> Told:
        """Return the role, the hash of what it says, and of a publication the snapshots; no name, no reason."""
        facts: dict[str, Scalar] = {"content": step.hash}
        if step.content is not None:
            facts |= {"modes": sum(map(len, step.content.modes.values())), "packs": len(step.content.packs)}
        if step.act is Act.PUBLISHED:
            facts |= {"before": step.left, "after": step.entered}
        return Told(action=f"rules_{step.act}", actor=step.role, subject=step.draft, facts=facts)


def _same(step: DraftStep, name: str, person: str) -> bool:
    return bool(person and step.person == person) or same_person(step.name, name)


def _check_content(reason: str, content: Amendment) -> None:
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise DocketUnusable(
            f"say why, in {LONGEST_REASON} characters at most: whoever approves reads it",
            f"dites pourquoi, en {LONGEST_REASON} caractères au plus : qui approuve le lit",
        )
    if wrong := [name for name in content.packs if not re.fullmatch(PACK_NAME, name)]:
        raise DocketUnusable(
            f"{wrong[0]!r} is no name of a pack; write small letters, digits and _, e.g. house_rules",
            f"{wrong[0]!r} n'est pas un nom de jeu de règles ; écrivez des minuscules, des chiffres et _, par exemple "
            "regles_internes",
        )
    if sum(map(len, content.packs.values())) > LONGEST:
        raise DocketUnusable(
            f"the packs of a draft have {LONGEST:,} characters at most",
            f"les jeux de règles d'un brouillon ont {LONGEST} caractères au plus",
        )


def _open(drafts: Sequence[Draft], id_: str) -> Draft:
    found = next((one for one in drafts if one.id == id_), None)
    if found is None:
        raise DocketUnusable(
            f"there is no draft {id_!r}; `ecluse rules history` shows them",
            f"aucun brouillon {id_!r} ; `ecluse rules history` les montre",
        )
    if found.state not in {"open", "approved"}:
        raise DocketUnusable(
            f"{id_} is {found.state}: write another draft",
            f"{id_} n'est plus ouvert : écrivez un autre brouillon",
        )
    return found


def _drafts(rows: Sequence[tuple[int, DraftStep, bool]]) -> list[Draft]:
    found: dict[str, Draft] = {}
    for _, step, trailed in rows:
        known = found.get(step.draft)
        steps, before = (known.steps, known.trailed) if known else ((), True)
        found[step.draft] = Draft(id=step.draft, steps=(*steps, step), trailed=before and trailed)
    return list(found.values())
