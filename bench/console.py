"""What each page of the console costs the server over a trail of a million entries: the first view, then others.

Run: python -m bench.console [PASSAGES]. Half a million passages are about a million entries; it writes them first.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.console.running import Console, running
from tests.console.world import ground, write_trail

PASSAGES = 560_000
VIEWS = 5
GOAL_MS, GOAL_KB = 300, 150
PATIENCE = 600
READING = ("/flows", "/decisions?rule=hds.hosting", "/usage")
PAGES = (
    "/",
    "/flows",
    "/flows?period=all",
    "/decisions",
    "/decisions?way=refused",
    "/decisions?rule=hds.hosting",
    "/decisions?rule=gdpr.special_terms&way=refused&watched=yes",
    "/decisions?watched=yes",
    "/decisions?organisation=bank&first_day=2026-10-28&last_day=2026-10-28",
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
    "/usage?by=destination&period=all",
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
        with running(over) as console:
            print(f"{'page':<75}{'first ms':>10}{'then ms':>10}{'KB':>8}")
            print("while the trail is read")
            for path in READING:
                told(console, path, settle=False)
            while over.digest()[1]:
                time.sleep(0.2)
            print(f"read after {time.perf_counter() - began:.0f} s", flush=True)
            for path in PAGES:
                told(console, path)


def told(console: Console, path: str, *, settle: bool = True) -> None:
    """Print what one page costs: the first view, then views of the whole page."""
    took, size, making = [], 0, ""
    for view in range(1 + VIEWS):
        if view == 1 and settle:
            making = waited(console, path)
        began = time.perf_counter()
        size = len(console.get(path).encode())
        took.append((time.perf_counter() - began) * 1000)
    over = " *" if took[0] > GOAL_MS or size > GOAL_KB * 1000 else ""
    print(
        f"{path:<75}{took[0]:>10.0f}{statistics.median(took[1:]):>10.0f}{size / 1000:>8.0f}{over}{making}", flush=True
    )


def waited(console: Console, path: str) -> str:
    """Ask until nothing is made beside a page any more; return how long that took."""
    began = time.perf_counter()
    while "data-again" in console.get(path) and time.perf_counter() - began < PATIENCE:
        time.sleep(0.3)
    seconds = time.perf_counter() - began
    return f"  made beside in {seconds:.0f} s" if seconds > 1 else ""


if __name__ == "__main__":
    main()
