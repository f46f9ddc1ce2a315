"""Every benchmark still runs: at its smallest, with its own command, and prints a table."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEAST = {
    "classification": ["bench/classification.py", "--kb", "2"],
    "classify": ["bench/classify.py", "1"],
    "classify_turns": ["bench/classify_turns.py"],
    "console": ["-m", "bench.console", "500"],
    "decide": ["bench/decide.py"],
    "mask": ["-m", "bench.mask", "--people", "1"],
    "mask_cost": ["bench/mask_cost.py"],
    "mask_peer": ["-m", "bench.mask_peer"],
    "prove": ["bench/prove.py"],
    "reload": ["bench/reload.py"],
    "request": ["bench/request.py", "--times", "3"],
    "tagger": ["bench/tagger.py", "0.05"],
    "trail": ["bench/trail.py"],
    "unmask": ["bench/unmask.py"],
}
"""The words after `python`."""
PARTS = {"canned", "detector", "grouping", "peers", "presidio_server"}
"""What the benchmarks are made of."""
APART = {"latency"}
"""It installs LiteLLM: minutes, and run by hand."""
MINUTES = 10


def test_each_benchmark_is_tried_or_said_to_be_left_out() -> None:
    assert {path.stem for path in (ROOT / "bench").glob("*.py")} - {"__init__"} == LEAST.keys() | PARTS | APART


@pytest.mark.long
@pytest.mark.parametrize("name", LEAST)
def test_a_benchmark_runs_and_prints_figures(name: str) -> None:
    done = subprocess.run(
        [sys.executable, *LEAST[name]], cwd=ROOT, capture_output=True, text=True, timeout=MINUTES * 60, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert any(character.isdigit() for character in done.stdout)
