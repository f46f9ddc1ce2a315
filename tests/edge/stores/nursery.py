"""A process that forks children which append to a trail until they are killed: imports are paid for once.

It reads `FOLDER SEED LIMIT` lines. A child says `pid N`, then `ack ID` for each entry that the store called durable.
With a LIMIT its files may grow to so many bytes, until an entry is refused: then the limit goes, another entry is
appended until it is taken, and the child ends by itself, having said `refused ID` and `mended ID`. The nursery says
`over` when a child has ended.
"""

import asyncio
import os
import random
import resource
import sys
from pathlib import Path

from ecluse.domain.errors import GatewayError
from ecluse.domain.snapshot import Instant
from ecluse.edge.keys import Ed25519Signer
from ecluse.edge.stores.sqlite import SqliteStore
from tests.passage.record import samples

APPENDERS = 12


class StandingClock:
    """A clock that stands."""

    def now(self) -> Instant:
        return samples.NOW


def say(*words: str) -> None:
    os.write(1, (" ".join(words) + "\n").encode())


async def append_for_ever(store: SqliteStore, seed: int, stop: asyncio.Event) -> None:
    draw = random.Random(seed)  # noqa: S311 - a load, not a secret
    while not stop.is_set():
        number = draw.getrandbits(60)
        entries = (
            [samples.intent(number), samples.outcome(number)] if draw.random() < 0.8 else [samples.refusal(number)]
        )
        for entry in entries:
            try:
                await store.append(entry)
            except GatewayError:
                if not stop.is_set():
                    stop.set()
                    await mend(store, seed)
                return
            say("ack", entry.id)


async def mend(store: SqliteStore, seed: int) -> None:
    again = samples.refusal(seed)
    say("refused", again.id)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    while True:
        try:
            await store.append(again)
        except GatewayError:
            await asyncio.sleep(0.05)
        else:
            say("mended", again.id)
            return


async def child(folder: Path, seed: int, limit: int) -> None:
    store = SqliteStore(
        folder / "trail.db", signer=Ed25519Signer("ecluse.local/test", bytes(32)), clock=StandingClock()
    )
    await store.start()
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    stop = asyncio.Event()
    await asyncio.gather(*(append_for_ever(store, seed * APPENDERS + i, stop) for i in range(APPENDERS)))
    await store.close()


def main() -> None:
    for line in sys.stdin:
        folder, seed, limit = line.split()
        born = os.fork()
        if born == 0:
            say("pid", str(os.getpid()))
            asyncio.run(child(Path(folder), int(seed), int(limit)))
            os._exit(0)
        os.waitpid(born, 0)
        say("over")


if __name__ == "__main__":
    main()
