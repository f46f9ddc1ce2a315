"""Before a file of calls is kept: each line is admitted and searched, and the gateway's own places are asked.

Law: nothing is kept that was not searched, nor where the rules let no place of the gateway hold it. A line that cannot
be read refuses the whole file. Whether a line may be sent is asked later, by the walk of that line.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ecluse.domain.dialect import InboundDialect
from ecluse.domain.effects import Emit, Findings, Recognise, Reply
from ecluse.domain.errors import CallerError, EcluseError, GatewayError, PolicyDenied
from ecluse.domain.request import Json, Request, Slot, SlotPath, Surface, slots
from ecluse.passage.admit.strict_json import decode
from ecluse.passage.arrival import Arrival
from ecluse.passage.attached import attachments, carriers
from ecluse.passage.decide import held
from ecluse.passage.ledger import CallerGone, Ledger, Steps
from ecluse.passage.question import question_of
from ecluse.passage.retained import asked_for
from ecluse.passage.walk import refuse, reserve, say, searched


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A call of a file."""

    dialect: InboundDialect
    surface: Surface
    body: bytes = field(repr=False)


def keeping(arrival: Arrival, items: Sequence[Item], texts: Sequence[str]) -> Steps:
    """Answer 200 with an empty body when all of it may be kept; `texts` are words beside the calls."""
    ledger = Ledger(moment=arrival.moment, pinned=arrival.moment.snapshot, started=arrival.moment.now)
    try:
        yield from _all(arrival, ledger, items, texts)
    except CallerGone:
        return
    except PolicyDenied as denied:
        yield from refuse(arrival, ledger, denied)
    except EcluseError as error:
        yield from _say(arrival, ledger, error)


def _all(arrival: Arrival, ledger: Ledger, items: Sequence[Item], texts: Sequence[str]) -> Steps:
    yield from reserve(arrival, ledger)
    beside = set(texts)
    for number, item in enumerate(items, 1):
        line = replace(arrival, dialect=item.dialect, surface=item.surface, body=item.body)
        try:
            admitted = _alone(asked_for(line))
            request, _, question = yield from searched(line, ledger, admitted)
            beside |= set(strings(decode(item.body))) - {slot.text for slot in slots(request)} - _files(admitted)
            if (no := held(ledger.pinned, question, now=ledger.moment.now)) is not None:
                raise PolicyDenied(no)
        except EcluseError as error:
            error.detail = f"line {number}: {error.detail}" if error.detail else f"line {number}"
            if not isinstance(error, PolicyDenied):
                raise
            yield from refuse(line, ledger, error)  # the trail says which kind of call it was
            return
    yield from _beside(arrival, ledger, sorted(beside))
    yield from ledger.ask(Reply(status=200, headers=[]))
    yield from ledger.ask(Emit(data=b"", last=True))


def _alone(request: Request) -> Request:
    """Return a line that is answered whole and rests on nothing. Raises CallerError that says what to do instead."""
    if request.stream:
        raise CallerError("invalid_request", "`stream`: a line of a batch is answered whole; leave it out")
    if request.conversation:
        raise CallerError(
            "retention_refused", "`conversation`: a line of a batch is of none; send every turn in `input`"
        )
    if request.retention is not None:
        named = "store" if request.retention.store else "previous_response_id"
        instead = "leave it out" if request.retention.store else "send every turn in `input`"
        raise CallerError("retention_refused", f"`{named}`: a provider keeps no line of a batch; {instead}")
    return request


def _files(request: Request) -> set[str]:
    """Return the texts that are a file's bytes: they were read as a file, whether it leaves as one or as its text."""
    held = slots(request)
    carried = carriers(held, attachments(request))
    return {slot.text for slot in held if slot.path in carried}


def _beside(arrival: Arrival, ledger: Ledger, texts: Sequence[str]) -> Steps:
    """Search the words that are kept and would not leave: names of files and lines, metadata, fields left out."""
    words = tuple(Slot(path=SlotPath(f"beside/{n}"), text=text) for n, text in enumerate(texts))
    answer = yield from ledger.ask(
        Recognise(slots=words, unreadable=(), application=arrival.caller.application.id),
    )
    if not isinstance(answer, Findings):
        raise GatewayError("classification_unavailable")
    ledger.classification = answer.classification
    question = question_of(arrival.caller.application, arrival.asked, arrival.surface, answer.classification)
    ledger.question = question
    if (no := held(ledger.pinned, question, now=ledger.moment.now)) is not None:
        raise PolicyDenied(no)


def strings(value: Json) -> Iterator[str]:
    """Iterate over every string of a JSON value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, member in value.items():
            yield key
            yield from strings(member)
    elif isinstance(value, Sequence):
        for member in value:
            yield from strings(member)


def _say(arrival: Arrival, ledger: Ledger, error: EcluseError) -> Steps:
    try:
        yield from say(arrival, ledger, error, [])
    except CallerGone:
        return
