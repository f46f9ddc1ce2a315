"""The REST interface of Presidio: its shapes, its places in code points, and what is refused."""

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any

import pytest

from ecluse.api import detector
from ecluse.domain.errors import CallerError
from ecluse.domain.finding import DataClass
from ecluse.edge.presidio.anonymize import Asked, Operator, Result, anonymize
from ecluse.edge.presidio.door import Door
from ecluse.passage.classify import Entry, OwnDetector, built_in

TEXT = "\N{SNOWMAN}\U0001f600 IBAN FR7630004008210001234567849, tél. 06 39 98 41 27"


@pytest.fixture(scope="module")
def door() -> Door:
    return Door(detector(tagger=False), list(built_in().values()))


def call(door: Door, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    sent: list[MutableMapping[str, Any]] = []
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(door({"type": "http", "method": method, "path": path, "headers": []}, receive, send))
    text = sent[1]["body"]
    return sent[0]["status"], text if path == "/health" else json.loads(text)


def test_entities_have_presidios_names_and_places_in_code_points(door: Door) -> None:
    status, found = call(door, "POST", "/analyze", {"text": TEXT, "language": "fr"})
    assert status == 200
    assert {(one["entity_type"], TEXT[one["start"] : one["end"]]) for one in found} == {
        ("IBAN_CODE", "FR7630004008210001234567849"),
        ("PHONE_NUMBER", "06 39 98 41 27"),
    }
    assert all(one["analysis_explanation"] is None for one in found)


def test_entities_scores_and_values_narrow_what_is_told(door: Door) -> None:
    asked = {"text": TEXT, "language": "fr"}
    assert [one["entity_type"] for one in call(door, "POST", "/analyze", asked | {"entities": ["IBAN_CODE"]})[1]] == [
        "IBAN_CODE"
    ]
    assert call(door, "POST", "/analyze", asked | {"score_threshold": 1.0})[1] == []
    told = call(door, "POST", "/analyze", asked | {"allow_list": ["06 39 98 41 27"]})[1]
    assert [one["entity_type"] for one in told] == ["IBAN_CODE"]
    assert len(call(door, "POST", "/analyze", asked | {"text": [TEXT, "rien"]})[1]) == 2


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/analyze", {"language": "fr"}, 400),
        ("/analyze", b"{", 400),
        ("/analyze", {"text": "x", "language": "fr", "ad_hoc_recognizers": [{}]}, 400),
        ("/analyze", {"text": "x", "language": "fr", "entities": ["CRYPTO", "UUID"]}, 400),
        ("/analyze", {"text": "x" * (2**20 + 1), "language": "fr"}, 413),
        ("/anonymize", {"text": "abc", "analyzer_results": [{"start": 1, "end": 9, "entity_type": "A"}]}, 400),
        (
            "/anonymize",
            {
                "text": "abc",
                "anonymizers": {"DEFAULT": {"type": "encrypt", "key": "k"}},
                "analyzer_results": [{"start": 0, "end": 1, "entity_type": "A"}],
            },
            400,
        ),
        ("/nothing", {}, 404),
    ],
)
def test_a_bad_body_refuses_and_says_why_without_its_text(door: Door, path: str, body: Any, status: int) -> None:
    got, told = call(door, "POST", path, body)
    assert got == status
    assert told["error"]


def test_an_answer_has_the_keys_and_types_of_presidios(door: Door) -> None:
    """As `presidio-analyzer` and `presidio-anonymizer` 2.2.366 write them."""
    [plain, _] = call(door, "POST", "/analyze", {"text": TEXT, "language": "fr"})[1]
    assert {key: type(value) for key, value in plain.items()} == {
        "analysis_explanation": type(None),
        "end": int,
        "entity_type": str,
        "score": float,
        "start": int,
    }
    [told, _] = call(door, "POST", "/analyze", {"text": TEXT, "language": "fr", "return_decision_process": True})[1]
    assert set(told["analysis_explanation"]) == {
        "original_score", "pattern", "pattern_name", "recognizer", "regex_flags", "score", "score_context_improvement",
        "supportive_context_word", "textual_explanation", "validation_result",
    }  # fmt: skip
    done = call(door, "POST", "/anonymize", {"text": TEXT, "analyzer_results": [plain]})[1]
    assert set(done) == {"text", "items"}
    assert set(done["items"][0]) == {"start", "end", "entity_type", "text", "operator", "score"}


def test_what_cannot_be_read_is_told_whole_whatever_entities_were_asked_for(door: Door) -> None:
    text = "data:image/png;base64," + "iVBORw0KGgo" * 400
    told = call(door, "POST", "/analyze", {"text": text, "language": "fr", "entities": ["PERSON"]})[1]
    assert [(one["entity_type"], one["start"], one["end"]) for one in told] == [("UNREADABLE", 0, len(text))]


def test_a_search_that_takes_too_long_refuses(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecluse.edge.presidio.analyze.DEADLINE", -1.0)
    assert call(door, "POST", "/analyze", {"text": TEXT, "language": "fr"})[0] == 503


def test_what_there_is_is_told(door: Door) -> None:
    assert call(door, "GET", "/health")[0] == 200
    assert {"PERSON", "IBAN_CODE", "FR_NIR", "ES_NIF"} <= set(call(door, "GET", "/supportedentities")[1])
    assert "nir" in call(door, "GET", "/recognizers")[1]
    assert call(door, "POST", "/recognizers")[0] == 405


def test_each_operator_does_what_it_says() -> None:
    def put(**operator: Any) -> str:
        asked = Asked(
            text="tel 0639984127.",
            analyzer_results=[Result(start=4, end=14, entity_type="PHONE_NUMBER")],
            anonymizers={"PHONE_NUMBER": Operator(**operator)},
        )
        return str(anonymize(asked)["text"])

    assert put() == "tel <PHONE_NUMBER>."
    assert put(type="replace", new_value="X") == "tel X."
    assert put(type="redact") == "tel ."
    assert put(type="keep") == "tel 0639984127."
    assert put(type="mask", chars_to_mask=4, from_end=True) == "tel 063998****."
    assert put(type="mask", masking_char="#", chars_to_mask=2) == "tel ##39984127."
    assert put(type="hash", salt="s") == put(type="hash", salt="s") != put(type="hash")
    with pytest.raises(CallerError, match="hash_type"):
        put(type="hash", hash_type="md5")


def test_overlapping_spans_leave_nothing_uncovered_and_items_are_placed() -> None:
    results = [Result(start=0, end=4, entity_type="A", score=1), Result(start=2, end=6, entity_type="B", score=1)]
    done = anonymize(Asked(text="abcdefgh", analyzer_results=results))
    assert done["text"] == "<A><B>gh"
    items: Any = done["items"]
    assert [(one["start"], one["end"], one["text"]) for one in items] == [(3, 6, "<B>"), (0, 3, "<A>")]


def test_an_organisations_own_entries_are_told_beside() -> None:
    entry = Entry(name="projects", kind="project_name", data_class=DataClass.TRADE_SECRET, words=("Aigue-Marine",))
    shipped = detector(tagger=False)
    door = Door(shipped, list(built_in().values()), OwnDetector(shipped, (entry,)))
    asked = {"text": f"Aigue-Marine, {TEXT}", "language": "fr", "return_decision_process": True}
    status, found = call(door, "POST", "/analyze", asked)
    assert status == 200
    assert {one["entity_type"] for one in found} == {"PROJECT_NAME", "IBAN_CODE", "PHONE_NUMBER"}
    [own] = [one for one in found if one["entity_type"] == "PROJECT_NAME"]
    assert (own["start"], own["end"], own["analysis_explanation"]["recognizer"]) == (0, 12, "own:projects")
    assert "PROJECT_NAME" in call(door, "GET", "/supportedentities")[1]


def test_what_is_wrong_is_said_once(door: Door) -> None:
    status, told = call(door, "POST", "/analyze", {"text": "x"})
    assert (status, told["error"].count("`language`")) == (400, 1)
