"""The tagger alone: `detect` for benchmarks of detectors; run as a program it times itself.

`python bench/tagger.py [seconds a row]` prints cold start, KB a CPU-second by size of text, and what the weights weigh.
"""

import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from classify import CODE, PROSE, VALUES, text_of

from ecluse.packs import weights
from ecluse.passage.classify.tagger import Kind, Tagger, Weights

LABELS = {Kind.PERSON: "PER", Kind.PLACE: "LOC", Kind.ORGANISATION: "ORG", Kind.ADDRESS: "ADDRESS"}


@cache
def tagger(path: Path | None = None) -> Tagger:
    """Load the weights once."""
    return Tagger(Weights.of(weights.load(path)))


def detect(text: str) -> Iterator[tuple[int, int, str]]:
    """List what the tagger alone finds in a text, at any confidence."""
    for mention in tagger().mentions(text):
        if mention.kind in LABELS:
            yield mention.start, mention.end, LABELS[mention.kind]


def rate(text: str, seconds: float) -> float:
    """Return KB of UTF-8 a CPU-second, warm."""
    found = tagger()
    list(found.mentions(text))
    rounds, start = 0, time.process_time()
    while time.process_time() - start < seconds:
        list(found.mentions(text))
        rounds += 1
    return rounds * len(text.encode()) / 1024 / (time.process_time() - start)


def main() -> None:
    """Print the table."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    start = time.perf_counter()
    list(tagger().mentions("Bonjour Marie Dubois"))
    print(f"load and first text: {1000 * (time.perf_counter() - start):.0f} ms")
    texts = {
        "prose, no value": lambda size: text_of(size, PROSE),
        "prose, one sentence in ten": lambda size: text_of(size, PROSE, VALUES, 0.1),
        "nothing but values": lambda size: text_of(size, VALUES),
        "code": lambda size: text_of(size, CODE),
    }
    print(f"{'KB per CPU-second':28}{'1 KB':>10}{'8 KB':>10}{'64 KB':>10}")
    for name, make in texts.items():
        print(f"{name:28}" + "".join(f"{rate(make(size * 1024), seconds):10.0f}" for size in (1, 8, 64)))


if __name__ == "__main__":
    main()
