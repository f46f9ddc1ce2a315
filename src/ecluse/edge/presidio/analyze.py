"""What Presidio's analyzer answers: entities with places in code points and scores.

Law: as `/analyze`, what names no person by itself (dates, places, organisations) is told too. What would weaken the
search on a caller's word is refused by name: patterns of a request's own.
"""

from collections.abc import Sequence

import msgspec

from ecluse.domain.errors import CallerError
from ecluse.edge.presidio.entities import entity
from ecluse.passage.classify import Engine

LONGEST = 2**20
"""Characters of the texts of one call."""
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


def analyze(engine: Engine, asked: Asked) -> list[dict[str, object]] | list[list[dict[str, object]]]:
    """Return what is found in the text, or in each of the texts. Raises CallerError and GatewayError."""
    if asked.ad_hoc_recognizers:
        raise CallerError("invalid_request", f"{_REFUSED} are not taken; recognisers are the gateway's own")
    if asked.allow_list and asked.allow_list_match != "exact":
        raise CallerError("invalid_request", "allow_list_match: only exact is taken")
    texts = [asked.text] if isinstance(asked.text, str) else asked.text
    if sum(map(len, texts)) > LONGEST:
        raise CallerError("body_too_large", f"at most {LONGEST} characters")
    found = [_found(engine, text, asked) for text in texts]
    return found[0] if isinstance(asked.text, str) else found


def _found(engine: Engine, text: str, asked: Asked) -> list[dict[str, object]]:
    least = asked.score_threshold or 0.0
    kept: Sequence[str] = asked.allow_list or ()
    rows = []
    for claim in engine.search(text, indirect=True):
        name = entity(claim.recogniser.kind, claim.recogniser.name)
        if claim.confidence < least or (asked.entities and name not in asked.entities):
            continue
        if text[claim.start : claim.end] in kept:
            continue
        why = {"recognizer": claim.recogniser.name, "textual_explanation": claim.evidence, "score": claim.confidence}
        rows.append(
            {
                "entity_type": name,
                "start": claim.start,
                "end": claim.end,
                "score": round(claim.confidence, 3),
                "analysis_explanation": why if asked.return_decision_process else None,
                "recognition_metadata": {"recognizer_name": claim.recogniser.name},
            }
        )
    return rows
