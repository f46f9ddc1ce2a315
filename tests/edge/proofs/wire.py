"""What a gateway must get right on the wire, and the tests that hold each point: a section of the page.

Law: a point of wire.toml names tests that are there; what is not done is said in the point itself.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
POINTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["point"]
HEAD = """## On the wire

What goes wrong between a client and a provider without anybody's looking, and the tests (under tests/) that hold it.

| what | held by |
|---|---|"""


def rows() -> Iterator[str]:
    """Write a row for each point; the tests of one file stand behind its name."""
    for point in POINTS:
        files: dict[str, list[str]] = {}
        for file, _, name in (held.partition(": ") for held in point["held_by"]):
            files.setdefault(file, []).append(name)
        told = "; ".join(f"{file}: {', '.join(names)}" for file, names in files.items())
        yield f"| {point['what']} | {told} |"


def absent() -> list[str]:
    """Return what is named as held by a test that is not there."""
    held = [one for point in POINTS for one in point["held_by"]]
    texts = {file: (ROOT / file).read_text(encoding="utf-8") for file in {one.partition(": ")[0] for one in held}}
    return [one for one in held if f"def test_{one.partition(': ')[2]}(" not in texts[one.partition(": ")[0]]]
