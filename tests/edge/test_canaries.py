"""The search for values at the simulators can fail: whatever way a value takes, it is seen."""

import base64
import json
import unicodedata
from collections.abc import Callable
from urllib.parse import quote

import httpx2
import pytest

from simulators.fleet import running
from tests.edge.canaries import CANARIES, WATCHES, Watch, Watches, seen
from tests.edge.gateway import AS_IS_NEVER, AZURE, plans, wire_models

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


def test_a_simulator_that_was_sent_a_value_fails_the_test_that_sent_it() -> None:
    watches = Watches()
    watches.declare("Zoé Ly")
    with running(plans([AZURE])) as fleet:
        watch = Watch(fleet, [AZURE])
        watches.enter(watch)
        watches.search()
        body = {"model": wire_models(AZURE)[0], "messages": [{"role": "user", "content": "zoe ly"}]}
        httpx2.post(f"{fleet[AZURE].base_url}/chat/completions", json=body, trust_env=False, timeout=10)
        with pytest.raises(AssertionError, match="Zoé Ly"):
            watches.search()
        watches.search()
        httpx2.post(f"{fleet[AZURE].base_url}/chat/completions", json=body, trust_env=False, timeout=10)
        with pytest.raises(AssertionError, match="Zoé Ly"):
            watches.leave(watch)


def test_every_gateway_of_these_tests_is_watched() -> None:
    assert set(CANARIES) <= WATCHES.canaries
    assert AZURE in AS_IS_NEVER
