"""A turn of a conversation object: its items go with the call as if the caller had sent every turn, and it grows.

Law: the whole conversation is searched, judged and masked anew at each turn; no provider is told of it. An answer is
searched before it is kept, and kept before the caller is told that it ended. Of two turns at once none is lost.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace

import msgspec

from ecluse.domain.dialect import Converser, Itemised, Writer
from ecluse.domain.effects import (
    AnyAnswer,
    Consult,
    Consulted,
    Done,
    Effect,
    Failed,
    Findings,
    Inscribe,
    Recognise,
    Refused,
)
from ecluse.domain.errors import CallerError, GatewayError, PolicyDenied, ProviderError, error_of
from ecluse.domain.finding import DataClass
from ecluse.domain.kept import Conversation
from ecluse.domain.request import Json, Request, Surface, slots
from ecluse.passage.arrival import Arrival
from ecluse.passage.contests import lift
from ecluse.passage.decide import brought, held, recipients_of
from ecluse.passage.ledger import Ledger, Steps
from ecluse.passage.question import question_of
from ecluse.passage.retained import SETTING, asked_for

ITEMS = 1_000
BYTES = 4 * 1024 * 1024
"""What a conversation may have, with the call that goes on from it."""
TRIES = 16
"""So many others may write between the reading and the writing of one."""

Read = Callable[[Surface, bytes], Request]


def admitted(arrival: Arrival, ledger: Ledger, read: Read | None = None) -> Generator[Effect, AnyAnswer, Request]:
    """Admit the request, with every turn of the conversation that it is of. Raises CallerError or GatewayError."""
    dialect, request, read = arrival.dialect, None, read or arrival.dialect.admit
    try:
        request = read(arrival.surface, arrival.body) if not arrival.kept else asked_for(arrival)
        name = request.conversation
    except CallerError:  # a turn may answer what only the conversation has
        name = dialect.conversation(arrival.body) if isinstance(dialect, Converser) and not arrival.kept else ""
        if not name:
            raise
    if not isinstance(dialect, Converser) or not name:
        if request is None:
            raise GatewayError("internal_error", "a call that was neither read nor refused")
        return request
    found, _ = yield from consulted(arrival, ledger, name)
    room(found, arrival.body)
    ledger.conversation = found
    return read(arrival.surface, dialect.joined(arrival.body, found.items))


def consulted(arrival: Arrival, ledger: Ledger, name: str) -> Generator[Effect, AnyAnswer, tuple[Conversation, bytes]]:
    """Open a conversation and the record that it stands in. One of another application is none."""
    if not arrival.keeps_for:
        raise CallerError("retention_refused", f"conversation: {SETTING}")
    answer = yield from ledger.ask(Consult(caller=arrival.caller, name=name))
    if isinstance(answer, Failed):
        raise error_of(answer.code)
    if not isinstance(answer, Consulted) or ledger.moment.now >= answer.conversation.ends:
        raise CallerError("conversation_not_found")
    return answer.conversation, answer.seal


def room(conversation: Conversation, more: bytes) -> None:
    """Raise CallerError when a conversation is as long as one may be."""
    size = len(msgspec.json.encode(conversation.items)) + len(more)
    if len(conversation.items) >= ITEMS or size > BYTES:
        raise CallerError("invalid_request", f"conversation: {ITEMS} items and {BYTES} bytes at most; begin another")


def changed(
    arrival: Arrival, ledger: Ledger, name: str, change: Callable[[Conversation], Conversation]
) -> Generator[Effect, AnyAnswer, Conversation]:
    """Change a conversation as it is now, whoever wrote to it meanwhile. Raises CallerError or GatewayError."""
    for _ in range(TRIES):
        found, seal = yield from consulted(arrival, ledger, name)
        new = change(found)
        answer = yield from ledger.ask(Inscribe(caller=arrival.caller, name=name, conversation=new, seal=seal))
        if isinstance(answer, Done):
            return new
        if not isinstance(answer, Refused):
            raise GatewayError("vault_unavailable")
    raise CallerError("conversation_changed")


def kept_turn(arrival: Arrival, ledger: Ledger, request: Request, writer: Writer) -> Steps:
    """Add a turn and its answer to the conversation that it is of, if it is of one."""
    if not request.conversation:
        return
    dialect = arrival.dialect
    if not isinstance(dialect, Converser) or not isinstance(writer, Itemised):
        raise GatewayError("internal_error", "a turn of a conversation in a format that has none")
    said, stated = writer.output(), arrival.asked.raised | _brought(ledger)
    yield from _searched(arrival, ledger, request, dialect, said)
    new = (*dialect.added(arrival.body, arrival.passage), *said)
    yield from changed(
        arrival,
        ledger,
        request.conversation,
        lambda found: replace(found, items=(*found.items, *new), stated=found.stated | stated),
    )


def _brought(ledger: Ledger) -> frozenset[DataClass]:
    """Return the classes that the tools of the call may have put into the answer."""
    if ledger.question is None or ledger.destination is None:
        return frozenset()
    return brought(recipients_of(ledger.pinned, ledger.destination, ledger.question.tools) or ())


def _searched(
    arrival: Arrival, ledger: Ledger, request: Request, dialect: Converser, said: Sequence[Mapping[str, Json]]
) -> Steps:
    """Search an answer, and ask whether it may be kept with all that was said. Raises PolicyDenied when it may not."""
    try:
        turns = dialect.turns(said, request.hosted)
    except CallerError:
        raise ProviderError("upstream_malformed", "an answer that could not be gone on from") from None
    asks, texts = ledger.question, slots(Request(surface=request.surface, model="", messages=turns))
    answer = yield from ledger.ask(Recognise(slots=texts, application=arrival.caller.application.id))
    if not isinstance(answer, Findings) or asks is None:
        raise GatewayError("classification_unavailable")
    found = answer.classification
    if contests := arrival.caller.application.contests:
        found, _ = lift(found, texts, contests, arrival.masking_key, ledger.moment.now)
    new = question_of(arrival.caller.application, arrival.asked, arrival.surface, found)
    current = ledger.moment.snapshot
    record = current.applications.get(asks.application.id, asks.application)
    asks = replace(asks, application=record, classes=asks.classes | new.classes | _brought(ledger))
    if (no := held(current, asks, now=ledger.moment.now)) is not None:
        ledger.classification = found
        raise PolicyDenied(no)
