"""What an entry of schema v1 says, kind by kind. The fields are fixed (decision 12).

Law: names on record, data classes, counts and ids; no content, no value, no caller's free text. An intent commits to
what leaves; a refusal keeps nothing of what was turned away (INVARIANTS 2 and 6).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from types import MappingProxyType

from ecluse.domain.caller import Caller, Purpose
from ecluse.domain.destination import NO_REUSE, DestinationId, PlaceId, Reuse
from ecluse.domain.finding import DataClass
from ecluse.domain.recipient import Recipient
from ecluse.domain.request import Retention, Surface
from ecluse.domain.snapshot import Instant, SnapshotId
from ecluse.domain.trail import Entry, EntryId, EntryKind, Field, OutcomeStatus, PassageId, Scalar
from ecluse.domain.verdict import Choice, Mode, Permit, Reason, Refusal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CANDIDATES = 128
"""How many permitted choices an intent names; it counts all of them."""
PLANNED = 32
"""How many destinations of its plan an intent names."""
_NONE: Mapping[str, int] = MappingProxyType({})

NAME_ON_RECORD = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:/@+-]{0,159}")
"""What a model of the registry, or an alias, can be called."""


def timestamp(now: Instant) -> str:
    """Write an instant as RFC 3339 in UTC with milliseconds."""
    return (EPOCH + timedelta(milliseconds=now)).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def intent(
    *,
    id: EntryId,  # noqa: A002 - the entry's word
    passage: PassageId,
    attempt: int,
    now: Instant,
    caller: Caller,
    surface: Surface,
    purpose: Purpose,
    pinned: SnapshotId,
    current: SnapshotId,
    declared: Iterable[DataClass],
    found: Iterable[DataClass],
    counts: Mapping[str, int],
    files: Mapping[str, int] = _NONE,
    choice: Choice,
    simulated: bool,
    permit: Permit,
    strategy: str,
    plan: Sequence[DestinationId],
    scores: Mapping[DestinationId, int],
    left_out: Mapping[DestinationId, str],
    model: str,
    places: Sequence[PlaceId],
    instruction: bool,
    instruction_language: str | None = None,
    generalised: int = 0,
    contested: Sequence[str] = (),
    cached: bool = False,
    recipients: Sequence[Recipient] = (),
    dialect: str = "",
    retention: Retention | None = None,
    conversation: str = "",
    commitment: str,
    size: int,
) -> Entry:
    """Say what is about to leave, where to, for which recipients and by which rules. One per attempt, durable first.

    `commitment` and `size` (bytes) are of the body that leaves, or would if not `cached`; tools came in `dialect`.
    Raises ValueError for a choice that the permit does not have (INVARIANT 1).
    """
    if choice not in permit.choices:
        raise ValueError("an intent is only for a choice of its permit")
    body = _asked(caller, surface, purpose, pinned, declared, found, counts, model, places) | {
        "destination": choice.destination,
        "masked": choice.masked,
        "contested": tuple(contested),
        "cached": cached,
        "attempt": attempt,
        "snapshot_current": current,
        "simulated": simulated,
        **_permitted(permit) | _warned(permit.observed),
        **_planned(strategy, plan, scores, left_out),
        **_instructed(instruction_language, generalised, instruction=instruction),
        "commitment": commitment,
        "size": size,
        **_received(recipients, dialect, retention) | _converses(conversation),
        **_read(files),
    }
    return Entry(kind=EntryKind.INTENT, id=id, passage=passage, at=timestamp(now), body=body)


def refusal(
    *,
    id: EntryId,  # noqa: A002 - the entry's word
    passage: PassageId,
    now: Instant,
    caller: Caller,
    surface: Surface,
    purpose: Purpose | None,
    pinned: SnapshotId,
    current: SnapshotId,
    declared: Iterable[DataClass],
    found: Iterable[DataClass],
    counts: Mapping[str, int],
    files: Mapping[str, int] = _NONE,
    model: str | None,
    places: Sequence[PlaceId],
    code: str,
    verdict: Refusal | None,
    contested: Sequence[str] = (),
    recipients: Sequence[DestinationId] = (),
    dialect: str = "",
    conversation: str = "",
) -> Entry:
    """Say that nothing leaves, and by which rules. Appended before the reply; commits to nothing.

    `verdict` is None when the rules did not answer; `code` is the error code of the reply; `recipients` are those
    of the hosted tools at the destinations that were asked about, and the field is there only when there are any.
    """
    body = _asked(caller, surface, purpose, pinned, declared, found, counts, model, places)
    body |= {
        "snapshot_current": current,
        "code": code,
        "refused_by": _rules(verdict.reasons) if verdict else (),
        "observed": _rules(verdict.observed) if verdict else (),
        **(_warned(verdict.observed) if verdict else {}),
        "refusing_place": verdict.place if verdict else None,
        "contested": tuple(contested),
        **_converses(conversation),
        **_read(files),
    }
    if recipients:
        body |= {"recipients": tuple(recipients), "dialect": dialect}
    return Entry(kind=EntryKind.REFUSAL, id=id, passage=passage, at=timestamp(now), body=body)


def outcome(
    *,
    id: EntryId,  # noqa: A002 - the entry's word
    passage: PassageId,
    now: Instant,
    status: OutcomeStatus,
    code: str | None = None,
    destination: DestinationId | None = None,
    tokens_in: int | None = None,
    tokens_out: int | None = None,
    reuse: Reuse = NO_REUSE,
    cost_micro: int | None = None,
    at_most: bool = False,
    currency: str | None = None,
    price_as_of: str | None = None,
    calls: int = 0,
    restored: int = 0,
    unknown_surrogates: int = 0,
    upstream_status: int | None = None,
    upstream_region: str | None = None,
    duration_ms: int | None = None,
) -> Entry:
    """Say how a passage ended. One per passage.

    `destination` is that of the last intent, None when the passage ended before any; `code` is an error code or None;
    counts that nobody told are None, never zero. `cost_micro` is in millionths of `currency` at the list price of
    `price_as_of`, `at_most` where one of the prices is unknown; `calls` is how many calls the passage led to.
    `upstream_region` is where the provider says that it answered; the field is there only when it said so.
    """
    body: dict[str, Field] = {
        "status": status.value,
        "code": code or None,
        "destination": destination,
        "tokens_in": tokens_in,
        "tokens_out": tokens_out,
        "cost_micro": cost_micro,
        "currency": currency,
        "price_as_of": price_as_of,
        "calls": calls,
        "restored": restored,
        "unknown_surrogates": unknown_surrogates,
        "upstream_status": upstream_status or None,
        "duration_ms": duration_ms,
        **_reused(reuse, at_most=at_most),
    }
    if upstream_region is not None:
        body |= {"upstream_region": upstream_region}
    return Entry(kind=EntryKind.OUTCOME, id=id, passage=passage, at=timestamp(now), body=body)


def admin(
    *,
    id: EntryId,  # noqa: A002 - the entry's word
    now: Instant,
    action: str,
    actor: str,
    subject: str,
    facts: Mapping[str, Scalar] | None = None,
) -> Entry:
    """Say what was done to the gateway itself: by whom, to what. It is a passage of its own."""
    body: dict[str, Field] = {"action": action, "actor": actor, "subject": subject, "facts": dict(facts or {})}
    return Entry(kind=EntryKind.ADMIN, id=id, passage=PassageId(id), at=timestamp(now), body=body)


def _asked(
    caller: Caller,
    surface: Surface,
    purpose: Purpose | None,
    pinned: SnapshotId,
    declared: Iterable[DataClass],
    found: Iterable[DataClass],
    counts: Mapping[str, int],
    model: str | None,
    places: Sequence[PlaceId],
) -> dict[str, Field]:
    """Say who asked for what. Raises ValueError for a model's name that cannot be on record."""
    if model is not None and not NAME_ON_RECORD.fullmatch(model):
        raise ValueError("a caller's free text is no name of a model")
    application = caller.application
    return {
        "organisation": application.organisation.id,
        "application": application.id,
        "key": caller.key,
        "surface": surface.value,
        "purpose": purpose,
        "snapshot": pinned,
        "declared": tuple(sorted(c.value for c in declared)),
        "found": tuple(sorted(c.value for c in found)),
        "counts": dict(counts),
        "model": model,
        "places": tuple(places),
    }


def _instructed(language: str | None, generalised: int, *, instruction: bool) -> dict[str, Field]:
    """Say whether a sentence was added, in which language, and how many values were made coarser."""
    return {"instruction": instruction, "instruction_language": language, "generalised": generalised}


def _reused(reuse: Reuse, *, at_most: bool) -> dict[str, Field]:
    """Say how much of what was read in the provider remembered or wrote to remember it, where it did."""
    written = reuse.written + reuse.written_hour
    return {
        **({"tokens_cached": reuse.cached} if reuse.cached else {}),
        **({"tokens_written": written} if written else {}),
        **({"cost_at_most": True} if at_most else {}),
    }


def _read(files: Mapping[str, int]) -> dict[str, Field]:
    """Say how many files of the call were read whole, in part, not, where there is any."""
    return {"files": dict(files)} if files else {}


def _permitted(permit: Permit) -> dict[str, Field]:
    """Return which rules permitted what."""
    return {
        "permitted_by": tuple(permit.rules),
        "observed": _rules(permit.observed),
        "candidates": tuple(_spelt(c) for c in permit.choices[:CANDIDATES]),
        "candidates_count": len(permit.choices),
    }


def _warned(observed: Iterable[Reason]) -> dict[str, Field]:
    """Say which of the rules that refuse nothing warned the caller, if any did."""
    rules = _rules(reason for reason in observed if reason.mode is Mode.WARN and reason.exception is None)
    return {"warned": rules} if rules else {}


def _received(recipients: Sequence[Recipient], dialect: str, retention: Retention | None) -> dict[str, Field]:
    """Say who receives what hosted tools are sent, what they may bring, and what is to be kept, where there is any."""
    body: dict[str, Field] = {}
    if recipients:
        classes = {data_class.value for one in recipients for data_class in one.brings}
        names = tuple(one.id for one in recipients)
        body |= {"recipients": names, "brought": tuple(sorted(classes)), "dialect": dialect}
    if retention is not None:
        body |= {"keeps": retention.store}
        if retention.previous:
            body |= {"fetches": retention.previous} if retention.fetch else {"continues": retention.previous}
    return body


def _converses(conversation: str) -> dict[str, Field]:
    """Say which conversation object a request is of, where it is of one."""
    return {"converses": conversation} if conversation else {}


def _planned(
    strategy: str,
    plan: Sequence[DestinationId],
    scores: Mapping[DestinationId, int],
    left_out: Mapping[DestinationId, str],
) -> dict[str, Field]:
    """Return in which order, by what, and what health kept back."""
    return {
        "strategy": strategy,
        "plan": tuple(plan[:PLANNED]),
        "scores": {id_: scores[id_] for id_ in plan[:PLANNED] if id_ in scores},
        "left_out": dict(islice(sorted(left_out.items()), PLANNED)),
    }


def _rules(reasons: Iterable[Reason]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reason.rule for reason in reasons))


def _spelt(choice: Choice) -> str:
    return f"{choice.destination} {'masked' if choice.masked else 'as_is'}"
