"""What a turn of a conversation costs when the turns before it were searched: `python bench/classify_turns.py`.

Two conversations through the whole cascade on one thread: a chat of 1 KB messages in French, and an agent that adds a
1 KB message to 200 KB of this program's sources in messages of 8 KB. A third is one text of 200 KB whose last 1 KB
changes: the blocks near its end are searched again. Each beside a search without a memory, in the same run; medians
of CPU time.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ecluse.api import detector
from ecluse.domain.request import Role, Slot, SlotPath
from ecluse.domain.snapshot import Detector, Memory
from ecluse.edge.remembered import Remembered
from ecluse.passage.classify import classify
from ecluse.passage.classify.code import CodeProfile

SOURCES = Path(__file__).resolve().parents[1] / "src" / "ecluse"
ROUNDS = 7
SENTENCE = (
    "Dossier {n} : Mme Camille Lefèvre, joignable au 06 39 98 41 {d:02}, demande si son courrier du {d} mars est "
    "arrivé au service de l'urbanisme ; merci de lui répondre avant vendredi. "
)


def message(n: int, kilobytes: int = 1) -> str:
    """Return a message unlike every other."""
    made = "".join(SENTENCE.format(n=1000 * n + i, d=(n + i) % 28 + 1) for i in range(8 * kilobytes))
    return made[: 1024 * kilobytes]


def slots(texts: Sequence[str]) -> tuple[Slot, ...]:
    """Return the slots of a chat."""
    roles = (Role.USER, Role.ASSISTANT)
    return tuple(
        Slot(path=SlotPath(f"messages/{n}/parts/0"), text=text, role=roles[n % 2]) for n, text in enumerate(texts)
    )


def median(play: Callable[[int], None]) -> float:
    """Return the median of the milliseconds of CPU that a play takes, after one that warms."""
    play(ROUNDS)
    took = []
    for n in range(ROUNDS):
        began = time.process_time()
        play(n)
        took.append((time.process_time() - began) * 1000)
    return statistics.median(took)


def measure(name: str, used: Detector, before: Sequence[str], last: Callable[[int], Sequence[str]]) -> None:
    """Print what a turn costs with and without a memory, and what its new text costs alone."""
    memory: Memory = Remembered().of("bench")
    classify(used, slots(before), memory=memory)
    turns = [slots(last(n)) for n in range(ROUNDS + 1)]
    new = [slots(last(n)[-1:]) for n in range(ROUNDS + 1)]
    again = median(lambda n: _search(used, turns[n], None))
    turn = median(lambda n: _search(used, turns[n], memory))
    alone = median(lambda n: _search(used, new[n], None))
    kilobytes = sum(len(slot.text) for slot in turns[0]) / 1024
    said = f"{name:<34} {kilobytes:7.0f} {again:9.2f} {turn:9.2f} {alone:9.2f} {again / turn:8.1f}"
    sys.stdout.write(said + "\n")


def _search(used: Detector, texts: tuple[Slot, ...], memory: Memory | None) -> None:
    classify(used, texts, memory=memory)


def main() -> None:
    """Print the table."""
    cascade = detector()
    head = f"{'turn':<34} {'KB':>7} {'whole ms':>9} {'turn ms':>9} {'new ms':>9} {'whole/turn':>8}"
    sys.stdout.write(head + "\n")
    for turn in (5, 20, 50):
        before = [message(n) for n in range(turn - 1)]
        measure(f"chat, turn {turn}", cascade, before, lambda n, old=before: [*old, message(1000 + n)])
    code = "".join(path.read_text(encoding="utf-8") for path in sorted(SOURCES.rglob("*.py")))[: 200 * 1024]
    parts = [code[at : at + 8192] for at in range(0, len(code), 8192)]
    agent = CodeProfile(cascade)
    measure("agent, 200 KB in 25 messages", agent, parts, lambda n: [*parts, message(n)])
    measure("agent, one text, last 1 KB changed", agent, [code], lambda n: [code[:-1024] + message(n)])


if __name__ == "__main__":
    main()
