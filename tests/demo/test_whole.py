"""The whole demo, from the command line: it holds, and it leaves nothing behind. Long: under a minute on two cores."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ecluse.edge.stores.reader import TrailReader
from ecluse.passage.record import parse
from simulators.journal import read
from tests.canaries import CANARIES, MASKED_ONLY, seen
from tests.demo.masked import sent_masked, shown

ROOT = Path(__file__).parents[2]
PROXIES = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"), "http://127.0.0.1:1")


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "demo", "--json", "--folder", str(folder)],
        cwd=ROOT,
        env={**os.environ, **PROXIES},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def left(demo: subprocess.Popen[str], folder: Path) -> list[str]:
    """Name the processes that a demo started and that still run."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = each.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command or f"--parent-pid {demo.pid} " in command:
            found.append(command)
    return found


@pytest.mark.long
def test_every_expectation_holds_behind_a_proxy_in_under_five_minutes(tmp_path: Path) -> None:
    with start(tmp_path / "demo") as demo:
        out, err = demo.communicate(timeout=300)
    assert demo.returncode == 0, err
    told = json.loads(out)
    assert told["held"]
    assert told["date"] == "2026-11-24"
    assert len(told["acts"]) >= 12
    assert left(demo, tmp_path) == []
    assert_nothing_left_in_clear(tmp_path / "demo")


def assert_nothing_left_in_clear(folder: Path) -> None:
    """Search the simulators' journals: they ran in a process of their own, where no test hears them."""
    journals = {file.stem: read(file) for file in (folder / "journals").glob("*.jsonl")}
    only = [line for name, lines in journals.items() if name in MASKED_ONLY for line in lines]
    assert [found for line in only for found in seen(line, CANARIES)] == []
    reader = TrailReader.open(folder / "state" / "trail.db")
    entries = [parse(data) for _, data, _ in reader.rows(0, reader.size())]
    reader.close()
    masked = sent_masked(entries, [line for lines in journals.values() for line in lines])
    assert masked
    assert [found for line in masked for found in shown(line)] == []


@pytest.mark.long
@pytest.mark.parametrize("log", ["model.log", "simulators.log", "ecluse.log"])
def test_an_interrupted_demo_leaves_no_process(log: str, tmp_path: Path) -> None:
    """Interrupt it once the child of that log was started."""
    folder = tmp_path / "demo"
    with start(folder) as demo:
        until = time.monotonic() + 60
        while not (folder / log).exists() and demo.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=60)
    assert demo.returncode == 130
    assert left(demo, folder) == []
