"""Signed heads in the C2SP formats, read strictly."""

import base64
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.errors import VerificationFailed
from ecluse.domain.trail import Checkpoint
from ecluse.edge.keys import Ed25519Signer
from ecluse.passage.record.checkpoint import VerifierKey, key_of, parse_vkey, sign, text_of, verify, verify_note

VECTORS = tomllib.loads(Path(__file__).with_name("vectors.toml").read_text(encoding="utf-8"))
SIGNER = Ed25519Signer("ecluse.local/test", bytes(32))
OTHER = Ed25519Signer("ecluse.local/other", bytes([1]) * 32)
KEY = key_of(SIGNER)
HEAD = Checkpoint(origin=SIGNER.name, size=541, root=bytes(range(32)))
NOTE = sign(HEAD, SIGNER)


def signed(text: str, signer: Ed25519Signer = SIGNER) -> str:
    """Sign any text, as a note that is no checkpoint."""
    signature = base64.b64encode(key_of(signer).id + signer.sign(text.encode())).decode()
    return f"{text}\n\u2014 {signer.name} {signature}\n"


@pytest.mark.parametrize("case", VECTORS["note"], ids=lambda case: case["vkey"].split("+")[0])
def test_notes_that_others_published_verify(case: dict[str, str]) -> None:
    key = parse_vkey(case["vkey"])
    assert key.vkey == case["vkey"]
    assert case["note"].startswith(verify_note(case["note"], key))
    with pytest.raises(VerificationFailed):
        verify_note(case["note"].replace("is", "was", 1), key)


@given(st.integers(0, 10**18), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_that_was_signed_reads_back(size: int, root: bytes) -> None:
    head = Checkpoint(origin=SIGNER.name, size=size, root=root)
    assert verify(sign(head, SIGNER), KEY) == head


def test_a_checkpoint_is_written_as_c2sp_says() -> None:
    body, _, signature = NOTE.partition("\n\n")
    assert body == "ecluse.local/test\n541\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    assert signature.startswith(f"\u2014 ecluse.local/test {base64.b64encode(KEY.id).decode()[:5]}")
    assert text_of(HEAD) == body + "\n"


def test_a_witness_may_add_its_signature() -> None:
    theirs = signed(text_of(HEAD), OTHER).rpartition("\n\n")[2]
    assert verify(NOTE + theirs, KEY) == HEAD
    head, _, ours = NOTE.rpartition("\n\n")
    assert verify(f"{head}\n\n{theirs}{ours}", KEY) == HEAD


@given(st.data())
def test_checkpoint_refuses_any_changed_byte(data: st.DataObject) -> None:
    raw = bytearray(NOTE.encode())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(VerificationFailed):
        verify(raw.decode("utf-8", "replace"), KEY)


@pytest.mark.parametrize(
    "text",
    [
        "ecluse.local/test\n01\n" + "A" * 43 + "=\n",
        "ecluse.local/test\n-1\n" + "A" * 43 + "=\n",
        "ecluse.local/test\n\u0661\n" + "A" * 43 + "=\n",
        "ecluse.local/test\n1\n" + "A" * 43 + "\n",
        "ecluse.local/test\n1\n" + "A" * 42 + "B=\n",
        "ecluse.local/test\n1\n" + "A" * 44 + "\n",
        "ecluse.local/test\n1\n" + "A" * 43 + "=\nextension\n",
        "ecluse.local/test\n1\n",
        "ecluse.local/other\n1\n" + "A" * 43 + "=\n",
        "\n1\n" + "A" * 43 + "=\n",
    ],
    ids=ascii,
)
def test_checkpoint_refuses_another_form_even_when_it_is_signed(text: str) -> None:
    verify_note(signed(text), KEY)
    with pytest.raises(VerificationFailed):
        verify(signed(text), KEY)


@pytest.mark.parametrize(
    "note",
    [
        "",
        text_of(HEAD),
        text_of(HEAD) + "\n",
        NOTE[:-1],
        NOTE + "\n",
        NOTE + "more\n",
        NOTE.replace("\u2014", "-"),
        NOTE.replace("\n", "\r\n"),
        NOTE.replace("541", "5\x0041"),
        NOTE.replace("\u2014 ", "\u2014  "),
        NOTE.replace("ecluse.local/test ", "ecluse.local/te+st "),
        NOTE + "\u2014 x " + "A" * 70_000 + "\n",
        signed(text_of(HEAD), OTHER),
        NOTE.replace("=\n", "=x\n"),
        NOTE + NOTE.rpartition("\n\n")[2].replace("ecluse.local/test ", "ecluse.local/test\u00e9 ") + "\n",
    ],
    ids=lambda note: ascii(note[-30:]),
)
def test_note_refuses_what_is_not_signed_by_the_key(note: str) -> None:
    with pytest.raises(VerificationFailed):
        verify(note, KEY)


def test_note_refuses_a_second_signature_of_the_key_that_does_not_verify() -> None:
    false = base64.b64encode(KEY.id + bytes(64)).decode()
    with pytest.raises(VerificationFailed, match="does not verify"):
        verify(f"{NOTE}\u2014 {SIGNER.name} {false}\n", KEY)


def test_vkey_refuses_every_mangling() -> None:
    vkey = KEY.vkey
    assert parse_vkey(vkey) == KEY
    mangled = {vkey[:i] + chr(ord(vkey[i]) + 1) + vkey[i + 1 :] for i in range(len(vkey))}
    mangled |= {vkey[:i] for i in range(len(vkey))} | {vkey[i:] for i in range(1, len(vkey))}
    for text in mangled:
        with pytest.raises(VerificationFailed):
            parse_vkey(text)


def test_sign_refuses_the_checkpoint_of_another_log() -> None:
    with pytest.raises(ValueError, match="its own key"):
        sign(HEAD, OTHER)
    for wrong in (Checkpoint(origin="a b", size=1, root=bytes(32)), Checkpoint(origin="a", size=1, root=bytes(31))):
        with pytest.raises(ValueError, match="not a checkpoint"):
            text_of(wrong)


@pytest.mark.parametrize(("name", "length"), [("a b", 32), ("a+b", 32), ("", 32), ("a\x01", 32), ("a", 31)])
def test_a_verifier_key_refuses_another_form(name: str, length: int) -> None:
    with pytest.raises(ValueError, match=r"space|bytes"):
        VerifierKey(name=name, public=bytes(length))


GO_VERIFIER = """
package main

import (
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
)

func main() {
	text, _ := os.ReadFile(os.Args[1])
	key, err := note.NewVerifier(os.Args[2])
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	if _, err := note.Open(text, note.VerifierList(key)); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
"""
GO_SOURCES = Path("/usr/share/gocode")


@pytest.mark.skipif(
    shutil.which("go") is None or not (GO_SOURCES / "src/golang.org/x/mod").is_dir(),
    reason="no Go with golang.org/x/mod here (Debian: golang-go, golang-golang-x-mod-dev)",
)
def test_the_go_note_package_verifies_our_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "main.go").write_text(GO_VERIFIER, encoding="utf-8")
    (tmp_path / "note").write_text(NOTE, encoding="utf-8")
    go = shutil.which("go") or "go"
    environment = {
        "GO111MODULE": "off",
        "GOPATH": str(GO_SOURCES),
        "GOCACHE": str(tmp_path / "cache"),
        "PATH": "/usr/bin:/bin",
    }
    subprocess.run([go, "run", "main.go", "note", KEY.vkey], cwd=tmp_path, env=environment, check=True, timeout=120)
