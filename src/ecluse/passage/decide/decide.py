"""The question to the verdict: first the gateway's own places, then each candidate as is and masked.

Law: past its end a snapshot decides nothing; a place that may not hold the data refuses the request; as is comes before
masked, masked before refused; embeddings go as they are or not at all.
"""

from collections.abc import Iterable, Iterator, Sequence
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
from ecluse.passage.decide.recipients import judged

_ORDER = (Basis.LAW, Basis.AUTHORITY, Basis.CONTRACT, Basis.HOUSE)


QUESTIONS = 4_096
"""Questions of which a snapshot remembers the verdicts."""
LISTS = 8
"""Lists of candidates of which it remembers one question's verdict."""


def decide(snapshot: Snapshot, question: Question, candidates: Sequence[DestinationId], *, now: Instant) -> Verdict:
    """Return a permit with one choice a destination, in the order of `candidates`, or a refusal.

    A verdict is remembered in its snapshot, for the same record of an application. Raises GatewayError when the facts
    have expired or the rules cannot answer; that is never remembered.
    """
    application = question.application
    question = _current(snapshot, question, now)
    left = question.application  # of one record, and days end its parts in one order: how many are left tells which
    asked = (
        len(left.analyses),
        len(left.exceptions),
        question.action,
        question.purpose,
        question.classes,
        question.covered,
        question.tools,
        question.keeps,
        question.stays,
    )
    key = (id(application), *asked)
    known = snapshot.answered.get(key)
    if known is None or known[0] is not application:
        if len(snapshot.answered) >= QUESTIONS:
            snapshot.answered.pop(next(iter(snapshot.answered)))
        known = snapshot.answered[key] = (application, [])
    for others, verdict in known[1]:
        if others is candidates or others == candidates:
            return verdict
    verdict = _decide(snapshot, question, candidates)
    if isinstance(candidates, tuple):  # a list could change under the memory
        known[1].append((candidates, verdict))
        del known[1][:-LISTS]
    return verdict


def _decide(snapshot: Snapshot, question: Question, candidates: Sequence[DestinationId]) -> Verdict:
    observed: list[Reason] = []
    if (refused := _held(snapshot, question, observed)) is not None:
        return refused
    rulings = explain(snapshot, question, candidates)
    chosen = _chosen(rulings)
    if chosen:
        rules = dict.fromkeys(rule for ruling in chosen for rule in ruling.permitted_by)
        observed += _distinct(ruling.observed for ruling in chosen)
        return Permit(choices=tuple(ruling.choice for ruling in chosen), rules=tuple(rules), observed=_merged(observed))
    if not rulings:
        raise GatewayError("policy_unavailable", "no destination was asked about")
    observed += _distinct(ruling.observed for ruling in rulings)
    return Refusal(
        reasons=_merged(_distinct(ruling.reasons for ruling in rulings)),
        would_help=hints(snapshot, question, candidates, rulings),
        observed=_merged(observed),
    )


def held(snapshot: Snapshot, question: Question, *, now: Instant) -> Refusal | None:
    """Return the refusal of the first place of the gateway that may not hold the data, None when all may.

    Raises GatewayError when the facts have expired or the rules cannot answer.
    """
    return _held(snapshot, _current(snapshot, question, now), [])


def _held(snapshot: Snapshot, question: Question, observed: list[Reason]) -> Refusal | None:
    """Ask every place of the gateway; put what was only observed in `observed`."""
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
    return None


def explain(
    snapshot: Snapshot, question: Question, candidates: Sequence[DestinationId], *, now: Instant | None = None
) -> tuple[Ruling, ...]:
    """Return what the rules say of each candidate: as is, and masked where a mask would cover something.

    Without `now` the analyses are those of the snapshot's day. Raises GatewayError as `decide` does.
    """
    if now is not None:
        question = _current(snapshot, question, now)
    return judged(snapshot, question, forms(question, candidates))


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


def _distinct(parts: Iterable[tuple[Reason, ...]]) -> Iterator[Reason]:
    """Iterate over reasons, each tuple of them once: many destinations share theirs."""
    for part in {id(part): part for part in parts if part}.values():
        yield from part


def _current(snapshot: Snapshot, question: Question, now: Instant) -> Question:
    """Leave out what has ended since the snapshot was built; past its end nothing is decided."""
    if now >= snapshot.valid_until:
        raise GatewayError("facts_expired")
    application = question.application
    if not application.exceptions and all(analysis.valid_until is None for analysis in application.analyses):
        return question
    today = datetime.fromtimestamp(now / 1000, UTC).date()
    analyses = tuple(a for a in application.analyses if a.valid_until is None or today <= a.valid_until)
    exceptions = tuple(e for e in application.exceptions if today <= e.ends)
    if len(analyses) == len(application.analyses) and len(exceptions) == len(application.exceptions):
        return question
    return replace(question, application=replace(application, analyses=analyses, exceptions=exceptions))
