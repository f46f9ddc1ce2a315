"""Takes the log's heads out of the gateway's own hands: to the mark beside the trail, and to the witnesses.

Law: off the path of any request, and nothing but hashes leaves. A witness that saw more, or something else, than this
log has is believed over the log: that is what it is for. One that cannot be reached is asked again, and said once.
"""

import asyncio
import re
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from ecluse.domain.errors import GatewayError, VerificationFailed
from ecluse.domain.ports import Log
from ecluse.edge.config import SettingsError
from ecluse.edge.keys import state as where
from ecluse.edge.outward import Outward, OutwardFailed
from ecluse.edge.stores.errors import StoreError, TrailDamaged
from ecluse.edge.stores.opening import open_reader
from ecluse.edge.trail_settings import WitnessSettings
from ecluse.edge.witnessed import REFUSED, keep, raise_mark, witnessed
from ecluse.passage.record.checkpoint import COSIGNATURE, VerifierKey, parse_vkey, verify
from ecluse.passage.record.cosign import cosigned_at, with_cosignatures
from ecluse.passage.record.merkle import consistency
from ecluse.passage.record.submission import write_submission
from ecluse.passage.record.tiles import node_at

MARK_EVERY = 1.0
PUSH_EVERY = 5.0
"""Seconds between two looks for a newer head, for the mark and for the witnesses."""
CONFLICT, CONTINUES_NOT = 409, 422


def witnesses_of(stated: Sequence[WitnessSettings]) -> dict[str, VerifierKey]:
    """Return the keys of witnesses by their URLs. Raises SettingsError naming the one that is wrong."""
    found: dict[str, VerifierKey] = {}
    for one in stated:
        loopback = re.match(r"http://(?:127\.0\.0\.1|localhost|\[::1\])[:/]", f"{one.url}/")
        if not (one.url.startswith("https://") or loopback):
            raise SettingsError(f"trail.witnesses: {one.url!r} is no https:// address, nor http:// on this machine")
        try:
            found[one.url] = parse_vkey(one.key, COSIGNATURE)
        except VerificationFailed as error:
            raise SettingsError(f"trail.witnesses, {one.url}: {error}; `ecluse witness key` prints it") from error
    return found


class Publisher:
    """Publishes the heads of one log. `witnesses` are their keys by the URL that `/add-checkpoint` is under."""

    def __init__(
        self,
        *,
        log: Log,
        state: Path,
        key: VerifierKey,
        witnesses: Mapping[str, VerifierKey],
        outward: Outward,
        push_every: float = PUSH_EVERY,
    ) -> None:
        self._log = log
        self._state = state
        self._key = key
        self._outward = outward
        self._witnesses = witnesses
        self._push_every = push_every
        self._marked: str | None = None
        self._known = dict.fromkeys(witnesses, 0)
        self._away: set[str] = set()
        self._heads: Sequence[str] = tuple(witnessed(state))
        self.fault: str | None = None
        """Why the log is not the one that a witness knows; None while all is well."""

    def heads(self) -> Sequence[str]:
        """Return the newest checkpoint that each witness cosigned, largest first."""
        return self._heads

    async def start(self) -> None:
        """Ask each witness once, before anything is served. Raises TrailDamaged when one knows more than the log."""
        await self.push()
        if self.fault is not None:
            raise TrailDamaged(f"{self.fault}. {REFUSED}")

    async def run(self) -> None:
        """Publish newer heads until cancelled."""
        loop = asyncio.get_running_loop()
        pushed = loop.time()
        while True:
            await asyncio.sleep(min(MARK_EVERY, self._push_every))
            try:
                await asyncio.to_thread(self.mark)
            except OSError as error:
                _say(f"the mark beside the trail could not be written: {error.strerror}")
            except GatewayError:
                continue  # the trail says so itself
            if loop.time() - pushed >= self._push_every:
                await self.push()
                pushed = loop.time()

    def mark(self) -> None:
        """Keep the newest head as the mark below which the trail may not fall."""
        note = self._log.checkpoint()
        if note is not None and note != self._marked:
            raise_mark(self._state, note)
            self._marked = note

    def finish(self) -> None:
        """Keep the head that closing the trail signed."""
        try:
            reader = open_reader(self._state)
        except StoreError:
            return
        try:
            note = reader.last_note()
        finally:
            reader.close()
        if note is not None:
            raise_mark(self._state, note)

    async def push(self) -> None:
        """Show every witness the newest head, and keep what they cosign."""
        await asyncio.gather(*(self._show(url, witness) for url, witness in self._witnesses.items()))

    async def _show(self, url: str, witness: VerifierKey) -> None:
        try:
            note = await asyncio.to_thread(self._log.checkpoint)
            if note is not None and await self._submit(url, witness, note):
                self._away.discard(url)
        except (OutwardFailed, VerificationFailed, GatewayError, LookupError, OSError) as error:
            if url not in self._away:
                self._away.add(url)
                _say(f"the witness {witness.name} does not cosign now, and will be asked again: {error}")

    async def _submit(self, url: str, witness: VerifierKey, note: str) -> bool:
        """Ask for a cosignature, a second time when the witness knows another size. True once it is kept."""
        size = verify(note, self._key).size
        for _ in range(2):
            old = self._known[url]
            if old == size:
                return True
            path = await asyncio.to_thread(consistency, node_at(self._log.hashes), old, size) if old else ()
            asked = write_submission(old=old, path=path, note=note)
            told = await self._outward.post(f"{url.rstrip('/')}/add-checkpoint", asked.encode())
            if told.status == CONFLICT and told.body.strip().isdigit():
                self._known[url] = int(told.body)
                if self._known[url] > size:
                    self._wrong(f"the witness {witness.name} saw {self._known[url]} entries, and the trail has {size}")
                    return False
                if self._known[url] == size:
                    return await self._again(url, witness, note, size)
                continue
            if told.status == CONTINUES_NOT:
                self._wrong(f"the witness {witness.name} saw another log of the same name")
                return False
            return self._keep(url, witness, note, told.status, told.body, size)
        return False

    async def _again(self, url: str, witness: VerifierKey, note: str, size: int) -> bool:
        """Ask for the cosignature of a head that the witness knows already: it answers only for the same root."""
        asked = write_submission(old=size, path=(), note=note)
        told = await self._outward.post(f"{url.rstrip('/')}/add-checkpoint", asked.encode())
        if told.status == CONTINUES_NOT:
            self._wrong(f"the witness {witness.name} saw another log of the same name")
            return False
        return self._keep(url, witness, note, told.status, told.body, size)

    def _keep(self, url: str, witness: VerifierKey, note: str, status: int, body: bytes, size: int) -> bool:
        if status != 200:  # noqa: PLR2004 - OK
            raise OutwardFailed(f"status {status}")
        lines = body.decode("utf-8", "replace").splitlines(keepends=True)
        ours = [line for line in lines if line.startswith(f"\u2014 {witness.name} ")]
        cosigned = with_cosignatures(note, ours)
        cosigned_at(cosigned, witness)
        folder = where.witnessed(self._state)
        folder.mkdir(mode=0o700, exist_ok=True)
        keep(folder / f"{sha256(witness.vkey.encode()).hexdigest()[:32]}.note", cosigned)
        self._known[url] = size
        self._heads = tuple(_merged(witnessed(self._state)))
        return True

    def _wrong(self, why: str) -> None:
        self.fault = f"{why}: the log was rolled back or rewritten"
        _say(self.fault)


def _merged(notes: Sequence[str]) -> list[str]:
    """Put the cosignatures of several witnesses of one head together on it."""
    heads: dict[str, str] = {}
    for note in notes:
        text, _, signatures = note.partition("\n\n")
        lines = signatures.splitlines(keepends=True)
        heads[text] = with_cosignatures(heads[text], lines) if text in heads else note
    return list(heads.values())


def _say(line: str) -> None:
    print(f"ecluse: {line}", file=sys.stderr, flush=True)  # noqa: T201 - the log is stderr
