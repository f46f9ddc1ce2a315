"""Under which name the answer to a call is kept, and whether it may be kept at all.

Law: the name holds the organisation, the snapshots that were asked, the destination and every byte that leaves but the
attempt's own id: two calls share an answer only if a provider could not tell them apart. It is keyed and says nothing.
"""

import hmac
from collections.abc import Iterator

from ecluse.domain.effects import Call
from ecluse.domain.finding import classes_after_masking
from ecluse.domain.verdict import Choice
from ecluse.passage.arrival import Arrival
from ecluse.passage.ledger import Ledger

OWN = "x-request-id"
"""The header that has the attempt's id: no two calls have the same."""


def cache_name(arrival: Arrival, ledger: Ledger, choice: Choice, call: Call) -> str | None:
    """Name the answer to `call`; None when it is neither kept nor looked for.

    A tool's answer is of its moment, and one that its provider keeps has a name of its own there.
    """
    question, request = ledger.question, ledger.request
    if question is None or request is None or arrival.asked.fresh or question.tools or request.retention:
        return None
    covered = question.covered if choice.masked else frozenset()
    classes = classes_after_masking(question.classes, covered)
    if not (ledger.pinned.caching.takes(classes) and ledger.moment.snapshot.caching.takes(classes)):
        return None
    digest = hmac.new(arrival.masking_key, b"ecluse answer", "sha256")
    for piece in _pieces(arrival, ledger, choice, call):
        digest.update(len(piece).to_bytes(8, "big"))
        digest.update(piece)
    return digest.hexdigest()


def _pieces(arrival: Arrival, ledger: Ledger, choice: Choice, call: Call) -> Iterator[bytes]:
    stated = (
        arrival.caller.application.organisation.id,
        ledger.pinned.id,
        ledger.moment.snapshot.id,
        arrival.surface.value,
        choice.destination,
        "masked" if choice.masked else "as_is",
        "stream" if call.stream else "whole",
        call.path,
    )
    yield from (word.encode() for word in stated)
    for name, value in call.headers:
        if name.lower() != OWN:
            yield f"{name.lower()}: {value}".encode()
    yield call.body
