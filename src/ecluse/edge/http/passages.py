"""How a call begins its passage: the one way for what a caller sends now and for the lines of a batch.

Law: one snapshot for the whole request; the application is as that snapshot has it. The runner alone performs it.
"""

import secrets
from collections.abc import Callable

from ecluse.domain.caller import EVERYTHING, ApplicationId, Caller, KeyId, KeyScope, OrganisationId
from ecluse.domain.dialect import InboundDialect
from ecluse.domain.errors import CallerError
from ecluse.domain.request import Surface
from ecluse.domain.snapshot import Snapshot
from ecluse.domain.trail import Entry, PassageId
from ecluse.edge.caller_side import CallerSide
from ecluse.edge.live import Live
from ecluse.edge.runner import Runner
from ecluse.passage.arrival import Arrival
from ecluse.passage.entries import broken_of
from ecluse.passage.ledger import Steps
from ecluse.passage.question import Asked
from ecluse.passage.record import derive


class Passages:
    """Begins passages and has them performed."""

    def __init__(
        self,
        live: Live,
        runner: Runner,
        masking_key: Callable[[OrganisationId], bytes],
        keeps_for: int = 0,
        *,
        files_as_text: bool = False,
    ) -> None:
        self.live = live
        self._runner = runner
        self._masking_key = masking_key
        self.keeps_for = keeps_for
        self._files_as_text = files_as_text

    def caller(self, application: ApplicationId, key: KeyId, scopes: frozenset[KeyScope] = EVERYTHING) -> Caller:
        """Return the caller as the current snapshot has its application. Raises CallerError."""
        return _on_record(self.live.moment().snapshot, application, key, scopes)

    def arrival(self, caller: Caller, dialect: InboundDialect, surface: Surface, body: bytes, asked: Asked) -> Arrival:
        """Return what a passage starts from. Raises CallerError when the application is no longer on record."""
        seed = secrets.token_bytes(32)
        moment = self.live.moment()
        caller = _on_record(moment.snapshot, caller.application.id, caller.key, caller.scopes)
        return Arrival(
            passage=PassageId(derive(seed, "passage")[:16].hex()),
            seed=seed,
            moment=moment,
            caller=caller,
            dialect=dialect,
            surface=surface,
            body=body,
            asked=asked,
            masking_key=self._masking_key(caller.application.organisation.id),
            outbound=self.live.outbound,
            keeps_for=self.keeps_for,
            files_as_text=self._files_as_text,
        )

    async def run(self, steps: Steps, arrival: Arrival, connection: CallerSide, *, trailed: bool) -> None:
        """Perform a passage; `trailed` is whether one that breaks gets an outcome."""

        def broken() -> Entry | None:
            return broken_of(arrival, self.live.clock.now()) if trailed else None

        await self._runner.run(steps, connection, broken)


def _on_record(snapshot: Snapshot, application: ApplicationId, key: KeyId, scopes: frozenset[KeyScope]) -> Caller:
    record = snapshot.applications.get(application)
    if record is None:
        raise CallerError("invalid_api_key")
    return Caller(application=record, key=key, scopes=scopes)
