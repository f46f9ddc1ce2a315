"""A verdict in words that a caller or a script can read: the answer of `/v1/explain` and of `ecluse explain`.

Law: it tells what the rules said and nothing that they did not; classes and counts, never values.
"""

from collections.abc import Sequence

from ecluse.domain.behind import Behind
from ecluse.domain.finding import Classification
from ecluse.domain.not_checked import NOT_CHECKED
from ecluse.domain.snapshot import Snapshot
from ecluse.domain.verdict import Permit, Question, Reason, Refusal, Ruling, Verdict
from ecluse.passage.attached import told_files
from ecluse.passage.decide import recipients_of
from ecluse.passage.route import Plan


def told(
    snapshot: Snapshot,
    question: Question,
    classification: Classification,
    verdict: Verdict,
    rulings: tuple[Ruling, ...],
    language: str,
    contested: Sequence[str] = (),
) -> dict[str, object]:
    """Write a verdict and every ruling behind it, sentences in `language`.

    `contested` are the contests by which findings were left out.
    """
    refusal = verdict if isinstance(verdict, Refusal) else None
    permit = verdict if isinstance(verdict, Permit) else None
    return {
        "classes": sorted(question.classes),
        "maskable": sorted(question.covered),
        "findings": dict(classification.counts),
        "files": told_files(classification.files),
        "contested": list(contested),
        "purpose": question.purpose,
        "snapshot": snapshot.id,
        "date": snapshot.today,
        "verdict": "refusal" if refusal else "permit",
        "place": refusal.place if refusal else None,
        "reasons": [told_reason(reason, language) for reason in refusal.reasons] if refusal else [],
        "would_help": [hint.fr if language == "fr" else hint.en for hint in refusal.would_help] if refusal else [],
        "choices": [{"destination": c.destination, "masked": c.masked} for c in permit.choices] if permit else [],
        "rulings": [_told_ruling(snapshot, question, ruling, language) for ruling in rulings],
        "not_checked": [said.fr if language == "fr" else said.en for said in NOT_CHECKED],
    }


def told_plan(plan: Plan) -> dict[str, object]:
    """Write in which order the permitted choices would be tried, and by which numbers."""
    return {
        "strategy": plan.strategy,
        "order": [
            {"destination": c.destination, "masked": c.masked, "score": plan.scores.get(c.destination)}
            for c in plan.choices
        ],
        "left_out": dict(plan.left_out),
    }


def _told_ruling(snapshot: Snapshot, question: Question, ruling: Ruling, language: str) -> dict[str, object]:
    recipients = recipients_of(snapshot, ruling.choice.destination, question.tools) or ()
    destination = snapshot.destinations[ruling.choice.destination]
    fired = (*ruling.permitted_by, *(reason.rule for reason in (*ruling.reasons, *ruling.observed)))
    return {
        "destination": destination.id,
        "model": destination.model,
        "masked": ruling.choice.masked,
        "permitted": ruling.permitted,
        "permitted_by": list(ruling.permitted_by),
        "reasons": [told_reason(reason, language) for reason in ruling.reasons],
        "observed": [told_reason(reason, language) for reason in ruling.observed],
        "facts": [_told_fact(one, language) for one in snapshot.evidence(fired, question, destination)],
        "simulated": destination.simulated,
        "recipients": [
            {
                "recipient": one.id,
                "tool": one.kind.value,
                "provider": one.destination.provider,
                "brings": sorted(one.brings),
                "source": one.source.title,
            }
            for one in recipients
        ],
    }


def _told_fact(one: Behind, language: str) -> dict[str, object]:
    return {
        "fact": one.fact,
        "holds": one.holds,
        "says": one.fr if language == "fr" else one.en,
        "sources": [
            {"title": s.title, "url": s.url, "as_of": s.as_of.isoformat(), "confidence": s.confidence.value}
            for s in one.sources
        ],
    }


def told_reason(reason: Reason, language: str) -> dict[str, str]:
    """Write one reason for a reader."""
    return {
        "rule": reason.rule,
        "reason": reason.fr if language == "fr" else reason.en,
        "source": reason.source,
        "basis": reason.basis,
        "mode": reason.mode,
    }
