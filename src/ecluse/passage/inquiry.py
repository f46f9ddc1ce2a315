"""`explain` for a caller: the same admission, classification and rules as the walk, and nothing sent.

Law: one answer (INVARIANT 7): the verdict shown is the one that `decide` gives the walk. Nothing is kept or sent.
"""

import msgspec

from ecluse.domain.effects import Emit, Reply
from ecluse.domain.errors import EcluseError
from ecluse.domain.verdict import Permit
from ecluse.passage.arrival import Arrival
from ecluse.passage.decide import decide, explain
from ecluse.passage.ledger import CallerGone, Ledger, Steps
from ecluse.passage.telling import told, told_plan
from ecluse.passage.walk import inquire, planned, reserve, say


def inquiry(arrival: Arrival) -> Steps:
    """Answer what the rules would say of every candidate, as is and masked."""
    moment = arrival.moment
    ledger = Ledger(moment=moment, pinned=moment.snapshot, started=moment.now)
    try:
        yield from reserve(arrival, ledger)
        asked = yield from inquire(arrival, ledger)
        verdict = decide(ledger.pinned, asked.question, asked.candidates, now=ledger.moment.now)
        rulings = explain(ledger.pinned, asked.question, asked.candidates, now=ledger.moment.now)
        language = arrival.asked.language
        document = told(
            ledger.pinned, asked.question, asked.classification, verdict, rulings, language, ledger.contested
        )
        if isinstance(verdict, Permit):
            document["plan"] = told_plan(planned(arrival, ledger, asked.request, verdict))
        yield from ledger.ask(Reply(status=200, headers=[("content-type", "application/json")]))
        yield from ledger.ask(Emit(data=msgspec.json.encode(document), last=True))
    except CallerGone:
        return
    except EcluseError as error:
        yield from _say(arrival, ledger, error)


def _say(arrival: Arrival, ledger: Ledger, error: EcluseError) -> Steps:
    try:
        yield from say(arrival, ledger, error, [])
    except CallerGone:
        return
