"""The search for values at the simulators can fail: whatever way a value takes, it is seen."""

import base64
import json
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest

from simulators.fleet import running
from simulators.simulator import LISTENERS
from tests.canaries import CANARIES, WATCHES, Watches, seen
from tests.edge.gateway import AZURE, SCALEWAY, plans, wire_models

ROOT = Path(__file__).parents[1]
NAME = "Camille Lefèvre"
WAYS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "capitals": str.upper,
    "without accents": lambda t: unicodedata.normalize("NFD", t).encode("ascii", "ignore").decode(),
    "decomposed": lambda t: unicodedata.normalize("NFD", t),
    "spaced": " ".join,
    "wide": lambda t: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in t),
    "percent-encoded twice": lambda t: quote(quote(t)),
    "escapes of JSON": json.dumps,
    "entities": lambda t: t.encode("ascii", "xmlcharrefreplace").decode(),
    "base64": lambda t: base64.b64encode(t.encode()).decode(),
    "hexadecimal": lambda t: t.encode().hex(),
}


def said(*texts: str, **more: object) -> dict[str, object]:
    messages = [{"role": "user", "content": text} for text in texts]
    return {"event": "request", "body": json.dumps({"messages": messages, **more})}


@pytest.mark.parametrize("way", WAYS)
def test_a_value_is_seen_however_it_is_spelt(way: str) -> None:
    assert "Lefèvre" in seen(said(f"copie : {WAYS[way](NAME)}, merci"), CANARIES)


@pytest.mark.parametrize("at", [3, 9, 12])
def test_a_value_is_seen_that_is_split_over_messages(at: int) -> None:
    assert NAME in seen(said("note", NAME[:at], NAME[at:]), [NAME])


def test_a_value_is_seen_beside_the_messages_and_in_a_header() -> None:
    assert seen(said("x", metadata={"who": "LEFEVRE"}), CANARIES) == ["Lefèvre"]
    assert seen({"event": "request", "body": "", "headers": {"x-user": "lefevre"}}, CANARIES) == ["Lefèvre"]


def test_what_shows_no_value_is_none() -> None:
    assert seen(said("Write to PERSON_7K2Q9F, 06 39 98 41 28, about the fevre", "le"), CANARIES) == []


def test_a_simulator_that_was_sent_a_value_fails_the_test_that_sent_it(monkeypatch: pytest.MonkeyPatch) -> None:
    watches = Watches()
    watches.declare("Zoé Ly")
    monkeypatch.setattr("simulators.simulator.LISTENERS", [watches.hear])
    with running(plans([AZURE, SCALEWAY])) as fleet:
        for name in (SCALEWAY, AZURE):
            body = {"model": wire_models(name)[0], "messages": [{"role": "user", "content": "zoe ly"}]}
            httpx2.post(f"{fleet[name].base_url}/chat/completions", json=body, trust_env=False, timeout=10)
            if name == SCALEWAY:  # the rules open it to personal data as they are
                watches.search()
    with pytest.raises(AssertionError, match="Zoé Ly at azure"):
        watches.search()
    watches.search()


PLANTED = """
from simulators.simulator import LISTENERS, Plan

def test_planted():
    plan = Plan(name="azure/global/gpt-5.4", kind="azure", key="k", models=frozenset())
    for listen in LISTENERS:
        listen(plan, {"event": "request", "body": "bonjour Mme LEFEVRE"})
"""


def test_any_test_whose_simulator_sees_a_value_fails(tmp_path: Path) -> None:
    planted = tmp_path / "test_planted.py"
    planted.write_text(PLANTED, encoding="utf-8")
    asked = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*asked, "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), str(planted)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 passed, 1 error" in done.stdout
    assert "Lefèvre at azure" in done.stdout


def test_every_test_is_watched() -> None:
    assert set(CANARIES) <= WATCHES.canaries
    assert WATCHES.hear in LISTENERS
