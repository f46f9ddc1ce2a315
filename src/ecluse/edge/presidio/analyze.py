"""What Presidio's analyzer answers: entities with places in code points and scores.

Law: as `/analyze`, what names no person by itself (dates, places, organisations) is told too, and a text that holds
what cannot be read is told whole as `UNREADABLE`. What would weaken the search on a caller's word is refused by name:
patterns of a request's own, and entities of which none is known here.
"""

import time
from collections.abc import Sequence

import msgspec

from ecluse.domain.errors import CallerError
from ecluse.edge.presidio.entities import UNREADABLE, entity
from ecluse.passage.classify import Engine, OwnDetector
from ecluse.passage.classify.resolve import Claim

LONGEST = 2**20
"""Characters of the texts of one call."""
DEADLINE = 20.0
"""Seconds for one text; past it the answer is a 503."""
_REFUSED = "ad_hoc_recognizers"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A text, or texts, in a language; `entities` narrows what is told, `allow_list` are values that are no finding."""

    text: str | list[str]
    language: str
    entities: list[str] | None = None
    score_threshold: float | None = None
    return_decision_process: bool | None = False
    allow_list: list[str] | None = None
    allow_list_match: str | None = "exact"
    ad_hoc_recognizers: list[msgspec.Raw] | None = None


def analyze(
    engine: Engine, asked: Asked, known: frozenset[str], own: OwnDetector | None = None
) -> list[dict[str, object]] | list[list[dict[str, object]]]:
    """Return what is found in the text, or in each of the texts. Raises CallerError and GatewayError."""
    if asked.ad_hoc_recognizers:
        raise CallerError("invalid_request", f"{_REFUSED} are not taken; recognisers are the gateway's own")
    if asked.allow_list and asked.allow_list_match != "exact":
        raise CallerError("invalid_request", "allow_list_match: only exact is taken")
    if asked.entities and not known.intersection(asked.entities):
        raise CallerError("invalid_request", "entities: none of them is known here; see /supportedentities")
    texts = [asked.text] if isinstance(asked.text, str) else asked.text
    if sum(map(len, texts)) > LONGEST:
        raise CallerError("body_too_large", f"at most {LONGEST} characters")
    found = [_found(engine, text, asked, own) for text in texts]
    return found[0] if isinstance(asked.text, str) else found


def _found(engine: Engine, text: str, asked: Asked, own: OwnDetector | None) -> list[dict[str, object]]:
    least = asked.score_threshold or 0.0
    kept: Sequence[str] = asked.allow_list or ()
    rows = []
    ends = time.monotonic() + DEADLINE
    claims, unreadable = engine.searched(text, lambda: time.monotonic() > ends, indirect=True)
    beside = own.claims(text, lambda: time.monotonic() > ends) if own is not None else ()
    for claim in (*claims, *beside):
        name = entity(claim.recogniser.kind, claim.recogniser.name)
        if claim.confidence < least or (asked.entities and name not in asked.entities):
            continue
        if text[claim.start : claim.end] in kept:
            continue
        rows.append(
            {
                "entity_type": name,
                "start": claim.start,
                "end": claim.end,
                "score": round(claim.confidence, 3),
                "analysis_explanation": _why(claim) if asked.return_decision_process else None,
            }
        )
    if unreadable:
        rows.append(
            {"entity_type": UNREADABLE, "start": 0, "end": len(text), "score": 1.0, "analysis_explanation": None}
        )
    return rows


def _why(claim: Claim) -> dict[str, object]:
    """Explain a claim with every key of Presidio's; no pattern is told, and nothing near it changed the score."""
    score = round(claim.confidence, 3)
    return {
        "recognizer": claim.recogniser.name,
        "pattern_name": None,
        "pattern": None,
        "original_score": score,
        "score": score,
        "textual_explanation": claim.evidence,
        "score_context_improvement": 0,
        "supportive_context_word": "",
        "validation_result": None,
        "regex_flags": None,
    }
