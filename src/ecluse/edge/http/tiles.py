"""The trail over HTTP, for machines that verify it: checkpoint, tiles, entries and receipts (https://c2sp.org).

Law: it only reads. Hashes and heads say nothing of anybody and may be public by a setting; entries never are: they
need a key of an application that the settings name as a reader. A receipt goes to the organisation whose entry it is;
to others it does not exist.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from ecluse.domain.caller import ApplicationId, Caller, KeyScope
from ecluse.domain.effects import Headers
from ecluse.domain.errors import CallerError, GatewayError, VerificationFailed
from ecluse.domain.ports import Log
from ecluse.domain.trail import EntryId
from ecluse.edge.http.asgi import Scope, Send, answer, headers_of
from ecluse.passage.record import parse
from ecluse.passage.record.checkpoint import VerifierKey, verify
from ecluse.passage.record.merkle import inclusion
from ecluse.passage.record.receipt import write_receipt
from ecluse.passage.record.tiles import HEIGHT, Tile, bundle, node_at, parse_tile

CHECKPOINT = "/checkpoint"
TILE = "/tile/"
RECEIPTS = "/v1/receipts/"
WAITS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between two looks for a head over an entry; the store signs one at least every 200 ms."""

FOR_EVER = "max-age=31536000, immutable"
TEXT = "text/plain; charset=utf-8"

Authenticate = Callable[[Mapping[str, str], KeyScope], Caller]


class Receipts:
    """Writes receipts from a log. `heads` are notes to prefer, such as those that witnesses cosigned, newest first."""

    def __init__(self, log: Log, key: VerifierKey, heads: Callable[[], Sequence[str]] = tuple) -> None:
        self._log = log
        self._key = key
        self._heads = heads

    def entry(self, entry: EntryId) -> bytes | None:
        """Return an entry's canonical bytes, or None when it is not in the log."""
        index = self._log.index_of(entry)
        return None if index is None else next(iter(self._log.rows(index, index + 1)), None)

    def newest(self) -> str | None:
        """Return the newest head, with the cosignatures that are there for it."""
        newest = self._log.checkpoint()
        text = newest.partition("\n\n")[0] if newest else None
        return next((head for head in self._heads() if head.partition("\n\n")[0] == text), newest)

    def write(self, entry: EntryId) -> str | None:
        """Return the receipt of an entry, None while no head covers it."""
        index, newest = self._log.index_of(entry), self._log.checkpoint()
        data = self.entry(entry)
        if index is None or data is None or newest is None:
            return None
        for note in (*self._heads(), newest):
            head = verify(note, self._key)
            if index < head.size <= self._log.size():
                path = inclusion(node_at(self._log.hashes), index, head.size)
                return write_receipt(entry=data, index=index, path=path, note=note)
        return None

    async def wait(self, entry: EntryId) -> str | None:
        """Return the receipt of an entry, waiting for the next head; None when none came in time."""
        for pause in WAITS:
            await asyncio.sleep(pause)
            if (found := await asyncio.to_thread(self.write, entry)) is not None:
                return found
        return None


class TrailRoutes:
    """The routes of the trail."""

    def __init__(
        self,
        *,
        log: Log,
        receipts: Receipts,
        authenticate: Authenticate,
        readers: Sequence[ApplicationId],
        public: bool,
    ) -> None:
        self._log = log
        self.receipts = receipts
        self._authenticate = authenticate
        self._readers = frozenset(readers)
        self._public = public

    def takes(self, path: str) -> bool:
        """Say whether a path is one of these routes."""
        return path == CHECKPOINT or path.startswith((TILE, RECEIPTS))

    async def get(self, scope: Scope, send: Send) -> None:
        """Answer a GET of one of these routes."""
        path, headers = scope["path"], headers_of(scope)
        try:
            if path.startswith(RECEIPTS):
                caller = self._authenticate(headers, KeyScope.RECEIPTS)
                await self._receipt(EntryId(path.removeprefix(RECEIPTS)), caller, send)
            else:
                await self._file(path, headers, send)
        except (VerificationFailed, LookupError) as error:
            raise GatewayError("trail_unavailable") from error  # what is stored is not what was signed

    async def _file(self, path: str, headers: Mapping[str, str], send: Send) -> None:
        tile = None if path == CHECKPOINT else parse_tile(path[1:])
        if path != CHECKPOINT and tile is None:
            raise CallerError("not_found")
        is_open = self._public and (tile is None or tile.level is not None)
        if not is_open:
            self._check_reader(headers)
        if tile is None:
            note = await asyncio.to_thread(self.receipts.newest)
            if note is None:
                raise CallerError("not_found")
            await answer(send, 200, note.encode(), [("content-type", TEXT), ("cache-control", "no-cache")])
            return
        data = await asyncio.to_thread(partial(self._tile, tile))
        kept = f"{'public' if is_open else 'private'}, {FOR_EVER}"
        await answer(send, 200, data, [("content-type", "application/octet-stream"), ("cache-control", kept)])

    def _tile(self, tile: Tile) -> bytes:
        note = self._log.checkpoint()
        size = int(note.split("\n", 2)[1]) if note else 0  # signed by ourselves; whoever reads verifies
        if not tile.covered(size):
            raise CallerError("not_found")
        if tile.level is None:
            return bundle(self._log.rows(tile.start, tile.start + tile.width))
        found = self._log.hashes(HEIGHT * tile.level, tile.start, tile.width)
        if len(found) != tile.width:
            raise LookupError("a tile that a head covers is not whole")
        return b"".join(found)

    def _check_reader(self, headers: Mapping[str, str]) -> None:
        if self._authenticate(headers, KeyScope.TRAIL).application.id not in self._readers:
            raise CallerError("trail_reader_required")

    async def _receipt(self, entry: EntryId, caller: Caller, send: Send) -> None:
        data = await asyncio.to_thread(self.receipts.entry, entry)
        if data is None or not self._may_have(data, caller):
            raise CallerError("not_found")
        receipt = await self.receipts.wait(entry)
        if receipt is None:
            raise GatewayError("receipt_pending", retry_after=1)
        told: Headers = [("content-type", TEXT), ("cache-control", "private, no-store")]
        await answer(send, 200, receipt.encode(), told)

    def _may_have(self, data: bytes, caller: Caller) -> bool:
        own = parse(data).body.get("organisation") == caller.application.organisation.id
        return own or (caller.application.id in self._readers and caller.may(KeyScope.TRAIL))
