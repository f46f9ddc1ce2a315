"""Contest a refusal: the caller sends the same request again with a reason, and another person decides.

Law: nothing of the request is kept but keyed hashes of what may be contested; nothing is lowered here. What is
contested is searched as it was, so the hashes are of what was found and not of what a caller says.
"""

import msgspec

from ecluse.domain.contest import Objection
from ecluse.domain.effects import Emit, Failed, Lodge, Lodged, Refused, Reply
from ecluse.domain.errors import CallerError, EcluseError, GatewayError, error_of
from ecluse.domain.request import slots
from ecluse.passage.arrival import Arrival
from ecluse.passage.contests import marks
from ecluse.passage.ledger import CallerGone, Ledger, Steps
from ecluse.passage.walk import inquire, reserve, say

REASON = 2_000
"""Characters of a reason, at most."""


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    entry: str
    reason: str
    request: msgspec.Raw


def lodging(arrival: Arrival) -> Steps:
    """Answer with the id under which it waits for a decision."""
    moment = arrival.moment
    ledger = Ledger(moment=moment, pinned=moment.snapshot, started=moment.now)
    try:
        yield from reserve(arrival, ledger)
        yield from _lodge(arrival, ledger)
    except CallerGone:
        return
    except EcluseError as error:
        yield from _say(arrival, ledger, error)


def _lodge(arrival: Arrival, ledger: Ledger) -> Steps:
    envelope = _read(arrival.body)
    again = arrival.again(bytes(envelope.request))
    asked = yield from inquire(again, ledger)
    found = asked.classification
    marked = marks(found, slots(asked.request), arrival.masking_key)
    if not marked:
        raise CallerError("not_contestable", "nothing that was found in it may be contested")
    objection = Objection(
        entry=envelope.entry,
        reason=envelope.reason.strip(),
        counts=tuple(sorted(found.counts.items())),
        found=found.classes,
        marks=marked,
    )
    answer = yield from ledger.ask(Lodge(caller=arrival.caller, objection=objection))
    if isinstance(answer, Refused):
        raise error_of(answer.code, answer.detail)
    if not isinstance(answer, Lodged):
        raise GatewayError(answer.code if isinstance(answer, Failed) else "internal_error")
    told = {"contest": answer.matter, "state": "open", "findings": dict(objection.counts)}
    yield from ledger.ask(Reply(status=202, headers=[("content-type", "application/json")]))
    yield from ledger.ask(Emit(data=msgspec.json.encode(told), last=True))


def _read(body: bytes) -> _Envelope:
    """Read what stands around the request. Raises CallerError; says no word of it."""
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise CallerError("invalid_request", "send `entry`, `reason` and the same `request` again") from None
    if not 0 < len(envelope.reason.strip()) <= REASON:
        raise CallerError("invalid_request", f"`reason` has 1 to {REASON} characters")
    return envelope


def _say(arrival: Arrival, ledger: Ledger, error: EcluseError) -> Steps:
    try:
        yield from say(arrival, ledger, error, [])
    except CallerGone:
        return
