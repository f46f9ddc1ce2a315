"""Requests and findings to mask."""

from collections.abc import Iterable

from ecluse.domain.event import Channel, Event, Text
from ecluse.domain.finding import Classification, DataClass, Finding
from ecluse.domain.request import Message, Request, Role, SlotPath, Surface, TextPart, slots
from ecluse.passage.mask import Masked, mask
from ecluse.passage.unmask import Restorer

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
PERSONAL = frozenset({DataClass.PERSONAL})
USER = SlotPath("messages/0/parts/0")


def message(text: str, role: Role = Role.USER) -> Message:
    return Message(role=role, parts=(TextPart(text=text),))


def chat(*texts: str) -> Request:
    return Request(surface=Surface.CHAT, model="m", messages=tuple(message(text) for text in texts))


def finding(
    start: int,
    end: int,
    *,
    slot: str = USER,
    kind: str = "person",
    data_class: DataClass = DataClass.PERSONAL,
    maskable: bool = True,
) -> Finding:
    return Finding(
        slot=SlotPath(slot),
        start=start,
        end=end,
        kind=kind,
        data_class=data_class,
        confidence=1.0,
        recogniser="test",
        evidence="test",
        maskable=maskable,
    )


def seen(request: Request, value: str, *, kind: str = "person", slot: str = USER) -> Finding:
    """Find `value` where it first stands in a slot."""
    text = next(s.text for s in slots(request) if s.path == slot)
    start = text.index(value)
    return finding(start, start + len(value), slot=slot, kind=kind)


def found(*findings: Finding) -> Classification:
    return Classification(findings=findings, detector="test")


def masked(request: Request, *findings: Finding, key: bytes = KEY) -> Masked:
    return mask(request, found(*findings), cover=PERSONAL, key=key)


def text_of(request: Request) -> str:
    """Return the text of the last message."""
    part = request.messages[-1].parts[-1]
    assert isinstance(part, TextPart)
    return part.text


def pieces(text: str, cuts: Iterable[int]) -> list[str]:
    """Cut a text in pieces of the given lengths, over and over."""
    lengths = list(cuts) or [1]
    out = []
    at = turn = 0
    while at < len(text):
        out.append(text[at : at + lengths[turn % len(lengths)]])
        at += lengths[turn % len(lengths)]
        turn += 1
    return out


def said(events: Iterable[Event]) -> str:
    return "".join(event.s for event in events if isinstance(event, Text))


def restored(restorer: Restorer, *texts: str) -> str:
    events = [e for s in texts for e in restorer.feed(Text(choice=0, channel=Channel.CONTENT, s=s))]
    return said([*events, *restorer.end()])
