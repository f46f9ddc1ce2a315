"""Programs that tests run in an environment of their own, from a lock."""

import hashlib
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def installed(lock: str) -> Path:
    """Install a lock into a folder of its own and return its programs' folder; skip out loud when that fails."""
    stated = (ROOT / "requirements" / lock).read_bytes()
    folder = Path(sys.prefix) / "guests" / f"{lock.removesuffix('.lock')}-{hashlib.sha256(stated).hexdigest()[:12]}"
    if not (folder / "ready").exists():
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes"]
        pip += [
            "--no-deps",
            "--no-compile",
            "--disable-pip-version-check",
            "-r",
        ]  # the lock has all: nothing to resolve
        for words in ([sys.executable, "-m", "venv", "--clear", str(folder)], [*pip, f"requirements/{lock}"]):
            done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=570, check=False)
            if done.returncode:
                pytest.skip(f"{lock} cannot be installed here: {done.stderr[-300:]}")
        (folder / "ready").touch()
    return folder / "bin"


def guided(module: str, corpus: Path, *, seconds: float, most: int, longest: int) -> int:
    """Let atheris look for new paths through `module`, and return how many inputs ran; what it found is asserted."""
    python = installed("fuzz.lock") / "python"
    bounds = [f"-runs={most}", f"-max_total_time={seconds:.0f}", "-timeout=60", "-rss_limit_mb=3000"]
    done = subprocess.run(
        [python, "-m", module, *bounds, f"-max_len={longest}", f"-artifact_prefix={corpus.parent}/", corpus],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("src", ".")) + _OURS},
        capture_output=True,
        text=True,
        timeout=seconds + 180,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    ran = re.search(r"^Done (\d+) runs", done.stderr, re.MULTILINE)
    return int(ran[1]) if ran else 0


_OURS = os.pathsep + sysconfig.get_path("purelib")
