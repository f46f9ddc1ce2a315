"""The OpenAPI document says what is served, and no input that it describes, or that it does not, ends in a 500."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from ecluse.edge.http.bodies import BODIES
from ecluse.edge.http.openapi import document
from ecluse.passage.admit import DIALECTS
from tests.edge.proofs.world import World

DOCUMENT: Any = json.loads(document(DIALECTS, keeps=True))


def _read(result: Any) -> Any:
    return result.ok()


SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS: Any = {
    operation.label: operation for result in SCHEMA.get_all_operations() for operation in [_read(result)]
}
MODELS = (
    "auto",
    "mistral-medium-3.5",
    "claude-sonnet-4.6",
    "codestral-25.08",
    "smollm2-135m",
    "mistral-small-3.2",
    "bge-reranker-v2-m3",
    "whisper-large-v3",
    "voxtral-tts-26.03",
    "mistral-moderation-26.03",
)
HEALTH = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture)
FEW = settings(max_examples=4, deadline=None, suppress_health_check=HEALTH, phases=(Phase.generate,))
MANY = settings(FEW, max_examples=150)


@pytest.fixture(scope="module")
def asked(world: World) -> Iterator[tuple[str, requests.Session]]:
    with requests.Session() as session:
        session.trust_env = False
        session.headers["authorization"] = f"Bearer {world.key}"
        yield world.made.url, session


def test_each_path_that_is_served_has_its_body_and_no_other_has() -> None:
    posts = {path for path, item in json.loads(document(DIALECTS))["paths"].items() if "post" in item}
    assert posts == set(BODIES)
    assert not [path for dialect in DIALECTS.values() for path in dialect.refused if path in posts - set(BODIES)]


def test_a_call_that_takes_a_form_beside_json_says_so() -> None:
    content = DOCUMENT["paths"]["/v1/classify"]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "multipart/form-data"}
    fields = content["multipart/form-data"]["schema"]["properties"]
    assert {name.removesuffix("[]") for name in fields} == set(content["application/json"]["schema"]["properties"])


def test_the_described_form_is_taken_and_one_that_it_does_not_describe_refuses(
    asked: tuple[str, requests.Session],
) -> None:
    url, session = asked
    files = [("files[]", ("a.txt", b"IBAN FR7630004008210001234567849")), ("files[]", ("b.txt", b"rien"))]
    told = session.post(f"{url}/v1/classify", files=files, data={"with_text": "true"}, timeout=20).json()
    assert (told["classes"], len(told["files"])) == (["payment"], 2)
    strange = session.post(f"{url}/v1/classify", files=[("document", ("a.txt", b"rien"))], timeout=20)
    assert (strange.status_code, strange.json()["error"]["code"]) == (400, "invalid_request")
    assert "`text`, `texts`, `file` or `files`" in strange.json()["error"]["message"]


def test_the_document_needs_no_key(asked: tuple[str, requests.Session]) -> None:
    answer = httpx2.get(f"{asked[0]}/openapi.json", trust_env=False)
    assert answer.json() == DOCUMENT


def ask(url: str, session: requests.Session, case: Case[Any], model: str | None) -> None:
    if model is not None and isinstance(case.body, dict) and isinstance(case.body.get("model"), str):
        case.body["model"] = model
    with session.request(**case.as_transport_kwargs(base_url=url), timeout=20) as answer:
        assert answer.status_code != 500, answer.text
        if answer.status_code >= 400 and "json" in answer.headers.get("content-type", ""):
            assert answer.json().get("error", True)


def play(label: str, mode: GenerationMode, asked: tuple[str, requests.Session], bounds: settings) -> None:
    @bounds
    @given(case=OPERATIONS[label].as_strategy(generation_mode=mode), model=st.sampled_from([*MODELS, None]))
    def no_500(case: Case[Any], model: str | None) -> None:
        ask(*asked, case, model)

    no_500()


@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_no_described_input_ends_in_a_500(label: str, asked: tuple[str, requests.Session]) -> None:
    play(label, GenerationMode.POSITIVE, asked, FEW)


@pytest.mark.long
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_no_input_at_all_ends_in_a_500(label: str, mode: GenerationMode, asked: tuple[str, requests.Session]) -> None:
    if mode is GenerationMode.NEGATIVE and label.startswith("GET"):
        pytest.skip("a GET here takes nothing that could be wrong")
    play(label, mode, asked, MANY)
