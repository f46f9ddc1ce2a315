"""A conversation that its provider keeps: taken up again, judged with all that lies there, sealed for the next turn.

Law: it is gone on from only where it lies, by the application that began it. The data classes of what lies there count
for every turn; a class that went there as it is, once, is never taken for masked. What cannot be sealed is not sent.
"""

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace

from ecluse.domain.destination import DestinationId
from ecluse.domain.dialect import Keeper, OutboundDialect
from ecluse.domain.effects import AnyAnswer, Done, Effect, Failed, Revive, Revived, Shelve
from ecluse.domain.errors import CallerError, EcluseError, GatewayError, ProviderError, error_of
from ecluse.domain.finding import Classification
from ecluse.domain.kept import Kept
from ecluse.domain.request import Request, Retention, Role, Slot, SlotPath, slots
from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.domain.vault import Vault
from ecluse.domain.verdict import Choice, Question
from ecluse.passage.arrival import Arrival
from ecluse.passage.attached import attachments
from ecluse.passage.decide import brought, recipients_of
from ecluse.passage.ledger import Ledger, Steps

NAME = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)
"""A provider's name for an answer, as it may stand in a path: by another it could be neither fetched nor deleted."""
NOT_FOUND = 404
GONE_AT_PROVIDER = "previous_response_not_found"
"""What OpenAI says, under status 400, of an answer that it no longer has."""
BEFORE = "kept/"
REACH = 64
"""Characters of a text that a value cut in two is looked for in, as in the texts of one request."""
TEXTS = 16
"""So many texts back."""
DAY = 24 * 3600 * 1000
SETTING = "the setting vault.url opens it (docs/how-to/keep-conversations.md)"


def asked_for(arrival: Arrival) -> Request:
    """Admit the request; one that fetches a kept answer has nothing else in it."""
    if not arrival.kept:
        return arrival.dialect.admit(arrival.surface, arrival.body)
    return Request(
        surface=arrival.surface,
        model="",
        retention=Retention(store=False, previous=arrival.kept, fetch=True),
        include_usage=True,
    )


def taken_up(arrival: Arrival, ledger: Ledger, request: Request) -> Generator[Effect, AnyAnswer, Request]:
    """Open what the request goes on from, into the ledger. Raises CallerError or GatewayError."""
    retention, ledger.kept = request.retention, None
    if retention is None:
        return request
    if not arrival.keeps_for:
        raise CallerError("retention_refused", f"{'store' if retention.store else 'previous_response_id'}: {SETTING}")
    if not retention.previous:
        return request
    kept = yield from opened(arrival, ledger, retention.previous)
    ledger.kept = kept
    return replace(request, model=kept.model) if retention.fetch else request


def opened(arrival: Arrival, ledger: Ledger, name: str) -> Generator[Effect, AnyAnswer, Kept]:
    """Open what was sealed of an answer. One of another application, or conversation, is none."""
    answer = yield from ledger.ask(Revive(caller=arrival.caller, name=name))
    if isinstance(answer, Failed):
        raise error_of(answer.code)
    if not isinstance(answer, Revived) or not answer.kept.upstream or ledger.moment.now >= answer.kept.ends:
        raise CallerError("response_not_found")
    if arrival.asked.conversation not in (None, answer.kept.conversation):
        raise CallerError("response_not_found")
    return answer.kept


def said_before(request: Request, kept: Kept | None) -> tuple[Slot, ...]:
    """Return the ends of what earlier turns said, to be searched with the new turn: a turn may cut a value in two."""
    if kept is None or request.retention is None or request.retention.fetch:
        return ()
    said = enumerate(kept.said)
    return tuple(Slot(path=SlotPath(f"{BEFORE}{n}/parts/0"), text=text, role=role) for n, (role, text) in said)


def of_this_turn(found: Classification) -> Classification:
    """Leave out what was found in earlier turns: it lies there already, and counts as it did when it was sent."""
    return replace(found, findings=tuple(one for one in found.findings if not one.slot.startswith(BEFORE)))


def _said(request: Request, before: Kept | None) -> tuple[tuple[Role, str], ...]:
    """Return the ends of the last texts of the conversation."""
    texts = [one for one in slots(request) if "/parts/" in one.path and one.maskable and one.text]
    new = tuple((one.role, one.text[-REACH:]) for one in texts if one.role is not None)
    return ((before.said if before else ()) + new)[-TEXTS:]


def with_kept(question: Question, request: Request, kept: Kept | None) -> Question:
    """Ask about the request and all that lies at the provider together."""
    if request.retention is None:
        return question
    covered = question.covered
    if kept is not None:
        stuck = question.classes - question.covered
        covered = (question.covered | kept.covered) - stuck - kept.clear
        if attachments(request):
            covered -= kept.covered  # a file may repeat what earlier turns hid, and nothing in it can be masked
        question = replace(question, classes=question.classes | kept.classes)
    return replace(question, covered=covered, keeps=request.retention.store)


def keepers(
    outbound: Mapping[str, OutboundDialect],
    snapshot: Snapshot,
    capable: Sequence[DestinationId],
    kept: Kept | None,
) -> tuple[DestinationId, ...]:
    """Keep the destinations that can be asked to keep a conversation; of one that is gone on from, where it lies.

    Raises CallerError that says what to do instead.
    """
    if kept is None:
        able = tuple(id_ for id_ in capable if isinstance(outbound[snapshot.destinations[id_].dialect], Keeper))
        if not able:
            raise CallerError("retention_refused", "store: no destination of this model can be asked to keep it")
        return able
    if kept.destination not in snapshot.destinations:
        raise CallerError("retention_refused", f"previous_response_id: {kept.destination} keeps it, and is out of use")
    if kept.destination not in capable:
        raise CallerError("retention_refused", f"model: the conversation lies at {kept.destination}; ask for its model")
    return (kept.destination,)


def where_kept(snapshot: Snapshot, kept: Kept) -> tuple[DestinationId, ...]:
    """Return where an answer lies, to be fetched. Raises CallerError when that is out of use."""
    if kept.destination not in snapshot.destinations:
        raise CallerError("retention_refused", f"{kept.destination} keeps it, and is out of use here")
    return (kept.destination,)


def sent_on(request: Request, kept: Kept | None, *, opening: bool) -> Request:
    """Return the request as its provider knows it; `opening` is whether we added a message at its beginning."""
    retention = request.retention
    if retention is None:
        return request
    previous = kept.upstream if kept is not None else ""
    return replace(request, retention=replace(retention, previous=previous, instructed=retention.instructed or opening))


def to_keep(
    arrival: Arrival, ledger: Ledger, request: Request, choice: Choice, vault: Vault, key: bytes
) -> Kept | None:
    """Say what is to be sealed of the answer to come, the provider's name for it apart; None when none is kept."""
    question, destination = ledger.question, ledger.pinned.destinations[choice.destination]
    if request.retention is None or not request.retention.store or question is None:
        return None
    before, ends = ledger.kept, ledger.moment.now + arrival.keeps_for
    if destination.keeps is not None and destination.keeps.days is not None:
        ends = min(ends, ledger.moment.now + destination.keeps.days * DAY)
    covered = question.covered if choice.masked else (before.covered if before else frozenset())
    clear = question.classes - covered if choice.masked else ledger.fresh | (before.clear if before else frozenset())
    clear |= brought(recipients_of(ledger.pinned, choice.destination, question.tools) or ())
    return Kept(
        destination=choice.destination,
        upstream="",
        model=request.model,
        created=ledger.started // 1000,
        clear=clear,
        covered=covered & question.classes - clear,
        key=key,
        conversation=before.conversation if before else arrival.asked.conversation,
        vault=vault,
        said=_said(request, before),
        ends=Instant(ends),
    )


def unnamed(kept: Kept) -> Kept:
    """Return what is sealed before a call, to see that it can be: nothing of what was said, nor of its key."""
    return replace(kept, upstream="", key=b"", vault=Vault.empty(), said=())


def named(kept: Kept, upstream: str) -> Kept:
    """Return it with the provider's name for the answer. Raises ProviderError for one that is none."""
    if not NAME.fullmatch(upstream):
        raise ProviderError("upstream_malformed", "a kept answer without a name")
    return replace(kept, upstream=upstream)


def lost(ledger: Ledger, status: int, error: EcluseError) -> EcluseError:
    """Say that the answer is not found, where its provider no longer has what the call rests on."""
    retention = ledger.request.retention if ledger.request is not None else None
    if ledger.kept is None or retention is None:
        return error
    gone = status == NOT_FOUND if retention.fetch else GONE_AT_PROVIDER in (error.detail or "").split()
    return CallerError("response_not_found") if gone else error


def shelve(arrival: Arrival, ledger: Ledger, kept: Kept) -> Steps:
    """Seal it under the answer's name. Raises GatewayError when it is not sealed: then it may not be told either."""
    answer = yield from ledger.ask(Shelve(caller=arrival.caller, name=arrival.passage, kept=kept))
    if not isinstance(answer, Done):
        raise GatewayError("vault_unavailable")
