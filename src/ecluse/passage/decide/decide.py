"""The question to the verdict: first the gateway's own places, then each candidate as is and masked.

Law: past its end a snapshot decides nothing; a place that may not hold the data refuses the request; as is comes before
masked, masked before refused; embeddings go as they are or not at all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from ecluse.domain.destination import DestinationId
from ecluse.domain.errors import GatewayError
from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.domain.verdict import (
    Basis,
    Mode,
    Permit,
    Question,
    Reason,
    Refusal,
    RuleId,
    Ruling,
    Verdict,
)
from ecluse.passage.decide.forms import forms
from ecluse.passage.decide.hints import hints, hints_for_place

_ORDER = (Basis.LAW, Basis.AUTHORITY, Basis.CONTRACT, Basis.HOUSE)


def decide(snapshot: Snapshot, question: Question, candidates: Sequence[DestinationId], *, now: Instant) -> Verdict:
    """Return a permit with one choice a destination, in the order of `candidates`, or a refusal.

    Raises GatewayError when the facts have expired or the rules cannot answer.
    """
    question = _current(snapshot, question, now)
    observed: list[Reason] = []
    for place in snapshot.places:
        reasons = snapshot.rulebook.hold(question, place)
        told = [reason for reason in reasons if reason.mode is not Mode.ENFORCE]
        observed += told
        if len(told) < len(reasons):
            return Refusal(
                reasons=_merged(reason for reason in reasons if reason.mode is Mode.ENFORCE),
                would_help=hints_for_place(snapshot, question, place),
                place=place.id,
                observed=_merged(observed),
            )
    rulings = explain(snapshot, question, candidates)
    chosen = _chosen(rulings)
    if chosen:
        rules = dict.fromkeys(rule for ruling in chosen for rule in ruling.permitted_by)
        observed += [reason for ruling in chosen for reason in ruling.observed]
        return Permit(choices=tuple(ruling.choice for ruling in chosen), rules=tuple(rules), observed=_merged(observed))
    if not rulings:
        raise GatewayError("policy_unavailable", "no destination was asked about")
    observed += [reason for ruling in rulings for reason in ruling.observed]
    return Refusal(
        reasons=_merged(reason for ruling in rulings for reason in ruling.reasons),
        would_help=hints(snapshot, question, candidates),
        observed=_merged(observed),
    )


def explain(
    snapshot: Snapshot, question: Question, candidates: Sequence[DestinationId], *, now: Instant | None = None
) -> tuple[Ruling, ...]:
    """Return what the rules say of each candidate: as is, and masked where a mask would cover something.

    Without `now` the analyses are those of the snapshot's day. Raises GatewayError as `decide` does.
    """
    if now is not None:
        question = _current(snapshot, question, now)
    return snapshot.rulebook.rule(question, forms(question, candidates))


def _chosen(rulings: Sequence[Ruling]) -> list[Ruling]:
    """Keep the first permitted form of each destination: `explain` puts as is before masked."""
    chosen: dict[DestinationId, Ruling] = {}
    for ruling in rulings:
        if ruling.permitted:
            chosen.setdefault(ruling.choice.destination, ruling)
    return list(chosen.values())


def _merged(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Keep each rule once: law first, then authority, contract and house."""
    once: dict[RuleId, Reason] = {reason.rule: reason for reason in reasons}
    return tuple(sorted(once.values(), key=lambda reason: (_ORDER.index(reason.basis), reason.rule)))


def _current(snapshot: Snapshot, question: Question, now: Instant) -> Question:
    """Leave out the analyses that have ended since the snapshot was built; past its end nothing is decided."""
    if now >= snapshot.valid_until:
        raise GatewayError("facts_expired")
    today = datetime.fromtimestamp(now / 1000, UTC).date()
    application = question.application
    current = tuple(a for a in application.analyses if a.valid_until is None or today <= a.valid_until)
    if len(current) == len(application.analyses):
        return question
    return replace(question, application=replace(application, analyses=current))
