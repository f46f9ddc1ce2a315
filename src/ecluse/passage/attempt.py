"""One attempt at one choice: mask, record, send, and the answer back to the caller.

Law: the intent and the call leave in one effect; a fallback stays possible until the first byte goes to the caller, and
never after it; an error's text from upstream never reaches anybody.
"""

import re
from collections.abc import Generator, Sequence

from ecluse.domain.destination import NO_REUSE, Destination
from ecluse.domain.dialect import Envelope, OutboundDialect, Reader, Writer
from ecluse.domain.effects import (
    Abandon,
    AnyAnswer,
    Chunk,
    Dispatch,
    Done,
    Effect,
    Emit,
    End,
    Failed,
    Gone,
    Head,
    Headers,
    Keep,
    Next,
    Recall,
    Recalled,
    Record,
    Refused,
    Reply,
)
from ecluse.domain.errors import EcluseError, GatewayError, ProviderError, error_of
from ecluse.domain.event import Begin, Event, Item, Sound, Text, ToolArgs, UpstreamError, Usage, Vector
from ecluse.domain.finding import MASKED_FORM
from ecluse.domain.kept import Kept
from ecluse.domain.request import Request
from ecluse.domain.trail import Entry, Opening
from ecluse.domain.vault import Vault
from ecluse.domain.verdict import Choice
from ecluse.passage.arrival import Arrival
from ecluse.passage.attached import file_headers
from ecluse.passage.caching import cache_name
from ecluse.passage.conversation import kept_turn
from ecluse.passage.cost import estimate, reuse_of
from ecluse.passage.decide import recipients_of
from ecluse.passage.entries import intent_of
from ecluse.passage.ledger import CallerGone, Ledger, Steps
from ecluse.passage.mask import Masked, conversation_key, mask
from ecluse.passage.options import fitted
from ecluse.passage.record import commitment, derive, entry_id, timestamp
from ecluse.passage.retained import lost, named, sent_on, shelve, to_keep, unnamed
from ecluse.passage.unmask import Restorer
from ecluse.passage.warning import warning

START_EVENTS = 64
START_BYTES = 256 * 1024
"""The start-up buffer: while it holds, another destination can still be tried (decision 4)."""
ERROR_BYTES = 64 * 1024
OK = 200
REGION = re.compile(r"[A-Za-z][A-Za-z0-9 -]{1,39}", re.ASCII)


def attempt(arrival: Arrival, ledger: Ledger, request: Request, choice: Choice) -> Steps:
    """Try one permitted choice to its end. Raises ProviderError when it failed before the first byte went out."""
    ledger.attempts += 1
    label = f"attempt-{ledger.attempts}"
    destination = ledger.pinned.destinations[choice.destination]
    outbound = arrival.outbound[destination.dialect]
    key = ledger.kept.key if ledger.kept else _conversation(arrival, request)
    masked = _masked(arrival, ledger, request, choice, key)
    sent, vault = (masked.request, masked.vault) if masked else (request, Vault.empty())
    sent = sent_on(fitted(sent, destination), ledger.kept, opening=len(sent.messages) > len(request.messages))
    keeping = to_keep(arrival, ledger, request, choice, vault, key)
    if keeping is not None:
        yield from shelve(arrival, ledger, unnamed(keeping))  # what could not be sealed later is not sent now
    attempt_id = entry_id(arrival.seed, label)
    call = outbound.call(sent, destination, attempt_id)
    salt = derive(arrival.seed, f"{label}/salt")
    bound = commitment(salt, call.body)
    name = cache_name(arrival, ledger, choice, call)
    kept = yield from _recalled(ledger, name)
    intent = intent_of(arrival, ledger, choice, attempt_id, bound, len(call.body), masked=masked)
    ledger.tokens_in, ledger.tokens_out, ledger.reuse = None, None, NO_REUSE
    ledger.upstream_status, ledger.upstream_region = 0, None  # what an earlier destination said is not of this one
    opening = Opening(salt=salt)
    if kept is not None:
        yield from _record_recalled(ledger, choice, intent, opening)
    else:
        extra = ledger.attempts > 1
        estimated = estimate(sent, len(call.body))
        dispatch = Dispatch(intent=intent, opening=opening, call=call, estimate=estimated, extra=extra)
        yield from _dispatched(ledger, outbound, choice, dispatch)
    writer = arrival.dialect.writer(request, _envelope(arrival, ledger, request))
    ledger.writer = writer
    reader = outbound.reader(sent)
    restorer = Restorer(vault, structured=request.structured, signed=arrival.dialect.signs)
    answering = _Answer(arrival, ledger, request, destination, reader, writer, restorer, name, keeping)
    if kept is not None:
        yield from answering.repeat(kept)
        return
    try:
        yield from answering.relay()
    except ProviderError:
        yield from ledger.ask(Abandon())
        raise


def _recalled(ledger: Ledger, name: str | None) -> Generator[Effect, AnyAnswer, bytes | None]:
    """Look for an answer that was kept."""
    ledger.recalled = None
    if name is None:
        return None
    answer = yield from ledger.ask(Recall(name=name))
    if not isinstance(answer, Recalled):
        return None
    ledger.recalled = answer.at
    return answer.data


def _record_recalled(ledger: Ledger, choice: Choice, intent: Entry, opening: Opening) -> Steps:
    """Make durable that an answer comes from memory, as before a call. Raises GatewayError, and it does not come."""
    answer = yield from ledger.ask(Record(entry=intent, opening=opening))
    if not isinstance(answer, Done):
        raise GatewayError("trail_unavailable")
    ledger.intent, ledger.destination, ledger.masked = intent.id, choice.destination, choice.masked
    current = ledger.moment.snapshot
    if intent.body["snapshot_current"] != current.id or ledger.moment.now >= current.valid_until:
        raise GatewayError("facts_expired")


def _dispatched(ledger: Ledger, outbound: OutboundDialect, choice: Choice, dispatch: Dispatch) -> Steps:
    """Record and send. Returns at the head of an answer with status 200, and raises for any other."""
    answer = yield dispatch
    ledger.moment = answer.moment
    if _recorded(answer):  # else there is no intent to speak of
        ledger.intent, ledger.destination, ledger.masked = dispatch.intent.id, choice.destination, choice.masked
    if isinstance(answer, Gone):
        raise CallerGone
    if isinstance(answer, Failed):
        raise error_of(answer.code)
    if isinstance(answer, Refused):
        raise error_of(answer.code, answer.detail, retry_after=answer.retry_after)
    if not isinstance(answer, Head):
        raise GatewayError("internal_error", "the runner answered a dispatch with something else")
    ledger.upstream_status, ledger.upstream_region = answer.status, _region(answer)
    if answer.status != OK:
        raise lost(ledger, answer.status, (yield from _refused_upstream(ledger, outbound, answer)))


def _region(head: Head) -> str | None:
    """Return where the provider says that it answers, if that is a plain name: Azure says so of every call."""
    said = head.headers.get("x-ms-region", "")
    return said if REGION.fullmatch(said) else None


def _recorded(answer: AnyAnswer) -> bool:
    return answer.recorded if isinstance(answer, Failed) else not isinstance(answer, Refused)


def _conversation(arrival: Arrival, request: Request) -> bytes:
    return conversation_key(arrival.masking_key, arrival.caller.key, arrival.asked.conversation, request)


def _masked(arrival: Arrival, ledger: Ledger, request: Request, choice: Choice, key: bytes) -> Masked | None:
    before = ledger.kept.vault if ledger.kept is not None and ledger.kept.vault.surrogates else None
    if not choice.masked and before is None:
        ledger.generalised = 0
        return None
    classification, question = ledger.classification, ledger.question
    if classification is None or question is None:
        raise GatewayError("mask_unavailable")
    style = arrival.caller.application.masking
    cover = question.covered & frozenset(MASKED_FORM) if choice.masked else frozenset()
    if request.retention is not None and request.retention.fetch:
        return Masked(request=request, vault=before or Vault.empty())  # nothing new is said
    masked = mask(request, classification, cover=cover, key=key, style=style, before=before)
    ledger.generalised = masked.generalised
    return masked


def _envelope(arrival: Arrival, ledger: Ledger, request: Request) -> Envelope:
    if request.retention is not None and request.retention.fetch and ledger.kept is not None:
        return Envelope(id=arrival.kept, model=request.model, created=ledger.kept.created)
    return Envelope(id=arrival.passage, model=request.model, created=ledger.started // 1000)


def _refused_upstream(
    ledger: Ledger, outbound: OutboundDialect, head: Head
) -> Generator[Effect, AnyAnswer, EcluseError]:
    """Read a bounded error body and say what it means."""
    body = b""
    while len(body) < ERROR_BYTES:
        answer = yield from ledger.ask(Next())
        if isinstance(answer, Chunk):
            body += answer.data
        else:
            break
    yield from ledger.ask(Abandon())
    return outbound.error(head.status, head.headers, body)


class _Answer:
    """The way back of one attempt: bytes to events, originals restored, events to bytes."""

    def __init__(
        self,
        arrival: Arrival,
        ledger: Ledger,
        request: Request,
        destination: Destination,
        reader: Reader,
        writer: Writer,
        restorer: Restorer,
        name: str | None,
        keeping: Kept | None,
    ) -> None:
        self._arrival = arrival
        self._ledger = ledger
        self._keeping = keeping
        self._unsealed = keeping is not None
        self._request = request
        self._fetched = request.retention is not None and request.retention.fetch
        self._stream = request.stream
        self._destination = destination
        self._reader = reader
        self._writer = writer
        self._restorer = restorer
        self._held = b""
        self._name = name
        self._raw = bytearray()
        self._events = 0
        self._content = False

    def relay(self) -> Steps:
        """Read to the end of the provider's answer and pass it on, piece by piece when streamed."""
        while True:
            answer = yield from self._ledger.ask(Next())
            match answer:
                case Chunk(data=data):
                    self._collect(data)
                    yield from self._pass_on(self._reader.feed(data))
                case End():
                    yield from self._pass_on(self._reader.end())
                    yield from self._keep()
                    yield from self._finish()
                    return
                case Failed(code=code):
                    raise error_of(code)
                case _:
                    raise GatewayError("internal_error", "the runner answered a wait with something else")

    def repeat(self, data: bytes) -> Steps:
        """Give an answer that was kept, as if it came now; it used nothing, unless a call before it did."""
        yield from self._pass_on(self._reader.feed(data))
        yield from self._pass_on(self._reader.end())
        self._ledger.tokens_in = self._ledger.tokens_out = 0 if self._ledger.attempts == 1 else None
        self._ledger.reuse = NO_REUSE
        yield from self._finish()

    def _collect(self, data: bytes) -> None:
        if self._name is None:
            return
        self._raw += data
        if len(self._raw) > self._ledger.pinned.caching.answer_bytes:
            self._name = None
            self._raw.clear()

    def _keep(self) -> Steps:
        """Keep an answer that came whole: one that broke off, or failed inside, never gets here."""
        if self._name is not None:
            seconds = self._ledger.pinned.caching.seconds
            yield from self._ledger.ask(Keep(name=self._name, data=bytes(self._raw), seconds=seconds))

    def _pass_on(self, events: Sequence[Event]) -> Steps:
        for event in events:
            self._notice(event)
            if isinstance(event, Begin) and self._unsealed:
                yield from self._seal(event.id)
            for restored in self._restorer.feed(event):
                self._held += self._writer.write(restored)
        if self._stream and (self._ledger.begun or self._content or self._full()):
            yield from self._flush(last=False)

    def _seal(self, upstream: str) -> Steps:
        """Seal under which name the provider keeps the answer, before the caller is told ours."""
        if self._keeping is None:
            raise GatewayError("internal_error", "a name of what is not kept")
        self._ledger.named = bool(upstream)
        yield from shelve(self._arrival, self._ledger, named(self._keeping, upstream))
        self._unsealed = False

    def _notice(self, event: Event) -> None:
        self._events += 1
        match event:
            case UpstreamError(code=code):
                raise error_of(code)
            case Usage() if self._fetched:
                self._ledger.tokens_in = self._ledger.tokens_out = 0
            case Usage(tokens_in=tokens_in, tokens_out=tokens_out):
                self._ledger.tokens_in, self._ledger.tokens_out = tokens_in, tokens_out
                self._ledger.reuse = reuse_of(event)
            case Text(s=s) | ToolArgs(s=s) if s:
                self._content = True
            case ToolArgs() | Vector() | Item() | Sound():
                self._content = True
            case _:
                pass

    def _full(self) -> bool:
        return self._events > START_EVENTS or len(self._held) > START_BYTES

    def _finish(self) -> Steps:
        for event in self._restorer.end():
            self._held += self._writer.write(event)
        yield from kept_turn(self._arrival, self._ledger, self._request, self._writer)
        self._held += self._writer.close()
        self._ledger.restored = self._restorer.restored
        self._ledger.unknown_surrogates = self._restorer.unknown
        yield from self._flush(last=True)

    def _flush(self, *, last: bool) -> Steps:
        if not (self._held or last):
            return
        if self._unsealed:
            raise ProviderError("upstream_malformed", "a kept answer without a name")
        if not self._ledger.begun:
            yield from self._ledger.ask(Reply(status=OK, headers=self._headers(), stream=self._stream))
            self._ledger.begun = True
        data, self._held = self._held, b""
        yield from self._ledger.ask(Emit(data=data, last=last))

    def _headers(self) -> Headers:
        ledger, destination = self._ledger, self._destination
        permit = ledger.permit
        rules = () if permit is None else permit.rules + tuple(reason.rule for reason in permit.observed)
        headers = [
            ("content-type", self._writer.content_type),
            ("x-ecluse-destination", destination.id),
            ("x-ecluse-verdict", "permit_masked" if ledger.masked else "permit"),
            ("x-ecluse-rules", ",".join(dict.fromkeys(rules))),
            ("x-ecluse-entry", ledger.intent or ""),
            ("x-ecluse-model", destination.model),
            ("x-ecluse-simulated", "true" if destination.simulated else "false"),
            ("x-ecluse-cost", self._cost()),
        ]
        if (kept := self._keeping or ledger.conversation) is not None:
            headers.append(("x-ecluse-kept-until", timestamp(kept.ends)))
        if ledger.recalled is not None:
            headers.append(("x-ecluse-cache", f"hit; age={max(0, ledger.moment.now - ledger.recalled) // 1000}"))
        if permit is not None and permit.observed:
            headers.append(("x-ecluse-observed", ",".join(dict.fromkeys(reason.rule for reason in permit.observed))))
            headers += warning(permit.observed)
        if ledger.question is not None and ledger.question.tools:
            receiving = recipients_of(ledger.pinned, destination.id, ledger.question.tools) or ()
            headers.append(("x-ecluse-recipients", ",".join(one.id for one in receiving)))
        if ledger.contested:
            headers.append(("x-ecluse-contested", ",".join(ledger.contested)))
        if ledger.generalised:
            headers.append(("x-ecluse-generalised", str(ledger.generalised)))
        headers += file_headers(ledger.classification.files if ledger.classification else ())
        if self._stream:
            headers += [("cache-control", "no-cache, no-transform"), ("x-accel-buffering", "no")]
        return headers

    def _cost(self) -> str:
        """Say what the answer costs at list price; of a stream only its outcome in the trail can tell."""
        price, ledger = self._destination.price, self._ledger
        if price is None:
            return "unknown"
        if self._ledger.recalled is not None:
            return f"0; currency={price.currency}; as_of={price.source.as_of}"
        if self._stream:
            return f"at_end; currency={price.currency}; as_of={price.source.as_of}"
        cost = price.cost(ledger.tokens_in, ledger.tokens_out, ledger.reuse)
        if cost is None:
            return "unknown"
        bound = "; at_most=true" if price.bounds(ledger.reuse) else ""
        return f"{cost}; currency={price.currency}; as_of={price.source.as_of}{bound}"
