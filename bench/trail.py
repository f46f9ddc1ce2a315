"""What the trail costs: appends a second and latency, alone and with many waiters; verification; opening.

Run: python bench/trail.py [FOLDER]. The folder should be on the disk that will hold the trail: the flush is the figure.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ecluse.domain.caller import (
    Application,
    ApplicationId,
    Caller,
    CallerKind,
    KeyId,
    Organisation,
    OrganisationId,
    Purpose,
)
from ecluse.domain.destination import DestinationId, PlaceId
from ecluse.domain.finding import DataClass
from ecluse.domain.request import Surface
from ecluse.domain.snapshot import Instant, SnapshotId
from ecluse.domain.trail import Entry, EntryId, Opening, PassageId
from ecluse.domain.verdict import Choice, Permit, RuleId
from ecluse.edge.stores.reader import TrailReader
from ecluse.edge.stores.sqlite import SqliteStore
from ecluse.passage.record import canonical, commitment, intent
from ecluse.passage.record.checkpoint import key_of
from ecluse.prove.verify import verify_trail

RUNS = ((1, 2_000), (10, 10_000), (50, 20_000), (200, 20_000))
"""Waiters, and how many entries they append together."""
NOW = Instant(1_795_478_400_000)
CALLER = Caller(
    application=Application(
        id=ApplicationId("drafting"),
        organisation=Organisation(id=OrganisationId("town"), name="Town", kind=CallerKind.LOCAL_AUTHORITY),
        name="Drafting",
        purposes=(Purpose("drafting"),),
    ),
    key=KeyId("key_0011223344556677"),
)
CHOICES = tuple(
    Choice(destination=DestinationId(f"provider_{i}/offer/mistral-small-3.2"), masked=masked)
    for i in range(6)
    for masked in (False, True)
)


class BenchSigner:
    """A key for one run."""

    name = "ecluse.local/bench"

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()

    def sign(self, message: bytes) -> bytes:
        """Sign."""
        return self._key.sign(message)

    def public(self) -> bytes:
        """Return the public key."""
        return self._key.public_key().public_bytes_raw()


class BenchClock:
    """A clock that stands."""

    def now(self) -> Instant:
        """Return the one instant of this run."""
        return NOW


def typical_intent() -> Entry:
    """Return an intent as large as they come: twelve choices, five rules, three kinds found."""
    return intent(
        id=EntryId(os.urandom(16).hex()),
        passage=PassageId(os.urandom(16).hex()),
        attempt=1,
        now=NOW,
        caller=CALLER,
        surface=Surface.CHAT,
        purpose=Purpose("drafting"),
        pinned=SnapshotId("a" * 64),
        current=SnapshotId("a" * 64),
        declared=(),
        found=(DataClass.PERSONAL, DataClass.NATIONAL_ID),
        counts={"person": 4, "french_nir": 1, "email": 2},
        choice=CHOICES[0],
        simulated=False,
        permit=Permit(choices=CHOICES, rules=tuple(RuleId(f"base/permit-{i}") for i in range(5))),
        strategy="order",
        plan=[choice.destination for choice in CHOICES],
        scores={},
        left_out={},
        model="mistral-small-3.2",
        places=(PlaceId("own_premises"),),
        instruction=True,
        commitment=commitment(b"\x00" * 32, b""),
        size=4096,
    )


async def load(store: SqliteStore, waiters: int, entries: Sequence[Entry]) -> tuple[list[float], float, float]:
    """Append entries with many waiters; return each append's seconds, all of them together, and the CPU seconds."""
    await store.start()
    took: list[float] = []
    left = iter(entries)
    opening = Opening(salt=bytes(32))

    async def waiter() -> None:
        for entry in left:
            begun = time.perf_counter()
            await store.append(entry, opening)
            took.append(time.perf_counter() - begun)

    begun, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(waiter() for _ in range(waiters)))
    elapsed, cpu = time.perf_counter() - begun, time.process_time() - cpu
    await store.close()
    return took, elapsed, cpu


async def reopen(store: SqliteStore) -> float:
    """Return the seconds that a start takes."""
    begun = time.perf_counter()
    await store.start()
    took = time.perf_counter() - begun
    await store.close()
    return took


def measure(store: SqliteStore) -> None:
    """Print one row for each number of waiters."""
    print(f"{'waiters':>8} {'appends/s':>10} {'p50 ms':>8} {'p99 ms':>8} {'CPU us each':>12}")
    for waiters, count in RUNS:
        entries = [typical_intent() for _ in range(count)]
        took, elapsed, cpu = asyncio.run(load(store, waiters, entries))
        cuts = statistics.quantiles(took, n=100)
        rate, each = count / elapsed, cpu / count * 1e6
        print(f"{waiters:>8} {rate:>10.0f} {cuts[49] * 1e3:>8.2f} {cuts[98] * 1e3:>8.2f} {each:>12.0f}")


def flush(folder: Path) -> float:
    """Return the median milliseconds of a 4 KB write and fdatasync: the floor of a lone append."""
    took: list[float] = []
    with (folder / "flush").open("wb") as file:
        for _ in range(100):
            begun = time.perf_counter()
            file.write(os.urandom(4096))
            file.flush()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1e3


def main() -> None:
    """Measure in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as name:
        folder = Path(name)
        print(f"one flush of 4 KB here: {flush(folder):.2f} ms; an intent has {len(canonical(typical_intent()))} bytes")
        signer = BenchSigner()
        measure(SqliteStore(folder / "trail.db", signer=signer, clock=BenchClock()))
        reader = TrailReader.open(folder / "trail.db")
        rows, notes = reader.everything()
        begun = time.perf_counter()
        report = verify_trail(rows, notes, key_of(signer))
        took = time.perf_counter() - begun
        reader.close()
        print(
            f"verify: {report.size} entries, {report.checkpoints} checkpoints in {took:.2f} s "
            f"({report.size / took:.0f} entries/s)"
        )
        for what in ("opening, with every passage to settle", "opening again"):
            store = SqliteStore(folder / "trail.db", signer=signer, clock=BenchClock())
            print(f"{what}: {asyncio.run(reopen(store)):.2f} s")


if __name__ == "__main__":
    main()
