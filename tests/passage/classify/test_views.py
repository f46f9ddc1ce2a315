"""What hides a value, undone; and what cannot be undone, said so."""

import base64
import json
import time
import tomllib
from pathlib import Path
from urllib.parse import quote

import pytest

from ecluse.passage.classify import Engine
from ecluse.passage.classify.normalise import read
from ecluse.passage.classify.views import TRIGGERS, is_long_data_url, view

URL, BASE64, SPACED, ESCAPED, QUOTED = range(len(TRIGGERS))
FIXTURES = Path(__file__).parents[2] / "recognisers"
BINARY = base64.b64encode(bytes(range(256)) * 12).decode()
MAIL = base64.b64encode(b"marie.dubois@orange.fr").decode()


def undone(trigger: int, text: str) -> str:
    reading = view(trigger, read(text)).reading
    assert reading is not None
    return reading.text


@pytest.mark.parametrize(
    ("trigger", "hidden", "shown"),
    [
        (URL, "q=marie%2Edubois%40orange.fr", "q=marie.dubois@orange.fr"),
        (URL, quote("Élise à 06", safe=""), "Elise a 06"),
        (URL, "100%25 de %FF", "100% de \x7f"),
        (BASE64, f"voici {MAIL} fin", "voici marie.dubois@orange.fr fin"),
        (BASE64, base64.urlsafe_b64encode("né à Lyon, ça va".encode()).decode(), "ne a Lyon, ca va"),
        (BASE64, f"{MAIL}\n{MAIL}", "marie.dubois@orange.fr\nmarie.dubois@orange.fr"),
        (BASE64, "hex : " + "né à Lyon, ça va".encode().hex(), "hex : ne a Lyon, ca va"),
        (SPACED, "le 0 6 1 2 3 4 5 6 7 8, oui", "le 0612345678, oui"),
        (SPACED, "M a r i e D u b o i s", "Marie Dubois"),
    ],
)
def test_an_encoding_is_undone(trigger: int, hidden: str, shown: str) -> None:
    assert undone(trigger, hidden) == shown


def test_what_was_hidden_leads_back_to_where_it_was() -> None:
    text = f"é {MAIL} fin"
    reading = view(BASE64, read(text)).reading
    assert reading is not None
    at = reading.text.index("marie")
    start, end = reading.original(at, at + 5)
    assert text[start:end] == MAIL


@pytest.mark.parametrize("text", ["internationalisation", "un/chemin/vers/quelque/part", "deadbeefdeadbeefdeadbeef"])
def test_words_are_no_hidden_text(text: str) -> None:
    assert view(BASE64, read(text)) == (None, False)


def test_a_long_run_that_hides_no_text_is_unreadable() -> None:
    assert view(BASE64, read(f"image {BINARY}")).unreadable
    assert view(BASE64, read("\n".join(BINARY[i : i + 76] for i in range(0, len(BINARY), 76)))).unreadable


@pytest.mark.parametrize("before", ["-----BEGIN CERTIFICATE-----\n", "-----BEGIN PUBLIC KEY-----\n", "ssh-rsa "])
def test_what_is_public_by_design_is_not_unreadable(before: str) -> None:
    assert not view(BASE64, read(before + BINARY)).unreadable


def test_a_list_of_hashes_is_no_file() -> None:
    hashes = "\n".join(f"{n:064x}" for n in range(1 << 255, (1 << 255) + 40))
    assert not view(BASE64, read(hashes)).unreadable


def test_a_data_url_is_a_file_only_when_nothing_else_stands_there() -> None:
    url = f"data:image/png;base64,{BINARY}"
    assert is_long_data_url(url)
    assert not is_long_data_url(f"{url} et M. Dupont")
    assert not is_long_data_url("data: " + "M. Dupont, né le 12 mars 1980. " * 60)
    assert not is_long_data_url("data:image/png;base64,AAAA")


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        (json.dumps("Mme Hélène Lefèvre"), '"Mme Helene Lefevre"'),
        (json.dumps(json.dumps("Hélène")), '""Helene""'),
        ("H&eacute;l&egrave;ne&#64;chu&#x2e;fr", "Helene@chu.fr"),
        (r"tel\n0612345678", "tel\n0612345678"),
        (json.dumps("\U0001d413"), '"T"'),
    ],
)
def test_escapes_of_json_and_html_are_read(hidden: str, shown: str) -> None:
    assert undone(ESCAPED, hidden) == shown


def test_a_json_string_begins_a_line() -> None:
    assert undone(QUOTED, '{"m": "SECRET"}') == "{\nm\n: \nSECRET\n}"


def test_what_is_found_in_a_text_is_found_in_its_json(detector: Engine) -> None:
    for fixture in sorted(FIXTURES.glob("*.toml")):
        for case in tomllib.loads(fixture.read_text(encoding="utf-8"))["finds"]:
            text = case["text"]
            kinds = {claim.recogniser.kind for claim in detector.search(text)}
            for escaped in (json.dumps(text), json.dumps({"m": text}), json.dumps(json.dumps(text))):
                assert kinds <= {claim.recogniser.kind for claim in detector.search(escaped)}, (fixture.name, escaped)


@pytest.mark.parametrize("text", ["-" * 100_000, "_" * 50_000 + "-" * 50_000, ("-" * 40_000 + "\n") * 3])
def test_a_rule_of_dashes_costs_no_square_of_its_length(text: str) -> None:
    begun = time.process_time()
    assert view(BASE64, read(text)).reading is None
    assert time.process_time() - begun < 2
