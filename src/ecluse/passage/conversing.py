"""Calls about conversation objects: begun, shown, changed, listed, deleted, whole or item by item. Nothing is sent.

Law: what is put into one is searched with all that lies there, and the rules are asked whether the gateway's places may
hold it and its vault may keep it; the trail says so before it is kept, and before it is deleted. One of another
application, or that has ended, is not there.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace

from ecluse.domain.dialect import Converser
from ecluse.domain.effects import AnyAnswer, Done, Efface, Effect, Emit, Inscribe, Record, Reply
from ecluse.domain.errors import CallerError, EcluseError, GatewayError, PolicyDenied
from ecluse.domain.kept import Conversation
from ecluse.domain.request import Json, Request
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import EntryId
from ecluse.passage.admit import conversations as form
from ecluse.passage.arrival import Arrival
from ecluse.passage.conversation import changed, consulted, room
from ecluse.passage.decide import held
from ecluse.passage.keeping import strings
from ecluse.passage.ledger import CallerGone, Ledger, Steps
from ecluse.passage.record import admin, entry_id, timestamp
from ecluse.passage.retained import SETTING
from ecluse.passage.walk import refuse, reserve, say, searched

Query = Mapping[str, Sequence[str]]
Does = Callable[[Arrival, Ledger], Steps]
MOST, USUAL = 100, 20
"""Items on a page, as at OpenAI."""
_SHOWN = frozenset({"message.input_image.image_url", "reasoning.encrypted_content"})
"""Of `include`: what is shown anyway, and what nobody has here."""


def conversing(does: Does) -> Callable[[Arrival], Steps]:
    """Return what performs one call."""

    def steps(arrival: Arrival) -> Steps:
        ledger = Ledger(moment=arrival.moment, pinned=arrival.moment.snapshot, started=arrival.moment.now)
        try:
            try:
                yield from reserve(arrival, ledger)
                yield from does(arrival, ledger)
            except PolicyDenied as denied:
                yield from refuse(arrival, ledger, denied)
            except EcluseError as error:
                yield from say(arrival, ledger, error, [])
        except CallerGone:
            return

    return steps


# ------------------------------------------------------------------ the object
def begun(arrival: Arrival, ledger: Ledger) -> Steps:
    """Begin a conversation, with the items that it shall have. It ends as the settings of the vault say."""
    if not arrival.keeps_for:
        raise CallerError("retention_refused", SETTING)
    fields = form.body_of(arrival.body, "items", "metadata")
    name = str(arrival.passage)
    made = Conversation(
        created=ledger.moment.now // 1000,
        ends=Instant(ledger.moment.now + arrival.keeps_for),
        items=form.items_of(fields, arrival.passage),
        metadata=form.metadata_of(fields),
        stated=arrival.asked.raised,
    )
    room(made, b"")
    yield from _judged(arrival, ledger, name, made)
    entry = yield from _recorded(arrival, ledger, "conversation_begun", name, items=len(made.items))
    answer = yield from ledger.ask(Inscribe(caller=arrival.caller, name=name, conversation=made))
    if not isinstance(answer, Done):
        raise GatewayError("vault_unavailable")
    yield from _told(ledger, form.told(name, made), made, entry)


def shown(name: str) -> Does:
    """Show a conversation."""

    def does(arrival: Arrival, ledger: Ledger) -> Steps:
        found, _ = yield from consulted(arrival, ledger, name)
        yield from _told(ledger, form.told(name, found), found)

    return does


def relabelled(name: str) -> Does:
    """Put other metadata in the place of what a conversation has."""

    def does(arrival: Arrival, ledger: Ledger) -> Steps:
        raised = arrival.asked.raised
        metadata = form.metadata_of(form.body_of(arrival.body, "metadata"))
        found, _ = yield from consulted(arrival, ledger, name)
        yield from _judged(arrival, ledger, name, replace(found, metadata=metadata))
        entry = yield from _recorded(arrival, ledger, "conversation_changed", name)
        new = yield from changed(
            arrival, ledger, name, lambda now: replace(now, metadata=metadata, stated=now.stated | raised)
        )
        yield from _told(ledger, form.told(name, new), new, entry)

    return does


def forgotten(name: str) -> Does:
    """Delete a conversation with all its items."""

    def does(arrival: Arrival, ledger: Ledger) -> Steps:
        yield from consulted(arrival, ledger, name)
        entry = yield from _recorded(arrival, ledger, "conversation_forgotten", name)
        answer = yield from ledger.ask(Efface(caller=arrival.caller, name=name))
        if not isinstance(answer, Done):
            raise GatewayError("vault_unavailable")
        yield from _told(ledger, form.deleted(name), None, entry)

    return does


# ------------------------------------------------------------------ its items
def listed(name: str, query: Query) -> Does:
    """Show a page of its items, the newest first unless asked otherwise."""

    def does(arrival: Arrival, ledger: Ledger) -> Steps:
        page = _Page(query)
        found, _ = yield from consulted(arrival, ledger, name)
        items, more = page.of(found.items)
        yield from _told(ledger, form.listed(items, more=more), found)

    return does


def grown(name: str, query: Query) -> Does:
    """Add items to a conversation."""

    def does(arrival: Arrival, ledger: Ledger) -> Steps:
        _Page(query, only_include=True)
        raised = arrival.asked.raised
        fields = form.body_of(arrival.body, "items")
        new = form.items_of(fields, arrival.passage)
        if not new:
            raise CallerError("invalid_request", "items: non-empty array")
        found, _ = yield from consulted(arrival, ledger, name)
        room(found, arrival.body)
        yield from _judged(arrival, ledger, name, replace(found, items=(*found.items, *new)))
        entry = yield from _recorded(arrival, ledger, "conversation_grown", name, items=len(new))
        made = yield from changed(
            arrival, ledger, name, lambda now: replace(now, items=(*now.items, *new), stated=now.stated | raised)
        )
        yield from _told(ledger, form.listed(new, more=False), made, entry)

    return does


def item_shown(name: str, item: str, query: Query) -> Does:
    """Show one item."""

    def does(arrival: Arrival, ledger: Ledger) -> Steps:
        _Page(query, only_include=True)
        found, _ = yield from consulted(arrival, ledger, name)
        yield from _told(ledger, form.alone(_one(found, item)), found)

    return does


def item_forgotten(name: str, item: str) -> Does:
    """Delete one item."""

    def does(arrival: Arrival, ledger: Ledger) -> Steps:
        found, _ = yield from consulted(arrival, ledger, name)
        _one(found, item)
        entry = yield from _recorded(arrival, ledger, "conversation_item_forgotten", name)
        new = yield from changed(
            arrival, ledger, name, lambda now: replace(now, items=tuple(one for one in now.items if one["id"] != item))
        )
        yield from _told(ledger, form.told(name, new), new, entry)

    return does


def _one(conversation: Conversation, item: str) -> Mapping[str, Json]:
    found = next((one for one in conversation.items if one["id"] == item), None)
    if found is None:
        raise CallerError("conversation_not_found")
    return found


class _Page:
    """What the query of a list asks for. Raises CallerError for a word that is none."""

    def __init__(self, query: Query, *, only_include: bool = False) -> None:
        known = {"include", "include[]"} | (set() if only_include else {"after", "limit", "order"})
        if unknown := query.keys() - known:
            plain = min(unknown)
            raise CallerError("unsupported_field", plain if plain.isascii() and plain.isalpha() else "a query")
        for wish in (*query.get("include", ()), *query.get("include[]", ())):
            if wish not in _SHOWN:
                raise CallerError("unsupported_field", "include")
        limit, order = _last(query, "limit", str(USUAL)), _last(query, "order", "desc")
        if not (limit.isascii() and limit.isdigit() and len(limit) <= len(str(MOST)) and 1 <= int(limit) <= MOST):
            raise CallerError("invalid_request", f"limit: 1 to {MOST}")
        if order not in ("asc", "desc"):
            raise CallerError("invalid_request", "order: asc | desc")
        self._limit, self._ascending = int(limit), order == "asc"
        self._after = _last(query, "after", "")

    def of(self, items: Sequence[Mapping[str, Json]]) -> tuple[Sequence[Mapping[str, Json]], bool]:
        """Return the items of the page, and whether there are more after them."""
        turned = list(items) if self._ascending else list(reversed(items))
        if self._after:
            place = next((n for n, one in enumerate(turned) if one["id"] == self._after), None)
            if place is None:
                raise CallerError("invalid_request", "after: an item of this conversation")
            turned = turned[place + 1 :]
        return turned[: self._limit], len(turned) > self._limit


def _last(query: Query, name: str, otherwise: str) -> str:
    return query[name][-1] if query.get(name) else otherwise


# ------------------------------------------------------------------ what each has in common
def _judged(arrival: Arrival, ledger: Ledger, name: str, conversation: Conversation) -> Steps:
    """Search a conversation as it would be, and ask whether it may be kept. Raises PolicyDenied when it may not."""
    dialect = arrival.dialect
    if not isinstance(dialect, Converser):
        raise GatewayError("internal_error", "a conversation in a format that has none")
    ledger.conversation = conversation
    plain = [one for one in conversation.items if one["type"] in form.PLAIN]
    request = Request(
        surface=arrival.surface,
        model="",
        messages=dialect.turns(plain),
        inputs=tuple(text for one in conversation.items if one["type"] not in form.PLAIN for text in strings(one)),
        options={"metadata": conversation.metadata},
        conversation=name,
    )
    _, _, question = yield from searched(arrival, ledger, request)
    if (no := held(ledger.pinned, question, now=ledger.moment.now)) is not None:
        raise PolicyDenied(no)


def _recorded(
    arrival: Arrival, ledger: Ledger, action: str, name: str, items: int | None = None
) -> Generator[Effect, AnyAnswer, EntryId]:
    """Make durable what is about to be done. Raises GatewayError, and it is not done."""
    entry = admin(
        id=entry_id(arrival.seed, action),
        now=ledger.moment.now,
        action=action,
        actor=f"key:{arrival.caller.key}",
        subject=name,
        facts={"application": arrival.caller.application.id} | ({} if items is None else {"items": items}),
    )
    answer = yield from ledger.ask(Record(entry=entry))
    if not isinstance(answer, Done):
        raise GatewayError("trail_unavailable")
    return entry.id


def _told(ledger: Ledger, body: bytes, conversation: Conversation | None, entry: EntryId | None = None) -> Steps:
    headers = [("content-type", "application/json")]
    if conversation is not None:
        headers.append(("x-ecluse-kept-until", timestamp(conversation.ends)))
    if entry is not None:
        headers.append(("x-ecluse-entry", entry))
    yield from ledger.ask(Reply(status=200, headers=headers))
    yield from ledger.ask(Emit(data=body, last=True))
