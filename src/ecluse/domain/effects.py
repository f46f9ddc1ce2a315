"""What the walk may ask of the outside world, and the answers.

Law: no effect sends without an intent. `Dispatch` holds both the record and the call, and the runner writes the first
HTTP byte only once the record is durable (INVARIANT 4, decision 2). Every answer carries the moment it was given at, so
that the walk has no clock; cancellation is an answer, not an exception (decision 3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ecluse.domain.caller import ApplicationId, Caller
from ecluse.domain.contest import Objection
from ecluse.domain.destination import DestinationId
from ecluse.domain.document import Attachment, File, Opened
from ecluse.domain.finding import Classification
from ecluse.domain.kept import Conversation, Kept
from ecluse.domain.request import Slot, SlotPath
from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.domain.trail import Entry, Opening, PassageId
from ecluse.domain.verdict import Choice, Question

Headers: TypeAlias = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What is measured of one destination: calls under way, and milliseconds until an answer begins (None: unknown)."""

    open: int = 0
    first_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What is believed of destinations. The state itself lives in the edge; this is one look at it.

    `trial` are those that were down and may be tried again; nobody knows yet whether they are up. `resting` asked to be
    left alone until a moment. `back` is when each of `down` may be tried again, where that is known. `extra` is whether
    one more call than requests is within the budget of retries.
    """

    down: frozenset[DestinationId] = frozenset()
    trial: frozenset[DestinationId] = frozenset()
    resting: Mapping[DestinationId, Instant] = field(default_factory=dict)
    back: Mapping[DestinationId, Instant] = field(default_factory=dict)
    pace: Mapping[DestinationId, Pace] = field(default_factory=dict)
    extra: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What an answer carries: the time, the snapshot that is current, and the health of destinations."""

    now: Instant
    snapshot: Snapshot
    health: Health = field(default_factory=Health)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One HTTP call to a destination. The runner resolves the destination's host and secret; neither is here."""

    destination: DestinationId
    path: str
    headers: Headers
    body: bytes
    stream: bool
    method: str = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """At most how many tokens a call takes. `tokens_out` is None when the request states no maximum.

    `hour` is whether a provider is asked to remember some of it for an hour, which may be dearer than to read it.
    """

    tokens_in: int
    tokens_out: int | None
    hour: bool = False


# ------------------------------------------------------------------ what the walk asks
@dataclass(frozen=True, slots=True, kw_only=True)
class Recognise:
    """Search these slots as is asked for `application`; `unreadable` are the parts that are not text.

    `files` are read if that goes, and are unreadable as far as it does not. Answered by Findings or Failed.
    """

    slots: tuple[Slot, ...]
    application: ApplicationId | None = None
    unreadable: tuple[SlotPath, ...] = ()
    files: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfold:
    """Open these files, in a process that may die of them. Answered by Unfolded, Failed or Gone.

    `of_call` is whether they stand in a call: then by the readers and within the bounds of a call's files.
    """

    files: tuple[File, ...]
    of_call: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """Reserve a place among the passages that may be under way, and count the caller's request against its limits.

    Answered by Done or Refused.
    """

    caller: Caller
    passage: PassageId


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """Ask the reference engine about a drawn decision too, off the event loop. Answered by Done, Failed or Gone.

    When the two differ nothing is sent, and the reference engine decides from then on.
    """

    snapshot: Snapshot
    question: Question
    choices: Sequence[Choice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lodge:
    """Keep what a caller contests until a person decides. Answered by Lodged, Refused, Failed or Gone."""

    caller: Caller
    objection: Objection


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Make an entry durable before its reply, where nothing leaves: a refusal, or the intent of an answer from memory.

    Answered by Done or Failed. Of a refused request nothing is kept; `opening` is of an intent.
    """

    entry: Entry
    opening: Opening | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """Look for an answer that was kept under this name. Answered by Recalled, or Done when there is none."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Keep a whole answer, as its provider gave it, under this name for so many seconds. Answered by Done."""

    name: str
    data: bytes
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Revive:
    """Open what was sealed of an answer that its provider keeps, of this caller's application.

    Answered by Revived, by Done when there is none that has not ended, or by Failed when nobody can tell.
    """

    caller: Caller
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelve:
    """Seal what is needed to go on from an answer. Answered by Done, or by Failed: then it is not sealed."""

    caller: Caller
    name: str
    kept: Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Consult:
    """Open a conversation object of the application. Answered by Consulted, Done when there is none, or Failed."""

    caller: Caller
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inscribe:
    """Seal a conversation object, in the place of what was consulted under `seal`; without one, under a new name.

    Answered by Done, by Refused when it is no longer what was consulted (nothing is sealed), or by Failed.
    """

    caller: Caller
    name: str
    conversation: Conversation
    seal: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Efface:
    """Delete a conversation object with all that is in it. Answered by Done or Failed."""

    caller: Caller
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Make it durable that a provider is told to delete what it keeps, tell it, and forget what was sealed of it.

    The call has no content of a caller, and goes where that content already lies: so it needs no permit. Answered by
    Head; by Failed when the entry is not durable or the provider not reached, and nothing was forgotten.
    """

    caller: Caller
    name: str
    entry: Entry
    call: Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """Reserve tokens and money for the call, make the intent durable, then send it.

    Answered by Head, Failed or Gone, or by Refused when a limit or a budget has no room: then nothing was recorded.
    `extra` is whether the request has led to a call before: such calls have a budget.
    """

    intent: Entry
    opening: Opening
    call: Call
    estimate: Estimate
    extra: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """Wait for more of the answer. Answered by Chunk, End, Failed or Gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Wait before another call, as the provider asked. Answered by Done or Gone."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandon:
    """Drop the open call: its connection is closed within a second. Answered by Done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Send status and headers to the caller. Answered by Done or Gone."""

    status: int
    headers: Headers
    stream: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Emit:
    """Send bytes to the caller. Answered by Done when the socket has drained, or Gone."""

    data: bytes
    last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """Write the outcome, settle what was reserved by what it says was used. Answered by Done."""

    outcome: Entry


OfVault: TypeAlias = Revive | Shelve | Consult | Inscribe | Efface | Withdraw
"""Those about what lies sealed in the vault."""
Remembered: TypeAlias = Record | Lodge | Recall | Keep | OfVault
"""Those by which something is kept, or found again."""
Calling: TypeAlias = Dispatch | Next | Pause | Abandon
Effect: TypeAlias = Recognise | Unfold | Reserve | Confirm | Remembered | Calling | Reply | Emit | Settle


# ------------------------------------------------------------------ what the runner answers
@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Every answer carries the moment it was given at."""

    moment: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Answer):
    """It was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings(Answer):
    """What was recognised."""

    classification: Classification


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfolded(Answer):
    """What the files hold."""

    opened: Opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled(Answer):
    """An answer that was kept: what the provider sent, and when that was."""

    data: bytes
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Revived(Answer):
    """What was sealed of an answer that its provider keeps."""

    kept: Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Consulted(Answer):
    """A conversation object, and the sealed record that it stands in."""

    conversation: Conversation
    seal: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head(Answer):
    """Status and headers of the provider's answer; nothing of its body yet."""

    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk(Answer):
    """Some bytes of the provider's answer."""

    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class End(Answer):
    """The provider's answer is complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone(Answer):
    """The caller left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Answer):
    """A limit or a budget refuses. `retry_after` is in seconds, None when waiting does not help."""

    code: str
    retry_after: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Answer):
    """It could not be done. `code` is an error code of `errors.py`.

    `recorded` is whether a dispatch's intent is in the trail, `sent` whether a byte of its call may have left.
    """

    code: str
    sent: bool = False
    recorded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lodged(Answer):
    """It is kept, under this id."""

    matter: str


AnyAnswer: TypeAlias = (
    Done | Findings | Lodged | Unfolded | Recalled | Revived | Consulted | Head | Chunk | End | Gone | Refused | Failed
)
