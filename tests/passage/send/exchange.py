"""Recorded answers in tests/exchanges/<dialect>/: `<case>.<form>`, and `<case>.events`, what they mean."""

import json
import zlib
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import assert_never

from ecluse.domain.destination import (
    Destination,
    DestinationId,
    ModelId,
    OfferId,
    OperatedBy,
    ProcessingScope,
    Scope,
    Terms,
    Trilean,
)
from ecluse.domain.dialect import Reader
from ecluse.domain.errors import ProviderError
from ecluse.domain.event import Begin, Event, Finish, Item, Opaque, Sound, Text, ToolArgs, UpstreamError, Usage, Vector
from ecluse.domain.party import Confidence, ProviderId, Source
from ecluse.domain.request import Message, Request, Role, Surface, TextPart
from ecluse.passage.admit import DIALECTS as INBOUND
from ecluse.passage.send import DIALECTS

FOLDER = Path(__file__).parents[2] / "exchanges"
STREAMS = (".sse", ".ndjson", ".frames")
CASES = sorted(
    (path.parent.name, path.name)
    for path in FOLDER.glob("*/*")
    if path.suffix in {".json", *STREAMS} and path.parent.name in DIALECTS
)
CONVERSATION = INBOUND["openai_chat"].admit(Surface.CHAT, (FOLDER / "conversation.json").read_bytes())
"""A call with every role, tools and a refusal, as a caller writes it."""


def request(*, stream: bool = True, surface: Surface = Surface.CHAT) -> Request:
    """Return a small request."""
    if surface is Surface.EMBEDDINGS:
        return Request(surface=surface, model="m", inputs=("une", "deux"))
    message = Message(role=Role.USER, parts=(TextPart(text="Bonjour"),))
    return Request(surface=surface, model="m", messages=(message,), stream=stream)


def destination(base_url: str = "https://host.test/v1", dialect: str = "openai_chat") -> Destination:
    """Return a destination that offers `wire-model`."""
    source = Source(title="test", url="https://host.test", as_of=date(2026, 11, 24), confidence=Confidence.HIGH)
    return Destination(
        id=DestinationId("provider/offer/model"),
        model=ModelId("model"),
        provider=ProviderId("provider"),
        offer=OfferId("offer"),
        operated_by=OperatedBy.PROVIDER,
        dialect=dialect,
        base_url=base_url,
        wire_model="wire-model",
        capabilities=frozenset(),
        scope=ProcessingScope(processing=Scope.EU, storage=Scope.EU, source=source),
        terms=Terms(trains_on_input=Trilean.NO, retention_days=0, human_review=Trilean.NO, source=source),
    )


def reader(dialect: str, case: str) -> Reader:
    """Return the reader for a case, by its name."""
    surface = Surface.EMBEDDINGS if case.startswith("embeddings") else Surface.CHAT
    return DIALECTS[dialect].reader(request(stream=not case.endswith(".json"), surface=surface))


def recorded(dialect: str, case: str) -> bytes:
    """Return the bytes of an answer. Frames are written a line each: `<type> <name> <payload>`."""
    raw = (FOLDER / dialect / case).read_bytes()
    if not case.endswith(".frames"):
        return raw
    return b"".join(frame(*line.split(" ", 2)) for line in raw.decode().splitlines())


def frame(kind: str, name: str, payload: str) -> bytes:
    """Write one message of Amazon's binary event stream."""
    names = {":message-type": kind, f":{kind}-type": name, ":content-type": "application/json"}
    headers = b"".join(
        bytes([len(key)]) + key.encode() + b"\x07" + len(value).to_bytes(2, "big") + value.encode()
        for key, value in names.items()
    )
    body = payload.encode()
    prelude = (16 + len(headers) + len(body)).to_bytes(4, "big") + len(headers).to_bytes(4, "big")
    message = prelude + zlib.crc32(prelude).to_bytes(4, "big") + headers + body
    return message + zlib.crc32(message).to_bytes(4, "big")


def answer(dialect: str, case: str) -> bytes:
    """Return the bytes of an answer of this dialect, in whichever form it is recorded."""
    other = same_as(dialect)
    [path] = [path for path in (FOLDER / other).glob(f"{case}.*") if path.suffix in {".json", *STREAMS}]
    return recorded(other, path.name)


def same_as(dialect: str) -> str:
    """Return the dialect whose answers these are too: its name stands in `same_as`, where there is one."""
    path = FOLDER / dialect / "same_as"
    return path.read_text().strip() if path.is_file() else dialect


def read(reading: Reader, chunks: Iterable[bytes]) -> list[Event]:
    """Return all events of an answer that arrives in `chunks`; the last line says how a bad one broke."""
    events: list[Event] = []
    try:
        for chunk in chunks:
            events += reading.feed(chunk)
        events += reading.end()
    except ProviderError as error:
        events.append(Opaque(raw=f"raises {error}"))
    return events


def joined(events: Sequence[Event]) -> list[str]:
    """Return one line an event, as in the `.events` files."""
    return [_line(event) for event in events]


def _line(event: Event) -> str:  # noqa: C901 - one line for each word of the alphabet
    match event:
        case Begin():
            return f"begin {event.id} {event.model} {event.created}{_raw(event.raw)}"
        case Text():
            return f"text {event.choice} {event.channel.value} {_json(event.s)}{_raw(event.raw)}"
        case ToolArgs():
            return f"tool {event.choice} {event.index} {event.id} {event.name} {_json(event.s)}"
        case Finish():
            return f"finish {event.choice} {event.reason}{_raw(event.raw)}"
        case Usage():
            return f"usage {event.tokens_in} {event.tokens_out}{_raw(event.raw)}"
        case Vector():
            return f"vector {event.index} {_json(event.values)}"
        case Item():
            return f"item {event.index} {_json(event.raw)}"
        case Sound():
            return f"sound {len(event.data)}"
        case UpstreamError():
            return f"error {event.code} {_json(event.message)}"
        case Opaque():
            return f"opaque {_json(event.raw)}"
        case _:
            assert_never(event)


def _raw(raw: object) -> str:
    return f" {_json(raw)}" if raw else ""


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
