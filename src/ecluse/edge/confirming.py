"""Has a drawn decision asked of Cedar too, in a thread.

Law: a difference is never passed over: the request is refused, Cedar decides from then on, and log and meters say so.
"""

import asyncio
import sys

from ecluse.domain.effects import Confirm
from ecluse.edge.live import Live
from ecluse.edge.meters import Meters


async def confirm(effect: Confirm, live: Live, meters: Meters) -> bool:
    """Say whether Cedar decides the same."""
    snapshot = effect.snapshot
    same = await asyncio.to_thread(snapshot.rulebook.confirm, effect.question, effect.choices, snapshot.places)
    meters.confirmed(same=same)
    if not same:
        live.distrust(snapshot)
        line = "the folded rules and Cedar differ on a request; it was refused, and Cedar decides from now on"
        print(f"ecluse: {line}", file=sys.stderr, flush=True)  # noqa: T201 - the log is stderr
    return same
