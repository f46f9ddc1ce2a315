"""Puts what callers contest on the docket, when the trail has a refusal that it can be about.

Law: the refusal is of the same application, and the same was found in it; a reason stays beside the trail. The trail
is read beside the event loop: a database may take its time.
"""

import asyncio

from ecluse.domain.effects import AnyAnswer, Failed, Lodge, Lodged, Moment, Refused
from ecluse.domain.errors import GatewayError
from ecluse.domain.ports import Store
from ecluse.domain.trail import Entry, EntryId, EntryKind
from ecluse.edge.chain import DocketUnusable
from ecluse.edge.docket import Docket, Kind, Step
from ecluse.passage.record import EntryRefused, parse

CALLER = "caller"
"""The role of whoever contests through the gateway: a key stands for the person."""


class Lodging:
    """The runner's way to the docket."""

    def __init__(self, store: Store, docket: Docket) -> None:
        self._store = store
        self._docket = docket

    async def lodge(self, effect: Lodge, moment: Moment) -> AnyAnswer:
        """Keep an objection for a person to decide."""
        objection, application = effect.objection, effect.caller.application.id
        try:
            entry = await asyncio.to_thread(self._refusal, objection.entry)
        except GatewayError as error:
            return Failed(moment=moment, code=error.code)
        if entry is None or entry.body.get("application") != application:
            return _refused(moment, "no refusal of this application has that id")
        counts, found = entry.body.get("counts"), entry.body.get("found")
        if counts != dict(objection.counts) or set(_words(found)) != set(objection.found):
            return _refused(moment, "this is not the request that was refused: something else was found in it")
        step = Step(
            kind=Kind.CONTEST,
            name=f"key:{effect.caller.key}",
            role=CALLER,
            application=application,
            ground=objection.reason,
            entry=objection.entry,
            marks=tuple(sorted(objection.marks)),
            counts=dict(objection.counts),
        )
        try:
            written = await asyncio.to_thread(self._docket.ask, step, moment.now)
        except DocketUnusable:
            return Failed(moment=moment, code="internal_error")
        return Lodged(moment=moment, matter=written.matter)

    def _refusal(self, id_: str) -> Entry | None:
        index = self._store.index_of(EntryId(id_))
        if index is None:
            return None
        for data in self._store.rows(index, index + 1):
            try:
                entry = parse(data)
            except EntryRefused:
                return None
            return entry if entry.kind is EntryKind.REFUSAL else None
        return None


def _refused(moment: Moment, why: str) -> Refused:
    return Refused(moment=moment, code="not_contestable", detail=why)


def _words(value: object) -> list[str]:
    return [str(word) for word in value] if isinstance(value, tuple | list) else []
