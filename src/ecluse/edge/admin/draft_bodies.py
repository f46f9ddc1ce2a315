"""What the calls about drafts of the rules take and give, as types."""

from typing import Annotated

import msgspec

from ecluse.domain.verdict import Mode
from ecluse.edge.admin.bodies import Asked, Name, Text, Told

Pack = Annotated[str, msgspec.Meta(min_length=1, max_length=60_000)]


class ModeChanged(Asked, frozen=True):
    """A mode of a rule for an organisation; null for the one of the settings."""

    organisation: Name
    rule: Name
    mode: Mode | None


class PackWritten(Asked, frozen=True):
    """A pack of rules as text, for one organisation, or for everybody when none is named."""

    name: Name
    text: Pack
    organisation: Name | None = None


class NewDraft(Asked, frozen=True):
    """A change of the rules, and why. It begins at what is published now.

    `restores` begins at what was in force before a publication instead, `revises` at an open draft, which is written
    anew.
    """

    reason: Text
    modes: Annotated[tuple[ModeChanged, ...], msgspec.Meta(max_length=200)] = ()
    pack: PackWritten | None = None
    without_pack: Name | None = None
    restores: Name | None = None
    revises: Name | None = None


class Approval(Asked, frozen=True):
    """The hash of what was read of a draft: nothing else is approved."""

    content: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class StepTold(Told, frozen=True):
    """One step of a draft; `before` and `after` are the snapshots of a publication."""

    act: str
    at: str
    by: str
    role: str
    content: str
    before: str | None
    after: str | None


class DraftTold(Told, frozen=True):
    """One draft. It counts once it is published and `on_trail`; `outdated` says that other rules are in force."""

    id: str
    state: str
    on_trail: bool
    outdated: bool
    content: str
    reason: str
    steps: list[StepTold]


class DraftsTold(Told, frozen=True):
    """Every draft, the newest first, and the hash of what is published now."""

    drafts: list[DraftTold]
    in_force: str


class DraftShown(Told, frozen=True):
    """A draft with what it says: modes by organisation and rule, and packs as text."""

    draft: DraftTold
    modes: dict[str, dict[str, Mode]]
    packs: dict[str, str]


class TermTold(Told, frozen=True):
    """A rule that comes, goes or is the same on other terms; `old` or `new` is null where there is no such rule."""

    rule: str
    term: str
    old: str | None
    new: str | None


class ProvenTold(Told, frozen=True):
    """What was proven for one organisation. `newly_broken` is in the way of a publication."""

    organisation: str
    questions: int
    changes: int
    invariants: int
    broken: list[str]
    newly_broken: list[str]
    rules: list[TermTold]


class ProofsTold(Told, frozen=True):
    """The proofs of what a draft says, for each organisation that it touches."""

    content: str
    organisations: list[ProvenTold]
