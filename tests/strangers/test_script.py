"""The second verifier, in Python's standard library alone: it agrees with ours, and no change passes it."""

import random
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.strangers.material import KEY, NOTE, OLD, export, head, receipt

SCRIPT = Path(__file__).parents[2] / "scripts" / "verify_trail.py"
MODULE: dict[str, Any] = runpy.run_path(str(SCRIPT))
verify_receipt: Callable[[str, str], str] = MODULE["verify_receipt"]
verify_export: Callable[[str, str, str | None], str] = MODULE["verify_export"]


def test_it_imports_nothing_but_the_standard_library_and_is_short() -> None:
    told = subprocess.run([sys.executable, "-I", "-S", SCRIPT], capture_output=True, text=True, timeout=60, check=False)
    assert (told.returncode, "KEY FILE" in told.stderr) == (1, True)
    lines = SCRIPT.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 100, "what an auditor is to read in one sitting"
    assert max(len(line) for line in lines) <= 120


@pytest.mark.parametrize("index", [0, 1, 20, 40, 41])
def test_it_agrees_on_receipts(index: int) -> None:
    assert verify_receipt(receipt(index), KEY).startswith(f"The receipt holds: entry {index} of 42.")


def test_it_agrees_on_an_export_and_on_an_older_checkpoint() -> None:
    assert verify_export(export(), KEY, OLD) == "The trail holds: 42 entries."
    with pytest.raises(ValueError, match="rewritten"):
        verify_export(export(), KEY, head(7, forked=True))


def test_an_export_whose_end_is_missing_refuses_in_a_sentence() -> None:
    lines = export().splitlines(keepends=True)
    for cut in (lines[:-1], lines[:-2], lines[:1]):
        with pytest.raises(ValueError, match="the end of the export is missing"):
            verify_export("".join(cut), KEY, None)


def test_it_refuses_each_change_of_a_receipt() -> None:
    refuses_changes(receipt(5), lambda text: verify_receipt(text, KEY), 30)


def test_it_refuses_each_change_of_an_export() -> None:
    refuses_changes(export(), lambda text: verify_export(text, KEY, None), 12)


def refuses_changes(text: str, verify: Callable[[str], object], count: int) -> None:
    draw = random.Random(42)  # noqa: S311 - a choice of places, not a secret
    for _ in range(count):
        at = draw.randrange(len(text) - 1)
        new = draw.choice([c for c in 'Aa0+/= \n\u2014{}"x' if c != text[at]])
        for changed in (text[:at] + new + text[at + 1 :], text[:at] + text[at + 1 :], text[:at] + new + text[at:]):
            if changed == text:
                continue
            with pytest.raises((ValueError, KeyError, TypeError, IndexError)):
                verify(changed)


def test_a_missing_a_moved_and_an_added_entry_are_refused() -> None:
    lines = export().splitlines(keepends=True)
    for changed in (lines[1:], [*lines[:4], *lines[5:]], [*lines[:-1], lines[-2], lines[-1]], [lines[-1]]):
        with pytest.raises(ValueError, match=r"one is missing|not those that were signed|Extra data|Expecting"):
            verify_export("".join(changed), KEY, None)


def test_its_ed25519_agrees_with_a_library() -> None:
    check: Callable[[bytes, bytes, bytes], None] = MODULE["check_signature"]
    for number in range(4):
        key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        public, signature = key.public_key().public_bytes_raw(), key.sign(bytes([number]))
        check(public, bytes([number]), signature)
        high = (int.from_bytes(signature[32:], "little") + MODULE["L"]).to_bytes(32, "little")
        for bad in (signature[:32] + high, bytes([signature[0] ^ 1]) + signature[1:], signature[:-1]):
            with pytest.raises(ValueError, match=r"verify|one form|point of the curve"):
                check(public, bytes([number]), bad)


def test_from_the_command_line_it_says_what_does_not_hold(tmp_path: Path) -> None:
    def run(text: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "file").write_text(text, encoding="utf-8", newline="")
        words = [sys.executable, "-I", str(SCRIPT), KEY, str(tmp_path / "file")]
        return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)

    assert run(receipt(3)).returncode == 0
    told = run(receipt(3).replace("index 3", "index 4"))
    assert (told.returncode, told.stderr) == (1, "It does NOT hold: the path leads elsewhere\n")
    assert run(NOTE).returncode == 1
