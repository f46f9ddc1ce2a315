"""The walk of a request, on one page: admit, classify, decide, route, mask, record, send, unmask.

Law: nothing is sent without a permit for exactly that choice, decided under the pinned and the current snapshot, and
without an intent made durable first. What errs refuses. The walk does nothing itself: it yields effects.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from math import ceil

from ecluse.domain.destination import Destination, DestinationId
from ecluse.domain.dialect import PDF_ONLY
from ecluse.domain.effects import (
    AnyAnswer,
    Confirm,
    Done,
    Effect,
    Emit,
    Failed,
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
from ecluse.domain.trail import OutcomeStatus
from ecluse.domain.verdict import Permit, Question, Refusal, Verdict
from ecluse.passage.arrival import Arrival
from ecluse.passage.as_text import as_text, with_classes
from ecluse.passage.attached import attachments, file_headers
from ecluse.passage.contests import lift
from ecluse.passage.conversation import admitted
from ecluse.passage.decide import decide, forms, resolve, with_recipients
from ecluse.passage.entries import outcome_of, refusal_of
from ecluse.passage.ledger import CallerGone, Ledger, Steps
from ecluse.passage.mask import conversation_key
from ecluse.passage.options import not_taken
from ecluse.passage.question import question_of
from ecluse.passage.record import derive
from ecluse.passage.retained import keepers, of_this_turn, said_before, taken_up, where_kept, with_kept
from ecluse.passage.retry import attempts
from ecluse.passage.route import Plan, plan, route_of

RETRIES_WITHIN = 60.0
"""Seconds: an official SDK that is told to wait longer ignores it and asks again at once, unless told not to."""

CONFIRMED_ONE_IN = 1_000
"""Passages of which one, drawn by its seed, has its decision asked of the reference engine too."""
CONFIRMED_CHOICES = 8
"""At most so many choices of it: the reference engine lets nothing else run while it answers."""


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
        yield from refuse(arrival, ledger, denied)
    except EcluseError as error:
        yield from _fail(arrival, ledger, error)


def _pass(arrival: Arrival, ledger: Ledger) -> Steps:
    yield from reserve(arrival, ledger)
    asked = yield from inquire(arrival, ledger)  # admit, classify
    verdict = decide(ledger.pinned, asked.question, asked.candidates, now=ledger.moment.now)
    yield from _confirm(arrival, ledger, asked, verdict)
    if isinstance(verdict, Refusal):
        raise PolicyDenied(verdict)
    ledger.permit = verdict
    ledger.plan = planned(arrival, ledger, asked.request, verdict)
    yield from attempts(arrival, ledger, asked.request, asked.question, ledger.plan)  # mask, record, send, unmask


def reserve(arrival: Arrival, ledger: Ledger) -> Steps:
    """Take a place and count the request. Raises the refusal's error when there is no room."""
    answer = yield from ledger.ask(Reserve(caller=arrival.caller, passage=arrival.passage))
    if isinstance(answer, Refused):
        raise error_of(answer.code, answer.detail, retry_after=answer.retry_after)
    ledger.placed = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """What the rules are asked: a request, what was found in it, the question, and of which destinations."""

    request: Request
    classification: Classification
    question: Question
    candidates: tuple[DestinationId, ...]


def inquire(arrival: Arrival, ledger: Ledger) -> Generator[Effect, AnyAnswer, Inquiry]:
    """Admit and classify, and say who could answer."""
    request, found, question = yield from searched(arrival, ledger, (yield from admitted(arrival, ledger)))
    candidates = _takers(arrival, ledger, request)
    return Inquiry(request=request, classification=found, question=question, candidates=candidates)


def searched(
    arrival: Arrival, ledger: Ledger, request: Request
) -> Generator[Effect, AnyAnswer, tuple[Request, Classification, Question]]:
    """Take up what an admitted request goes on from, and classify."""
    request = yield from taken_up(arrival, ledger, request)
    request, as_texts = yield from as_text(arrival, ledger, request)
    ledger.request = request
    texts = slots(request)
    application = arrival.caller.application.id
    searched_too = (*said_before(request, ledger.kept), *texts)
    files = tuple(file for file in attachments(request) if all(file.path != one.path for one in as_texts))
    unread = tuple(path for path in request.unreadable if all(path != file.path for file in files))
    answer = yield from ledger.ask(
        Recognise(slots=searched_too, unreadable=unread, application=application, files=files)
    )
    if not isinstance(answer, Findings):
        raise GatewayError("classification_unavailable")
    found, ledger.contested = with_classes(of_this_turn(answer.classification), as_texts), ()
    if contests := arrival.caller.application.contests:
        found, ledger.contested = lift(found, texts, contests, arrival.masking_key, ledger.moment.now)
    ledger.classification = found
    pieces = request.options.get("logprobs", False) is not False  # of a completion, 0 shows the tokens chosen
    tools = frozenset(ref for tool in request.hosted for ref in tool.refs)
    question = question_of(
        arrival.caller.application, arrival.asked, arrival.surface, found, in_pieces=pieces, tools=tools
    )
    if ledger.conversation is not None:
        question = question.with_classes(ledger.conversation.stated)
    ledger.fresh = question.classes
    question = replace(with_kept(question, request, ledger.kept), stays=bool(request.conversation))
    ledger.question = question
    return request, found, question


def _confirm(arrival: Arrival, ledger: Ledger, asked: Inquiry, verdict: Verdict) -> Steps:
    """Have a drawn decision confirmed. Raises GatewayError when it is not: then nothing is sent."""
    draw = int.from_bytes(derive(arrival.seed, "confirm")[:8], "big")
    if draw % CONFIRMED_ONE_IN:
        return
    start = draw // CONFIRMED_ONE_IN % len(asked.candidates)
    turned = asked.candidates[start:] + asked.candidates[:start]
    chosen = verdict.choices[:2] if isinstance(verdict, Permit) else ()
    choices = [*chosen, *forms(asked.question, turned[:CONFIRMED_CHOICES])][:CONFIRMED_CHOICES]
    answer = yield from ledger.ask(Confirm(snapshot=ledger.pinned, question=asked.question, choices=choices))
    if isinstance(answer, Failed):
        raise error_of(answer.code)


def _takers(arrival: Arrival, ledger: Ledger, request: Request) -> tuple[DestinationId, ...]:
    """Keep the candidates whose dialect takes every field of the request; name the fields when none does."""
    snapshot, kept, retention = ledger.pinned, ledger.kept, request.retention
    if kept is not None and retention is not None and retention.fetch:
        return where_kept(snapshot, kept)
    capable = with_recipients(snapshot, request.hosted, resolve(snapshot, request.model, request.needs))
    if retention is not None:
        capable = keepers(arrival.outbound, snapshot, capable, kept)
    refused = {id_: _refused(arrival, snapshot.destinations[id_], request) for id_ in capable}
    takers = tuple(id_ for id_ in capable if not refused[id_])
    if not takers:
        common = set.intersection(*(set(fields) for fields in refused.values()))
        named = sorted(common) or sorted({field for fields in refused.values() for field in fields})
        raise CallerError("unsupported_field", ", ".join(named[:8]))
    return takers


def _refused(arrival: Arrival, destination: Destination, request: Request) -> tuple[str, ...]:
    """Name the fields that the wire format of a destination, or the destination itself, does not take."""
    unsupported = arrival.outbound[destination.dialect].unsupported(request)
    return (*(_printable(said) for said in unsupported), *not_taken(request, destination))


def _printable(said: str) -> str:
    """Name a field of the request only when it is a plain word; never echo a caller's text."""
    name = said.removesuffix(PDF_ONLY)
    plain = len(name) <= 64 and name.isascii() and name.replace("_", "").replace(".", "").isalnum()  # noqa: PLR2004 - characters
    return said if plain else "(a field)"


def planned(arrival: Arrival, ledger: Ledger, request: Request, permit: Permit) -> Plan:
    """Put the permitted choices in the owner's order."""
    organisation = arrival.caller.application.organisation.id
    key = conversation_key(arrival.masking_key, arrival.caller.key, arrival.asked.conversation, request)
    draw = int.from_bytes(derive(arrival.seed, "draw")[:8], "big")
    return plan(permit, ledger.moment.health, draw, route_of(ledger.pinned, request.model, organisation, key))


# ------------------------------------------------------------------ how a passage ends
def _settle(arrival: Arrival, ledger: Ledger, status: OutcomeStatus, code: str) -> Steps:
    yield Settle(outcome=outcome_of(arrival, ledger, status, code))


def refuse(arrival: Arrival, ledger: Ledger, denied: PolicyDenied) -> Steps:
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
        if ledger.contested:
            headers.append(("x-ecluse-contested", ",".join(ledger.contested)))
        headers += file_headers(ledger.classification.files if ledger.classification else ())
        if ledger.begun:  # an answer that may not be kept, at its end
            assert ledger.writer is not None  # noqa: S101 - a begun answer has its writer
            yield from ledger.ask(Emit(data=ledger.writer.fail(denied), last=True))
        else:
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
        headers.append(("retry-after", str(max(1, ceil(error.retry_after)))))
        if not error.retry_after.is_integer():
            headers.append(("retry-after-ms", str(ceil(error.retry_after * 1000))))
        if error.retry_after > RETRIES_WITHIN:
            headers.append(("x-should-retry", "false"))
    if isinstance(error, ProviderError):
        headers += error.limits
    yield from ledger.ask(Reply(status=error.status, headers=headers))
    yield from ledger.ask(Emit(data=body, last=True))
