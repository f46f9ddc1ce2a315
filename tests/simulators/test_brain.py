"""Who answers behind a simulator, and what happens when nobody does."""

import ast
import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

import simulators
from simulators.brain import Brain, Canned, Echo, Ending, LocalModel, Question, example, plain
from simulators.fleet import running
from simulators.simulator import Plan
from tests.simulators.conftest import MODEL

CANARY = "the canary sings at noon"
PLAN = Plan(name="one", kind="mistral", key="key", models=frozenset({MODEL}))
BODY = {"model": MODEL, "messages": [{"role": "user", "content": CANARY}]}


def pieces(brain: Brain, question: Question) -> list[str | Ending]:
    async def listen() -> list[str | Ending]:
        return [piece async for piece in brain.answer(question)]

    return asyncio.run(listen())


def test_canned_words_repeat_nothing_of_the_prompt() -> None:
    *words, _ = pieces(Canned(), Question(messages=[{"role": "user", "content": CANARY}]))
    said = "".join(str(word) for word in words)
    assert not set(CANARY.split()) & set(said.lower().split()) - {"the", "at"}


def test_an_echo_repeats_in_small_pieces() -> None:
    *words, ending = pieces(Echo(size=4), Question(messages=[{"role": "user", "content": CANARY}]))
    assert "".join(str(word) for word in words) == CANARY
    assert max(len(str(word)) for word in words) == 4
    assert isinstance(ending, Ending)


def test_an_echo_repeats_inside_a_tools_arguments() -> None:
    tool: dict[str, Any] = {"name": "send", "parameters": {}}
    *words, _ = pieces(Echo(), Question(messages=[{"role": "user", "content": CANARY}], tool=tool))
    assert json.loads("".join(str(word) for word in words)) == {"text": CANARY}


def test_a_text_in_parts_is_read_whole() -> None:
    assert plain([{"type": "text", "text": "a"}, {"type": "image_url"}, {"type": "text", "text": "b"}]) == "a\nb"


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (
            {"type": "object", "properties": {"a": {"type": "string"}, "b": {"enum": ["x", "y"]}}},
            {"a": "example", "b": "x"},
        ),
        ({"type": "array"}, []),
        (None, {}),
    ],
)
def test_an_example_fits_its_schema(schema: Any, value: Any) -> None:
    assert example(schema) == value


@pytest.mark.parametrize("stream", [False, True])
def test_a_model_that_does_not_answer_is_the_providers_failure(stream: Any, http: httpx2.Client) -> None:
    with running([PLAN], LocalModel("http://127.0.0.1:1")) as fleet:
        response = http.post(
            fleet["one"].base_url + "/chat/completions",
            headers={"authorization": "Bearer key"},
            json={**BODY, "stream": stream},
        )
    assert response.status_code == (200 if stream else 500)
    assert "the local model did not answer" in response.text
    assert "[DONE]" not in response.text


def test_simulators_share_no_code_with_ecluse() -> None:
    folder = Path(simulators.__file__ or "").parent
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] == "ecluse"], file
