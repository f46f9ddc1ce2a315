"""A kept answer deleted: at its provider, and what was sealed of it here.

Law: the trail says so first. Nothing of a caller leaves but the provider's own name for what it keeps, and only to
where that lies: so it may be deleted where nothing more may be sent. What could not be deleted stays, and is told.
"""

from ecluse.domain.dialect import Keeper, KeptPaths
from ecluse.domain.effects import Emit, Failed, Head, Reply, Withdraw
from ecluse.domain.errors import CallerError, EcluseError, GatewayError, error_of
from ecluse.passage.arrival import Arrival
from ecluse.passage.ledger import CallerGone, Ledger, Steps
from ecluse.passage.record import admin, entry_id
from ecluse.passage.retained import SETTING, opened, where_kept
from ecluse.passage.walk import reserve, say

GONE = 404
"""What a provider answers of an answer that it no longer has."""
GOOD = range(200, 300)


def withdrawing(arrival: Arrival) -> Steps:
    """Delete the answer that the arrival names."""
    ledger = Ledger(moment=arrival.moment, pinned=arrival.moment.snapshot, started=arrival.moment.now)
    try:
        try:
            yield from _withdraw(arrival, ledger)
        except EcluseError as error:
            yield from say(arrival, ledger, error, [])
    except CallerGone:
        return


def _withdraw(arrival: Arrival, ledger: Ledger) -> Steps:
    yield from reserve(arrival, ledger)
    if not arrival.keeps_for:
        raise CallerError("retention_refused", SETTING)
    kept = yield from opened(arrival, ledger, arrival.kept)
    (where,) = where_kept(ledger.moment.snapshot, kept)
    destination = ledger.moment.snapshot.destinations[where]
    outbound, dialect = arrival.outbound[destination.dialect], arrival.dialect
    if not isinstance(outbound, Keeper) or not isinstance(dialect, KeptPaths):
        raise GatewayError("internal_error", "a kept answer of a format that keeps none")
    entry = admin(
        id=entry_id(arrival.seed, "withdrawn"),
        now=ledger.moment.now,
        action="response_withdrawn",
        actor=f"key:{arrival.caller.key}",
        subject=arrival.kept,
        facts={"application": arrival.caller.application.id, "destination": where},
    )
    call = outbound.forget(kept.upstream, destination, entry.id)
    answer = yield from ledger.ask(Withdraw(caller=arrival.caller, name=arrival.kept, entry=entry, call=call))
    if isinstance(answer, Failed):
        raise error_of(answer.code)
    if not isinstance(answer, Head):
        raise GatewayError("internal_error", "the runner answered a withdrawal with something else")
    if answer.status not in GOOD and answer.status != GONE:
        raise arrival.outbound[destination.dialect].error(answer.status, answer.headers, b"")
    headers = [("content-type", "application/json"), ("x-ecluse-destination", where), ("x-ecluse-entry", entry.id)]
    yield from ledger.ask(Reply(status=200, headers=headers))
    yield from ledger.ask(Emit(data=dialect.deleted(arrival.kept), last=True))
