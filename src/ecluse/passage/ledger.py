"""What is learnt on one passage, and nothing beyond it: the only state that a walk keeps.

Law: it lives as long as the passage; its repr shows no content.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeAlias

from ecluse.domain.destination import NO_REUSE, DestinationId, Reuse
from ecluse.domain.dialect import Writer
from ecluse.domain.effects import AnyAnswer, Effect, Gone, Moment
from ecluse.domain.finding import Classification, DataClass
from ecluse.domain.kept import Conversation, Kept
from ecluse.domain.request import Request
from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.domain.trail import EntryId
from ecluse.domain.verdict import Permit, Question
from ecluse.passage.route import Plan

Steps: TypeAlias = Generator[Effect, AnyAnswer, None]


class CallerGone(Exception):
    """The caller left: unwinds the walk to its outcome."""


@dataclass(slots=True, kw_only=True, repr=False)
class Ledger:
    """The passage so far. `begun` is whether a byte went to the caller: after it there is no fallback.

    `recalled` is when the answer came that is now given from memory: then nothing was sent. `kept` is what lies at a
    provider and is gone on from, `fresh` the classes of what is new beside it; `conversation` is the object that the
    request is of. `named` is whether a provider has said under which name it keeps the answer: another attempt would
    leave that one behind, unknown to anybody.
    """

    moment: Moment
    pinned: Snapshot
    started: Instant
    placed: bool = False
    request: Request | None = None
    classification: Classification | None = None
    contested: tuple[str, ...] = ()
    question: Question | None = None
    kept: Kept | None = None
    conversation: Conversation | None = None
    fresh: frozenset[DataClass] = frozenset()
    permit: Permit | None = None
    plan: Plan | None = None
    attempts: int = 0
    intent: EntryId | None = None
    destination: DestinationId | None = None
    masked: bool = False
    generalised: int = 0
    recalled: Instant | None = None
    writer: Writer | None = None
    begun: bool = False
    named: bool = False
    upstream_status: int = 0
    upstream_region: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    reuse: Reuse = NO_REUSE
    restored: int = 0
    unknown_surrogates: int = 0

    def ask(self, effect: Effect) -> Generator[Effect, AnyAnswer, AnyAnswer]:
        """Yield one effect and keep the moment of its answer. Raises CallerGone when the caller left."""
        answer = yield effect
        self.moment = answer.moment
        if isinstance(answer, Gone):
            raise CallerGone
        return answer
