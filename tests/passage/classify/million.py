"""A million hostile texts in pieces: `make million` goes on where the last piece ended, and prints how far it is.

`ECLUSE_FUZZ_SECONDS` bounds a piece (ten minutes unless set). The count stands in `.venv`, beside the detector's
version: another detector begins at 0.
"""

import json
import os
import sys
import time
from pathlib import Path

from tests.passage.classify.hostile import Law, cascade, made

MOST = 1_000_000
COUNT = Path(sys.prefix) / "hostile.json"
_OFTEN = 500


def seconds(otherwise: float) -> float:
    """Return how long fuzzing may take."""
    return float(os.environ.get("ECLUSE_FUZZ_SECONDS", str(otherwise)))


def reached(version: str, count: Path = COUNT) -> int:
    """Return how many texts this detector has been shown."""
    try:
        return int(json.loads(count.read_bytes()).get(version, 0))
    except FileNotFoundError:
        return 0


def go_on(law: Law, version: str, ends: float, count: Path = COUNT, most: int = MOST) -> int:
    """Show the law texts by their seeds until `ends` (monotonic), and return how far it is. Raises AssertionError."""
    done = reached(version, count)
    while done < most and time.monotonic() < ends:
        piece = range(done, min(done + _OFTEN, most))
        for seed in piece:
            try:
                law(made(seed))
            except Exception as error:
                raise AssertionError(f"the text of seed {seed}: {error}") from error
        done = piece.stop
        count.write_text(json.dumps({version: done}), encoding="utf-8")
    return done


def main() -> None:
    """Run a piece and print the count."""
    engine = cascade()
    done = go_on(Law(engine), engine.version, time.monotonic() + seconds(600))
    sys.stdout.write(f"{done:,} of {MOST:,} hostile texts, none of which broke the law (detector {engine.version})\n")


if __name__ == "__main__":
    main()
