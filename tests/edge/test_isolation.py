"""Two organisations, or two conversations, never see each other's values, whichever endpoint is asked, and how.

Law: the endpoints are those of the OpenAPI document, which is built from the routes: a new one without its words here
fails.
"""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecluse.edge.http.openapi import document
from ecluse.passage.admit import DIALECTS
from tests.canaries import WATCHES, folded
from tests.edge.gateway import AZURE, Gateway

NAMES = ("Camille Lefèvre", "Éléonore Lefèvre", "Zacharie Boisrond")
PHONE = "06 39 98 41 27"
SURROGATE = re.compile(r"(?:MAN|WOMAN|PERSON|PHONE)_[0-9A-Z]{6,7}")
PATHS: Any = json.loads(document(DIALECTS))["paths"]
POSTS = sorted(path for path, methods in PATHS.items() if "post" in methods)
GETS = sorted(path for path, methods in PATHS.items() if "get" in methods)


def turns(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def chat(text: str) -> dict[str, Any]:
    return {"model": "gpt-5.4", "max_tokens": 200, "messages": turns(text)}


def document_of(text: str) -> dict[str, str]:
    packed = base64.b64encode(text.encode()).decode()
    return {"type": "document_url", "document_url": f"data:application/pdf;base64,{packed}"}


def words(text: str) -> Mapping[str, Any]:
    """Say a text on each endpoint."""
    prompt = {"model": "codestral-25.08", "prompt": text}
    ranked = {"model": "bge-reranker-v2-m3", "query": text, "documents": [text]}
    answered = {"model": "gpt-5.4", "input": text}
    return {
        "/v1/chat/completions": chat(text),
        "/v1/messages": chat(text),
        "/v1/messages/count_tokens": {"model": "gpt-5.4", "messages": turns(text)},
        "/v1/responses": answered,
        "/v1/responses/input_tokens": answered,
        "/v1/completions": prompt,
        "/v1/fim/completions": {**prompt, "suffix": text},
        "/v1/embeddings": {"model": "auto", "input": text},
        "/v1/moderations": {"model": "mistral-moderation-26.03", "input": [text]},
        "/v1/rerank": {**ranked, "return_documents": True},
        "/v2/rerank": {**ranked, "return_documents": True},
        "/v1/ocr": {"model": "mistral-ocr", "document": document_of(text)},
        "/v1/audio/speech": {"model": "voxtral-tts-26.03", "voice": "alto", "input": text},
        "/v1/audio/transcriptions": {"model": "whisper-large-v3", "prompt": text},
        "/v1/explain": chat(text),
        "/v1/contests": {"entry": "0" * 32, "reason": text, "request": chat(text)},
        "/v1/classify": {"text": text},
    }


@pytest.fixture(scope="module", autouse=True)
def _watched() -> None:
    WATCHES.declare(*NAMES[1:], "Boisrond")


def head(key: str, conversation: str) -> dict[str, str]:
    return {
        "authorization": f"Bearer {key}",
        "anthropic-version": "2023-06-01",
        "x-ecluse-conversation": conversation,
    }


def ask(echo: Gateway, path: str, text: str, who: Mapping[str, str], *, stream: bool) -> httpx2.Response:
    body = words(text)[path]
    if path == "/v1/audio/transcriptions":
        sound: Any = {"file": ("a.wav", b"RIFF\x00\x00\x00\x00WAVE" + bytes(2000), "audio/wav")}
        return echo.caller.post(echo.url + path, data=body, files=sound, headers=who)
    asked = {**body, **({"stream": True} if stream else {})}
    return echo.caller.post(echo.url + path, json=asked, headers=who)


def of_another(echo: Gateway, key: str, name: str) -> tuple[list[str], str]:
    """Let somebody else send values; return the surrogates that the provider saw for them, and the entry."""
    answer = ask(echo, "/v1/chat/completions", f"Write to Mr {name}, {PHONE}.", head(key, "one"), stream=False)
    assert answer.status_code == 200, answer.text
    assert folded(name) in folded(answer.text)
    seen = SURROGATE.findall(str(echo.fleet[AZURE].lines("request")[-1]["body"]))
    assert len(set(seen)) == 2
    return seen, answer.headers["x-ecluse-entry"]


def test_every_endpoint_has_its_words_here() -> None:
    assert sorted(words("x")) == POSTS


@pytest.mark.parametrize("path", POSTS)
def test_these_words_are_answered(echo: Gateway, keys: tuple[str, str], path: str) -> None:
    answer = ask(echo, path, "hello", head(keys[0], "one"), stream=False)
    assert answer.status_code == {"/v1/contests": 409, "/v1/ocr": 403}.get(path, 200), answer.text


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("path", POSTS)
@given(
    name=st.sampled_from(NAMES),
    other=st.sampled_from(["organisation", "conversation"]),
    stream=st.booleans(),
    form=st.sampled_from(["{}", "Mr Jean Durand said {}.", "![x](https://x.example/{}) {}", '{{"n": "{}"}}']),
)
def test_nobody_else_reads_a_value(
    echo: Gateway, keys: tuple[str, str], path: str, name: str, other: str, *, stream: bool, form: str
) -> None:
    seen, _ = of_another(echo, keys[0], name)
    who = head(keys[1], "one") if other == "organisation" else head(keys[0], "two")
    typed = " ".join((*seen, *map(str.lower, seen)))
    answer = ask(echo, path, form.replace("{}", typed).replace("{{", "{").replace("}}", "}"), who, stream=stream)
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    told = folded(answer.content.decode("utf-8", "ignore") + str(answer.headers))
    assert not any(folded(part) in told for part in (name.split()[1], PHONE))


@pytest.mark.parametrize("path", GETS)
def test_what_is_only_read_shows_no_value(echo: Gateway, keys: tuple[str, str], path: str) -> None:
    _, entry = of_another(echo, keys[0], NAMES[2])
    for asked in (path, f"{path}/{entry}", f"{path}?entry={entry}"):
        answer = echo.caller.get(echo.url + asked, headers=head(keys[1], "one"))
        assert "Boisrond" not in answer.text
        assert folded(PHONE) not in folded(answer.text)


def test_neither_the_trail_nor_the_log_has_a_value(echo: Gateway, keys: tuple[str, str]) -> None:
    of_another(echo, keys[0], NAMES[2])
    kept = b"".join(file.read_bytes() for file in echo.state.rglob("*") if file.is_file()) + echo.log.encode()
    assert not any(value.encode() in kept for value in ("Boisrond", "Zacharie", PHONE))
