"""`/v1/classify`: what is recognised in a caller's texts, with the detector of the walk; nothing is sent or kept.

Law: the answer says where and what, never the values: the caller has the text. What cannot be searched is a failure.
"""

import msgspec

from ecluse.domain.effects import Emit, Findings, Recognise, Reply
from ecluse.domain.errors import EcluseError, GatewayError
from ecluse.domain.finding import Classification
from ecluse.domain.request import Slot, SlotPath
from ecluse.passage.admit.checks import array, mapping, only, text, wrong
from ecluse.passage.admit.strict_json import decode
from ecluse.passage.arrival import Arrival
from ecluse.passage.ledger import CallerGone, Ledger, Steps
from ecluse.passage.walk import reserve, say

TEXTS = 1_000
"""Most texts of one call."""


def looking(arrival: Arrival) -> Steps:
    """Answer what is recognised in `text`, or in each of `texts`."""
    ledger = Ledger(moment=arrival.moment, pinned=arrival.moment.snapshot, started=arrival.moment.now)
    try:
        try:
            yield from reserve(arrival, ledger)
            answer = yield from ledger.ask(Recognise(slots=asked(arrival.body)))
            if not isinstance(answer, Findings):
                raise GatewayError("classification_unavailable")
            yield from ledger.ask(Reply(status=200, headers=[("content-type", "application/json")]))
            body = msgspec.json.encode(told(answer.classification))
            yield from ledger.ask(Emit(data=body, last=True))
        except EcluseError as error:
            yield from say(arrival, ledger, error, [])
    except CallerGone:
        return


def asked(body: bytes) -> tuple[Slot, ...]:
    """Read the texts of a body: each by itself, none is joined with another. Raises CallerError."""
    stated = mapping(decode(body), "body")
    only(stated, frozenset({"text", "texts"}), "body")
    if ("text" in stated) is ("texts" in stated):
        raise wrong("body", "`text`, a string, or `texts`, an array of strings")
    if "text" in stated:
        return (Slot(path=SlotPath("text"), text=text(stated["text"], "text")),)
    texts = array(stated["texts"], "texts")
    if len(texts) > TEXTS:
        raise wrong("texts", f"at most {TEXTS} texts")
    return tuple(Slot(path=SlotPath(f"texts/{n}"), text=text(one, f"texts/{n}")) for n, one in enumerate(texts))


def told(found: Classification) -> dict[str, object]:
    """Write a classification; places are in characters (code points) of the text named by `part`."""
    return {
        "classes": sorted(found.classes),
        "findings": [
            {
                "part": f.slot,
                "start": f.start,
                "end": f.end,
                "kind": f.kind,
                "data_class": f.data_class,
                "confidence": round(f.confidence, 3),
                "recogniser": f.recogniser,
                "evidence": f.evidence,
            }
            for f in found.findings
        ],
        "unreadable": list(found.unreadable),
        "detector": found.detector,
    }
