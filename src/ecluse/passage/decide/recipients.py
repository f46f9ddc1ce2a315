"""The hosted tools of a request: who receives what each is sent, and the verdict over all of them.

Law: a choice is permitted only if the rules permit its destination and every recipient, each in the same form and for
everything that the request has or a tool may bring (INVARIANT 1), and keeping it there too if that is asked. A
recipient that is unknown or unverified is none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ecluse.domain.destination import DestinationId
from ecluse.domain.errors import CallerError, GatewayError
from ecluse.domain.finding import DataClass
from ecluse.domain.hosted import HostedRef
from ecluse.domain.recipient import Recipient
from ecluse.domain.request import HostedTool
from ecluse.domain.snapshot import Snapshot
from ecluse.domain.verdict import Action, Choice, Question, Reason, Ruling


def recipients_of(snapshot: Snapshot, id_: DestinationId, tools: Iterable[HostedRef]) -> tuple[Recipient, ...] | None:
    """Return who receives what tools are sent when a destination calls them; None when one is not known for sure."""
    destination = snapshot.destinations[id_]
    found: dict[DestinationId, Recipient] = {}
    for ref in sorted(tools, key=lambda one: (one.kind, one.address, one.dialect)):
        known = _known(snapshot, id_, ref)
        if known is None or not known.verified or ref.dialect != destination.dialect:
            return None
        found[known.id] = known
    return tuple(found.values())


def brought(recipients: Iterable[Recipient]) -> frozenset[DataClass]:
    """Return the data classes that tools may hand to the model."""
    return frozenset(data_class for one in recipients for data_class in one.brings)


def judged(snapshot: Snapshot, question: Question, choices: Sequence[Choice]) -> tuple[Ruling, ...]:
    """Rule on each choice and on the recipients that go with it. Raises GatewayError when one is not known."""
    if question.tools:
        rulings = tuple(_judged(snapshot, question, choice) for choice in choices)
    else:
        rulings = snapshot.rulebook.rule(question, choices)
    if not question.keeps:
        return rulings
    kept = snapshot.rulebook.rule(replace(question, action=Action.STORE), choices)
    return tuple(_both(sent, stored) for sent, stored in zip(rulings, kept, strict=True))


def _both(sent: Ruling, stored: Ruling) -> Ruling:
    """Rule on sending and keeping together: both must be permitted."""
    return Ruling(
        choice=sent.choice,
        permitted=sent.permitted and stored.permitted,
        permitted_by=tuple(dict.fromkeys((*sent.permitted_by, *stored.permitted_by))),
        reasons=tuple(dict.fromkeys((*sent.reasons, *stored.reasons))),
        observed=tuple(dict.fromkeys((*sent.observed, *stored.observed))),
    )


def with_recipients(
    snapshot: Snapshot, tools: Sequence[HostedTool], capable: Sequence[DestinationId]
) -> tuple[DestinationId, ...]:
    """Keep the destinations at which every tool has a recipient. Raises CallerError, naming the tool, if none is."""
    left = tuple(capable)
    for tool in tools:
        able = tuple(id_ for id_ in left if recipients_of(snapshot, id_, tool.refs) is not None)
        if not able:
            raise CallerError("hosted_tool_refused", f"{tool.path}: {tool.kind}; {_why(snapshot, tool, left)}")
        left = able
    return left


def _known(snapshot: Snapshot, id_: DestinationId, ref: HostedRef) -> Recipient | None:
    provider = snapshot.destinations[id_].provider
    return next((one for one in snapshot.recipients if one.answers(ref, provider)), None)


def _judged(snapshot: Snapshot, question: Question, choice: Choice) -> Ruling:
    recipients = recipients_of(snapshot, choice.destination, question.tools)
    if recipients is None:
        raise GatewayError("policy_unavailable", "a hosted tool has no recipient on record")
    asked = replace(question, tools=frozenset()).with_classes(brought(recipients))
    choices = [choice, *(Choice(destination=one.id, masked=choice.masked) for one in recipients)]
    first, *others = snapshot.rulebook.rule(asked, choices)
    return Ruling(
        choice=choice,
        permitted=all(one.permitted for one in (first, *others)),
        permitted_by=tuple(dict.fromkeys(rule for one in (first, *others) for rule in one.permitted_by)),
        reasons=(*first.reasons, *_named(others, "reasons")),
        observed=(*first.observed, *_named(others, "observed")),
    )


def _named(rulings: Iterable[Ruling], field: str) -> list[Reason]:
    """Say of each reason which recipient it speaks of."""
    return [
        replace(
            reason,
            en=f"Of what the tool {ruling.choice.destination} would receive: {reason.en}",
            fr=f"De ce que recevrait l'outil {ruling.choice.destination} : {reason.fr}",
        )
        for ruling in rulings
        for reason in getattr(ruling, field)
    ]


def _why(snapshot: Snapshot, tool: HostedTool, capable: Iterable[DestinationId]) -> str:
    """Say what is missing, in words of ours: an address of the caller's is never repeated."""
    able = [id_ for id_ in capable if snapshot.destinations[id_].dialect == tool.dialect]
    if not able:
        return f"no destination of this model speaks {tool.dialect}, and no other format can say it"
    known = [one for id_ in able for ref in tool.refs if (one := _known(snapshot, id_, ref)) is not None]
    if known and (doubtful := [one for one in known if not one.verified]):
        return f"{doubtful[0].id} is on record unverified, which opens nothing"
    return "who receives what it is sent is not on record"
