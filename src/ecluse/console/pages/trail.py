"""The trail: how much is under a signed head, who else saw it, does it hold, and how to take it elsewhere.

Law: it is read, never written: what erases needs the trail for itself, so this page says how and does not do it. A
verification computes every entry again; what no witness or kept checkpoint covers is said.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from ecluse.console.beside import begin, beside, waiting
from ecluse.console.ground import Ground
from ecluse.console.page import Page
from ecluse.console.view import ground_of, reader_of, render, said
from ecluse.domain.errors import VerificationFailed
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Entry
from ecluse.edge.keys import state as where
from ecluse.edge.roles import Act
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.opening import Reader, open_reader
from ecluse.edge.witnessed import witnessed
from ecluse.passage.record import EntryRefused, parse, timestamp
from ecluse.passage.record.checkpoint import COSIGNATURE, parse_vkey, verify
from ecluse.passage.record.cosign import cosigned_at
from ecluse.passage.record.export import checkpoint_line, json_line
from ecluse.prove.faults import TrailFault
from ecluse.prove.verify import Report, verify_trail

LATEST = 4_000
"""Entries at the end among which acts of administration are looked for."""
ACTS = 12
WORK = "verify"
END_OF_TIME = 253_402_300_799


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A witness of the settings, and the newest head that it cosigned, if one is here."""

    name: str
    size: int | None = None
    at: str = ""


async def show(request: Request) -> Response:
    """Show where the trail stands, and what a verification that was begun has found."""
    if not waiting(request, WORK):
        return await run_in_threadpool(_page, request, {})
    told: dict[str, object] = {}
    try:
        report = await _verify(request)
        told = {"report": report, "checking": report is None}
    except TrailFault as fault:
        told = {"fault": fault.sentence(reader_of(request).language)}
    except (StoreError, VerificationFailed, ValueError) as error:
        told = {"problem": str(error)}
    return await run_in_threadpool(_page, request, told)


async def check(request: Request) -> Response:
    """Begin to compute the whole trail again, beside."""
    begin(request, WORK, partial(_verified, ground_of(request)))
    return RedirectResponse("/trail#verify", 303)


async def _verify(request: Request) -> Report | None:
    return await beside(request, WORK, partial(_verified, ground_of(request)))


def _verified(ground: Ground) -> Report:
    key = parse_vkey(ground.vkey())
    reader = open_reader(ground.state)
    try:
        rows, notes = reader.everything()
        return verify_trail(rows, notes, key, against=[*witnessed(ground.state)])
    finally:
        reader.close()


def export(request: Request) -> Response:
    """Hand out every entry under the newest signed head, as JSON lines that close with it."""
    ground = ground_of(request)
    trail = ground.trail()
    note = trail.last_note() if trail else None
    if trail is None or note is None:
        return PlainTextResponse("the trail has no signed checkpoint yet\n", 404)
    try:
        size = verify(note, parse_vkey(ground.vkey())).size
    except VerificationFailed as error:
        return PlainTextResponse(f"{error}\n", 500)
    headers = {"Content-Disposition": f'attachment; filename="ecluse-trail-{size}.jsonl"'}
    return StreamingResponse(_lines(trail, note, size), media_type="application/jsonl", headers=headers)


def _lines(trail: Reader, note: str, size: int) -> Iterator[str]:
    for index, data, _ in trail.rows(0, size):
        yield json_line(index, data)
    yield checkpoint_line(note)


def checkpoint(request: Request) -> Response:
    """Hand out the newest signed head, to be kept elsewhere."""
    trail = ground_of(request).trail()
    note = trail.last_note() if trail else None
    if note is None:
        return PlainTextResponse("the trail has no signed checkpoint yet\n", 404)
    headers = {"Content-Disposition": f'attachment; filename="ecluse-checkpoint-{_size(note)}.note"'}
    return PlainTextResponse(note, headers=headers)


def _page(request: Request, told: dict[str, object]) -> Response:
    ground = ground_of(request)
    trail = ground.trail()
    note = trail.last_note() if trail else None
    size = trail.size() if trail else 0
    values: dict[str, object] = {
        "title": said(request)("trail.title"),
        "size": size,
        "sealed": _size(note) if note else 0,
        "note": note or "",
        "vkey": ground.vkey(),
        "witnesses": _witnesses(ground),
        "acts": _acts(trail, size) if trail else [],
        "retention": {one.name: one.retention_days for one in ground.settings.organisations},
        "public": ground.settings.trail.public,
        "readers": len(ground.settings.trail.readers),
        "kept_in": "postgresql" if where.store(ground.state).exists() else "sqlite",
        "latest": LATEST,
        "checking": False,
        "report": None,
        "fault": "",
        "problem": "",
    }
    status = 500 if told.get("fault") or told.get("problem") else 200
    return render(request, "trail.html", values | told, status=status)


def _witnesses(ground: Ground) -> Sequence[Witness]:
    notes = witnessed(ground.state)
    found = []
    for stated in ground.settings.trail.witnesses:
        try:
            key = parse_vkey(stated.key, COSIGNATURE)
        except VerificationFailed:
            found.append(Witness(name=stated.url))
            continue
        one = Witness(name=key.name)
        for note in notes:
            with suppress(VerificationFailed):
                seconds = min(cosigned_at(note, key), END_OF_TIME)
                one = Witness(name=key.name, size=_size(note), at=timestamp(Instant(seconds * 1000)))
                break
        found.append(one)
    return found


def _acts(trail: Reader, size: int) -> Sequence[Entry]:
    """Return the newest acts of administration among the last entries."""
    found = []
    for _, data, _ in trail.rows(max(0, size - LATEST), size):
        if b'"kind":"admin"' in data:
            with suppress(EntryRefused):
                found.append(parse(data))
    return found[::-1][:ACTS]


def _size(note: str) -> int:
    return int(note.split("\n", 2)[1])


PAGE = Page(
    name="trail",
    path="/trail",
    routes=[
        Route("/trail", show),
        Route("/trail/verify", check, methods=["POST"]),
        Route("/trail/export.jsonl", export),
        Route("/trail/checkpoint", checkpoint),
    ],
    act=Act.READ,
    group="account",
    order=47,
)
