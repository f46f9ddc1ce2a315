"""The tools that check the packaging: installed from their own lock where that can be, else the tests skip out loud."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def tools() -> Path:
    """Return the folder of commands of `.venv/packaging`."""
    made = subprocess.run(
        [ROOT / "scripts" / "packaging-tools"], capture_output=True, text=True, check=False, timeout=600
    )
    if made.returncode:
        pytest.skip(f"the packaging tools cannot be installed here: {made.stderr[-300:]}")
    return ROOT / made.stdout.strip() / "bin"
