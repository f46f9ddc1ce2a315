"""The walk of a request, on one page: admit, classify, decide, route, mask, record, send, unmask.

Law: nothing is sent without a permit for exactly that choice, decided under the pinned and the current snapshot, and
without an intent made durable first. What errs refuses. The walk does nothing itself: it yields effects.
"""

from collections.abc import Generator
from dataclasses import dataclass

from ecluse.domain.destination import DestinationId
from ecluse.domain.effects import (
    AnyAnswer,
    Done,
    Effect,
    Emit,
    Findings,
    Recognise,
    Record,
    Refused,
    Reply,
    Reserve,
    Settle,
)
from ecluse.domain.errors import CallerError, EcluseError, GatewayError, PolicyDenied, ProviderError, error_of
from ecluse.domain.finding import Classification
from ecluse.domain.request import Request, slots
from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.domain.trail import OutcomeStatus
from ecluse.domain.verdict import Choice, Question, Refusal
from ecluse.passage.arrival import Arrival
from ecluse.passage.attempt import attempt
from ecluse.passage.decide import decide, explain, resolve
from ecluse.passage.entries import outcome_of, refusal_of
from ecluse.passage.ledger import CallerGone, Ledger, Steps
from ecluse.passage.question import question_of
from ecluse.passage.record import derive
from ecluse.passage.route import rank

ATTEMPTS = 2
"""One try and one fallback, inside the permit."""

FALLS_BACK = frozenset(
    {
        "upstream_error",
        "upstream_unreachable",
        "upstream_timeout",
        "upstream_credentials",
        "upstream_malformed",
        "upstream_redirect",
        "upstream_rate_limited",
    }
)
"""The provider's failures that another destination may not have. A rejected request is not one."""


def walk(arrival: Arrival) -> Steps:
    """Take one request all the way. Ends after its outcome; every error becomes a reply."""
    moment = arrival.moment
    ledger = Ledger(moment=moment, pinned=moment.snapshot, started=moment.now)
    try:
        yield from _pass(arrival, ledger)
        yield from _settle(arrival, ledger, OutcomeStatus.DONE, "")
    except CallerGone:
        yield from _settle(arrival, ledger, OutcomeStatus.GONE, "")
    except PolicyDenied as denied:
        yield from _refuse(arrival, ledger, denied)
    except EcluseError as error:
        yield from _fail(arrival, ledger, error)


def _pass(arrival: Arrival, ledger: Ledger) -> Steps:
    yield from reserve(ledger)
    asked = yield from inquire(arrival, ledger)  # admit, classify
    verdict = decide(ledger.pinned, asked.question, asked.candidates, now=ledger.moment.now)
    if isinstance(verdict, Refusal):
        raise PolicyDenied(verdict)
    ledger.permit = verdict
    draw = int.from_bytes(derive(arrival.seed, "draw")[:8], "big")
    plan = rank(verdict, ledger.moment.health, draw)[:ATTEMPTS]
    yield from _attempts(arrival, ledger, asked, plan)  # mask, record, send, unmask


def reserve(ledger: Ledger) -> Steps:
    """Take one of the places for passages under way. Raises the refusal's error when there is none."""
    answer = yield from ledger.ask(Reserve())
    if isinstance(answer, Refused):
        raise error_of(answer.code, retry_after=answer.retry_after)
    ledger.placed = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """What the rules are asked: a request, what was found in it, the question, and of which destinations."""

    request: Request
    classification: Classification
    question: Question
    candidates: tuple[DestinationId, ...]


def inquire(arrival: Arrival, ledger: Ledger) -> Generator[Effect, AnyAnswer, Inquiry]:
    """Admit and classify."""
    request = arrival.dialect.admit(arrival.surface, arrival.body)
    ledger.request = request
    answer = yield from ledger.ask(Recognise(slots=slots(request), unreadable=request.unreadable))
    if not isinstance(answer, Findings):
        raise GatewayError("classification_unavailable")
    found = ledger.classification = answer.classification
    pieces = bool(request.options.get("logprobs"))
    question = question_of(arrival.caller.application, arrival.asked, arrival.surface, found, in_pieces=pieces)
    ledger.question = question
    candidates = _takers(arrival, ledger.pinned, request)
    return Inquiry(request=request, classification=found, question=question, candidates=candidates)


def _takers(arrival: Arrival, snapshot: Snapshot, request: Request) -> tuple[DestinationId, ...]:
    """Keep the candidates whose dialect takes every field of the request; name the fields when none does."""
    capable = resolve(snapshot, request.model, request.needs)
    refused = {id_: arrival.outbound[snapshot.destinations[id_].dialect].unsupported(request) for id_ in capable}
    takers = tuple(id_ for id_ in capable if not refused[id_])
    if not takers:
        common = set.intersection(*(set(fields) for fields in refused.values()))
        named = sorted(common) or sorted({field for fields in refused.values() for field in fields})
        raise CallerError("unsupported_field", ", ".join(_printable(name) for name in named[:8]))
    return takers


def _printable(name: str) -> str:
    """Name a field of the request only when it is a plain word; never echo a caller's text."""
    plain = len(name) <= 64 and name.isascii() and name.replace("_", "").replace(".", "").isalnum()  # noqa: PLR2004 - characters
    return name if plain else "(a field)"


def _attempts(arrival: Arrival, ledger: Ledger, asked: Inquiry, plan: tuple[Choice, ...]) -> Steps:
    failures: list[ProviderError] = []
    for choice in plan:
        _permit_again(ledger, asked.question, choice)
        try:
            yield from attempt(arrival, ledger, asked.request, choice)
        except ProviderError as error:
            if ledger.begun or error.code not in FALLS_BACK:
                raise
            failures.append(error)
        else:
            return
    if all(error.code == "upstream_unreachable" for error in failures):
        raise GatewayError("no_permitted_destination_alive")
    raise failures[-1]


def _permit_again(ledger: Ledger, question: Question, choice: Choice) -> None:
    """Decide this attempt again, under the pinned and the current snapshot: both must permit (decision 10)."""
    current = ledger.moment.snapshot
    for snapshot in (ledger.pinned,) if current.id == ledger.pinned.id else (ledger.pinned, current):
        if choice.destination not in snapshot.destinations:
            raise GatewayError("policy_unavailable", "the destination left the registry during the passage")
        verdict = decide(snapshot, question, (choice.destination,), now=ledger.moment.now)
        if isinstance(verdict, Refusal):
            raise PolicyDenied(verdict)
        if choice not in verdict.choices and not _permits_form(snapshot, question, choice, ledger.moment.now):
            raise GatewayError("policy_unavailable", "the permit changed during the passage")


def _permits_form(snapshot: Snapshot, question: Question, choice: Choice, now: Instant) -> bool:
    rulings = explain(snapshot, question, (choice.destination,), now=now)
    return any(ruling.choice == choice and ruling.permitted for ruling in rulings)


# ------------------------------------------------------------------ how a passage ends
def _settle(arrival: Arrival, ledger: Ledger, status: OutcomeStatus, code: str) -> Steps:
    yield Settle(outcome=outcome_of(arrival, ledger, status, code))


def _refuse(arrival: Arrival, ledger: Ledger, denied: PolicyDenied) -> Steps:
    """Record the refusal, then say it. Nothing of the request is kept."""
    entry = refusal_of(arrival, ledger, denied.refusal)
    try:
        answer = yield from ledger.ask(Record(entry=entry))
        if not isinstance(answer, Done):
            yield from _fail(arrival, ledger, GatewayError("trail_unavailable"))
            return
        headers = [
            ("x-ecluse-verdict", "refusal"),
            ("x-ecluse-rules", ",".join(reason.rule for reason in denied.refusal.reasons)),
            ("x-ecluse-entry", entry.id),
        ]
        yield from say(arrival, ledger, denied, headers)
    except CallerGone:
        pass
    if ledger.intent is not None:  # refused again after an attempt: the passage has an intent, so it gets its outcome
        yield from _settle(arrival, ledger, OutcomeStatus.FAILED, denied.code)


def _fail(arrival: Arrival, ledger: Ledger, error: EcluseError) -> Steps:
    try:
        if ledger.begun:
            assert ledger.writer is not None  # noqa: S101 - a begun answer has its writer
            yield from ledger.ask(Emit(data=ledger.writer.fail(error), last=True))
        else:
            yield from say(arrival, ledger, error, [])
    except CallerGone:
        pass
    if ledger.intent is not None or (ledger.placed and error.status >= 500):  # noqa: PLR2004 - a failure of ours or of a provider
        yield from _settle(arrival, ledger, OutcomeStatus.FAILED, error.code)


def say(arrival: Arrival, ledger: Ledger, error: EcluseError, headers: list[tuple[str, str]]) -> Steps:
    """Reply with an error in the caller's dialect and language."""
    body = arrival.dialect.error(error, arrival.asked.language)
    headers = [("content-type", "application/json"), *headers]
    if error.retry_after is not None:
        headers.append(("retry-after", str(max(1, round(error.retry_after)))))
    yield from ledger.ask(Reply(status=error.status, headers=headers))
    yield from ledger.ask(Emit(data=body, last=True))
