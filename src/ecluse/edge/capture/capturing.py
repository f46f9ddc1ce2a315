"""Keeps the prompts and answers of the organisations that ask for it, beside the requests.

Law: what is kept was sent, is on the trail, and was judged there: its place may hold it. Nothing of a request with a
marking, a credential or something unreadable is kept. An answer was not judged: it is kept only when nothing is found
in it that was not found in the request; one that cannot be searched is not.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any

import msgspec

from ecluse.domain.caller import Application, OrganisationId
from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import DataClass
from ecluse.domain.ports import Clock, Store
from ecluse.domain.request import Slot, SlotPath
from ecluse.domain.snapshot import Detector
from ecluse.domain.trail import Entry, EntryId, EntryKind
from ecluse.edge.capture.safe import Content, Safe
from ecluse.edge.capture.unusable import CaptureUnusable
from ecluse.edge.capture.wrapping import Wrapping, wrappings_of
from ecluse.edge.capture_settings import CaptureSettings
from ecluse.edge.config import EgressSettings, SettingsError
from ecluse.edge.saying import say
from ecluse.passage.classify import classify
from ecluse.passage.record import parse

NEVER = frozenset({DataClass.CLASSIFIED, DataClass.RESTRICTED, DataClass.CREDENTIAL, DataClass.UNREADABLE})
"""Classes of which nothing is kept, whatever the rules permit."""
LIMIT = 1024 * 1024
"""Bytes of a prompt or an answer at most; what is longer is not kept."""
AT_ONCE = 32
"""Contents that wait to be kept at most: one more is not kept."""
WAITS = (0.0, 0.1, 0.3, 1.0, 3.0)
"""Seconds before each look for the entry; a log of several replicas gives its index a moment later."""
HOUR = 3600.0
LOOK = 0.5
"""Seconds between two looks for a view that wants to be on the trail."""
ENTRY = b"x-ecluse-entry"
OK = 200

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
DetectorOf = Callable[[Application], Detector]


class Watched:
    """One request of which the content may be kept: its body, and what its caller is sent."""

    def __init__(self, application: Application, body: bytes, send: Send) -> None:
        """Pass on to `send`."""
        self.application = application
        self.body = body
        self.answer: list[bytes] = []
        self.entry: EntryId | None = None
        self.kind = ""
        self.whole = False
        self._send = send
        self._size = 0

    def hear(self, headers: Mapping[str, str], data: bytes) -> None:
        """Take an answer that is whole already, such as that of a line of a batch."""
        named = headers.get(ENTRY.decode(), "")
        self.entry = EntryId(named) if named else None
        self.kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        self.answer, self.whole = [data], len(data) <= LIMIT

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Send a message to the caller, and remember it within the limit."""
        if message["type"] == "http.response.start" and message["status"] == OK:
            headers = dict(message["headers"])
            named = headers.get(ENTRY, b"").decode("latin-1")
            self.entry = EntryId(named) if named else None
            self.kind = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
        elif message["type"] == "http.response.body" and self.entry is not None:
            data = message.get("body", b"")
            self._size += len(data)
            if self._size <= LIMIT:
                self.answer.append(data)
            self.whole = self._size <= LIMIT and not message.get("more_body", False)
        await self._send(message)


class Capturing:
    """Keeps what is watched. One per gateway; without organisations that ask for it there is none."""

    def __init__(
        self,
        *,
        safe: Safe,
        store: Store,
        clock: Clock,
        keys: Mapping[OrganisationId, Wrapping],
        days: Mapping[OrganisationId, int],
        detector: DetectorOf,
    ) -> None:
        self._safe = safe
        self._store = store
        self._clock = clock
        self._keys = keys
        self._days = days
        self._detector = detector
        self._waiting = 0

    def watch(self, application: Application, body: bytes, send: Send) -> Watched | None:
        """Watch a request, when its organisation keeps contents and it is not too long."""
        asked = application.organisation.id in self._keys and len(body) <= LIMIT and self._waiting < AT_ONCE
        return Watched(application, body, send) if asked else None

    def heard(self, application: Application, body: bytes, headers: Mapping[str, str], data: bytes) -> Watched | None:
        """Return what was asked and answered already, as if it had been watched."""
        watched = self.watch(application, body, _nobody)
        if watched is not None:
            watched.hear(headers, data)
        return watched

    async def keep(self, watched: Watched) -> None:
        """Keep what was watched, when it may be kept."""
        self._waiting += 1
        try:
            entry = await self._entry(watched.entry)
            if entry is not None:
                await asyncio.to_thread(self._judge, watched, entry)
        except (GatewayError, CaptureUnusable, LookupError) as error:
            say(f"a content could not be kept: {type(error).__name__}")
        finally:
            self._waiting -= 1

    async def run(self) -> None:
        """Put views on the trail, and shred what is past its end, until cancelled."""
        loop = asyncio.get_running_loop()
        pruned = loop.time() - HOUR
        while True:
            try:
                if self._safe.alone:  # else whoever reads or shreds writes on the trail itself
                    await self.tell()
                if loop.time() - pruned >= HOUR:
                    await asyncio.to_thread(self._safe.prune, self._days, self._clock.now())
                    pruned = loop.time()
            except (GatewayError, CaptureUnusable, ValueError) as error:
                say(f"what is kept of prompts and answers could not be looked after: {type(error).__name__}")
            await asyncio.sleep(LOOK)

    async def tell(self) -> None:
        """Put each view that is asked for on the trail; only then it is shown."""
        for view in await asyncio.to_thread(self._safe.asked):
            await self._store.append(view.entry(self._clock.now()))
            await asyncio.to_thread(self._safe.tell, view.id)

    async def _entry(self, name: EntryId | None) -> Entry | None:
        if name is None:
            return None
        for pause in WAITS:
            await asyncio.sleep(pause)
            if (data := await asyncio.to_thread(self._data, name)) is not None:
                return parse(data)
        raise LookupError(name)

    def _data(self, name: EntryId) -> bytes | None:
        index = self._store.index_of(name)
        return None if index is None else next(iter(self._store.rows(index, index + 1)), None)

    def _judge(self, watched: Watched, entry: Entry) -> None:
        organisation = watched.application.organisation.id
        if entry.kind is not EntryKind.INTENT or entry.body.get("organisation") != organisation:
            return
        known = frozenset(_classes(entry.body.get("found")) | _classes(entry.body.get("declared")))
        if known & NEVER:
            return
        withheld = self._withheld(watched, known)
        content = Content(
            prompt=watched.body.decode("utf-8", "replace"),
            answer=None if withheld else b"".join(watched.answer).decode("utf-8", "replace"),
            withheld=withheld,
        )
        self._safe.put(
            entry.id,
            organisation,
            content,
            self._keys[organisation],
            now=self._clock.now(),
            days=self._days[organisation],
        )

    def _withheld(self, watched: Watched, known: frozenset[DataClass]) -> str:
        """Say why an answer is not kept; empty when it may be."""
        if not watched.whole:
            return "the answer was cut off, or is too long"
        try:
            slots = list(texts(watched.kind, b"".join(watched.answer)))
            found = classify(self._detector(watched.application), slots)
        except (ValueError, msgspec.DecodeError, GatewayError):
            return "the answer could not be searched"
        more = (found.classes | ({DataClass.UNREADABLE} if found.unreadable else set())) - known
        return f"the answer has what the request had not: {', '.join(sorted(more))}" if more else ""


def capturing_of(
    stated: Mapping[str, CaptureSettings],
    organisations: Iterable[OrganisationId],
    *,
    safe: Safe,
    store: Store,
    clock: Clock,
    detector: DetectorOf,
    egress: EgressSettings,
) -> Capturing | None:
    """Return what keeps contents, None when no organisation asks for it.

    Raises SettingsError, SecretUnavailable, CaptureUnusable or ExtraMissing.
    """
    if unknown := set(stated) - set(organisations):
        raise SettingsError(f"capture.{min(unknown)} is no organisation of these settings")
    if not stated:
        return None
    return Capturing(
        safe=safe,
        store=store,
        clock=clock,
        keys=wrappings_of(stated, egress),
        days={OrganisationId(name): one.days for name, one in stated.items()},
        detector=detector,
    )


async def _nobody(message: MutableMapping[str, Any]) -> None:
    """Send to nobody: it was answered before."""


def _classes(stated: object) -> set[DataClass]:
    return {DataClass(str(name)) for name in stated} if isinstance(stated, tuple | list) else {DataClass.UNREADABLE}


def texts(kind: str, data: bytes) -> Iterator[Slot]:
    """Return every string of an answer, those of a stream put together. Raises ValueError for what is no JSON."""
    if kind == "application/json":
        events: Sequence[bytes] = [data]
    elif kind == "text/event-stream":
        lines = [line[5:].strip() for line in data.splitlines() if line.startswith(b"data:")]
        events = [line for line in lines if line and line != b"[DONE]"]
    else:
        raise ValueError("neither JSON nor a stream of it")
    joined: dict[str, list[str]] = {}
    for event in events:
        for path, text in _strings(msgspec.json.decode(event), "answer"):
            joined.setdefault(path, []).append(text)
    names = "\n".join(sorted({name for path in joined for name in path.split("/")}))
    yield Slot(path=SlotPath("names"), text=names)
    for path, parts in joined.items():
        yield Slot(path=SlotPath(path), text="".join(parts))


def _strings(node: object, path: str) -> Iterator[tuple[str, str]]:
    """Return each string with where it is. A name with a slash in it is several, which changes no finding."""
    match node:
        case str():
            yield path, node
        case dict():
            for name, value in node.items():
                yield from _strings(value, f"{path}/{name}")
        case list():
            for index, value in enumerate(node):
                yield from _strings(value, f"{path}/{index}")
        case _:
            return
