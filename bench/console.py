"""What each page of the console costs the server over a trail of a million entries: the first view, then others.

Run: python -m bench.console [PASSAGES]. Half a million passages are about a million entries; it writes them first.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.console.conftest import Console, running
from tests.console.world import ground, write_trail

PASSAGES = 560_000
VIEWS = 5
GOAL_MS, GOAL_KB = 300, 150
PAGES = (
    "/",
    "/flows",
    "/flows?period=all",
    "/decisions",
    "/decisions?way=refused",
    "/decisions?rule=hds.hosting",
    "/playground?example=letter",
    "/rules",
    "/registry",
    "/applications",
    "/applications/hospital-care",
    "/exceptions",
    "/drill?without=JURISDICTION:US",
    "/trail",
    "/keys",
    "/usage",
    "/reports?report=register&organisation=hospital",
    "/limits",
)


def main() -> None:
    """Write a trail, read it, ask for each page."""
    passages = int(sys.argv[1]) if len(sys.argv) > 1 else PASSAGES
    with tempfile.TemporaryDirectory(prefix="ecluse-console-") as folder:
        over = ground(Path(folder) / "state")
        began = time.perf_counter()
        write_trail(over, passages)
        trail = over.trail()
        print(f"{trail.size() if trail else 0:,} entries, written in {time.perf_counter() - began:.0f} s", flush=True)
        began = time.perf_counter()
        while over.digest()[1]:
            time.sleep(0.2)
        print(f"read into the console's sums in {time.perf_counter() - began:.0f} s", flush=True)
        with running(over) as console:
            print(f"{'page':<50}{'first ms':>10}{'then ms':>10}{'KB':>8}")
            for path in PAGES:
                told(console, path)


def told(console: Console, path: str) -> None:
    """Print what one page costs."""
    took, size = [], 0
    for _ in range(1 + VIEWS):
        began = time.perf_counter()
        size = len(console.get(path).encode())
        took.append((time.perf_counter() - began) * 1000)
    over = " *" if took[0] > GOAL_MS or size > GOAL_KB * 1000 else ""
    print(f"{path:<50}{took[0]:>10.0f}{statistics.median(took[1:]):>10.0f}{size / 1000:>8.0f}{over}", flush=True)


if __name__ == "__main__":
    main()
