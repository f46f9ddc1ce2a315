"""A release: the same bytes twice, a list of every part, checksums that hold, a signature that a stranger checks."""

import json
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT

pytestmark = pytest.mark.long


def names_of(lock: str) -> set[str]:
    return set(
        re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements" / lock).read_text(encoding="utf-8"), re.MULTILINE)
    )


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what a clone has, so that the tree's own dist/ is left alone."""
    target = tmp_path_factory.mktemp("release") / "clone"
    ignore = shutil.ignore_patterns(".git", ".venv", ".ecluse", "__pycache__", ".*_cache", ".hypothesis", "dist")
    shutil.copytree(ROOT, target, ignore=ignore, symlinks=True)
    return target


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not here: apt-get install openssh-client")
    path = tmp_path_factory.mktemp("key") / "release"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True, timeout=30)
    return path


def release(clone: Path, *arguments: Path) -> Path:
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1764000000"}
    subprocess.run(
        [clone / "scripts" / "release", *arguments], check=True, capture_output=True, timeout=600, env=environment
    )
    return clone / "dist"


@pytest.mark.usefixtures("tools")
def test_a_release_is_reproducible_complete_and_signed(clone: Path, key: Path) -> None:
    first = (release(clone, key) / "SHA256SUMS").read_bytes()
    dist = release(clone, key)
    assert (dist / "SHA256SUMS").read_bytes() == first
    subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=dist, check=True, capture_output=True, timeout=30
    )

    listed = json.loads((dist / "ecluse.cdx.json").read_text(encoding="utf-8"))
    assert {part["name"] for part in listed["components"]} >= names_of("image.lock")
    assert listed["metadata"]["component"]["name"] == "ecluse"

    wheel = zipfile.ZipFile(next(dist.glob("*.whl")))
    assert not [name for name in wheel.namelist() if name.endswith(".pth")]

    signers = dist / "allowed_signers"
    signers.write_text(f"ecluse {key.with_suffix('.pub').read_text(encoding='utf-8')}", encoding="utf-8")
    check = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", "ecluse", "-n", "file", "-s", "SHA256SUMS.sig"]
    assert subprocess.run(check, cwd=dist, input=first, check=False, capture_output=True, timeout=30).returncode == 0
    forged = first.replace(first[:1], b"0" if first[:1] != b"0" else b"1", 1)
    assert subprocess.run(check, cwd=dist, input=forged, check=False, capture_output=True, timeout=30).returncode != 0
