"""What a passage writes to the trail, taken from its ledger.

Law: one intent per attempt, one outcome per passage, a refusal before its reply; names, classes and counts only.
"""

from ecluse.domain.destination import DestinationId
from ecluse.domain.finding import DataClass
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Entry, EntryId, OutcomeStatus
from ecluse.domain.verdict import Choice, Question, Refusal
from ecluse.passage.arrival import Arrival
from ecluse.passage.attached import files_read
from ecluse.passage.decide import recipients_of
from ecluse.passage.ledger import Ledger
from ecluse.passage.mask import Masked
from ecluse.passage.record import entry_id, intent, outcome, refusal


def _declared(arrival: Arrival, ledger: Ledger) -> frozenset[DataClass]:
    stated = ledger.conversation.stated if ledger.conversation is not None else frozenset()
    return arrival.caller.application.declared | arrival.asked.raised | stated


def _lying(ledger: Ledger) -> frozenset[DataClass]:
    """Return the classes of what lies at the provider, if the request goes on from it: they counted for the verdict."""
    return ledger.kept.classes if ledger.kept is not None else frozenset()


def intent_of(
    arrival: Arrival, ledger: Ledger, choice: Choice, id_: EntryId, bound: str, size: int, *, masked: Masked | None
) -> Entry:
    """Write the intent of one attempt, from memory too. Raises ValueError when the passage has no permit yet."""
    permit, question, classification, request = ledger.permit, ledger.question, ledger.classification, ledger.request
    plan, pinned = ledger.plan, ledger.pinned
    if permit is None or plan is None or question is None or classification is None or request is None:
        raise ValueError("an intent comes after its permit")
    receiving = recipients_of(pinned, choice.destination, question.tools) or ()
    return intent(
        id=id_,
        passage=arrival.passage,
        attempt=ledger.attempts,
        now=ledger.moment.now,
        caller=arrival.caller,
        surface=arrival.surface,
        purpose=question.purpose,
        pinned=ledger.pinned.id,
        current=ledger.moment.snapshot.id,
        declared=_declared(arrival, ledger),
        found=classification.classes | _lying(ledger),
        counts=classification.counts,
        files=files_read(classification.files),
        choice=choice,
        simulated=ledger.pinned.destinations[choice.destination].simulated,
        permit=permit,
        strategy=plan.strategy.value,
        plan=[step.destination for step in plan.choices],
        scores=plan.scores,
        left_out=plan.left_out,
        model=request.model,
        places=[place.id for place in ledger.pinned.places],
        instruction=masked is not None and masked.instructed,
        instruction_language=masked.instruction if masked else None,
        generalised=masked.generalised if masked else 0,
        contested=ledger.contested,
        cached=ledger.recalled is not None,
        recipients=receiving,
        dialect=_dialect(question),
        retention=request.retention,
        conversation=request.conversation,
        commitment=bound,
        size=size,
    )


def refusal_of(arrival: Arrival, ledger: Ledger, verdict: Refusal) -> Entry:
    """Write a refusal: who asked, what was found, which rules; nothing of the request."""
    question, classification, request = ledger.question, ledger.classification, ledger.request
    return refusal(
        id=entry_id(arrival.seed, f"refusal-{ledger.attempts}"),
        passage=arrival.passage,
        now=ledger.moment.now,
        caller=arrival.caller,
        surface=arrival.surface,
        purpose=question.purpose if question else None,
        pinned=ledger.pinned.id,
        current=ledger.moment.snapshot.id,
        declared=_declared(arrival, ledger),
        found=(classification.classes if classification else frozenset()) | _lying(ledger),
        counts=classification.counts if classification else {},
        files=files_read(classification.files if classification else ()),
        model=(request.model or None) if request else None,
        places=[place.id for place in ledger.pinned.places],
        code="policy_denied",
        verdict=verdict,
        contested=ledger.contested,
        recipients=_asked_about(ledger, question) if question else (),
        dialect=_dialect(question) if question else "",
        conversation=request.conversation if request else "",
    )


def _dialect(question: Question) -> str:
    """Return the wire format in which hosted tools were asked for: a request has one."""
    return next((tool.dialect for tool in question.tools), "")


def _asked_about(ledger: Ledger, question: Question) -> tuple[DestinationId, ...]:
    """Name the recipients of the hosted tools, wherever these could have been called."""
    if not question.tools:
        return ()
    found = (recipients_of(ledger.pinned, id_, question.tools) or () for id_ in ledger.pinned.destinations)
    return tuple(dict.fromkeys(one.id for receiving in found for one in receiving))


def outcome_of(arrival: Arrival, ledger: Ledger, status: OutcomeStatus, code: str) -> Entry:
    """Write how the passage ended."""
    destination = ledger.pinned.destinations[ledger.destination] if ledger.destination else None
    price = destination.price if destination else None
    return outcome(
        id=entry_id(arrival.seed, "outcome"),
        passage=arrival.passage,
        now=ledger.moment.now,
        status=status,
        code=code or None,
        destination=ledger.destination,
        tokens_in=ledger.tokens_in,
        tokens_out=ledger.tokens_out,
        cost_micro=price.cost(ledger.tokens_in, ledger.tokens_out, ledger.reuse) if price else None,
        at_most=price is not None and price.bounds(ledger.reuse),
        reuse=ledger.reuse,
        currency=price.currency if price else None,
        price_as_of=price.source.as_of.isoformat() if price else None,
        calls=ledger.attempts - (ledger.recalled is not None),
        restored=ledger.restored,
        unknown_surrogates=ledger.unknown_surrogates,
        upstream_status=ledger.upstream_status or None,
        upstream_region=ledger.upstream_region,
        duration_ms=max(0, ledger.moment.now - ledger.started),
    )


def broken_of(arrival: Arrival, now: Instant) -> Entry:
    """Write the outcome of a walk that raised."""
    return outcome(
        id=entry_id(arrival.seed, "outcome"),
        passage=arrival.passage,
        now=now,
        status=OutcomeStatus.BROKEN,
        code="internal_error",
    )
