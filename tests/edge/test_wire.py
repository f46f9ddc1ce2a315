"""What a gateway gets wrong on the wire when nobody looks, by official clients and by raw bytes."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from anthropic import Anthropic
from openai import OpenAI

from ecluse.edge.stores.reader import TrailReader
from ecluse.passage.record import parse
from simulators.faults import Fault, FaultKind
from simulators.provider import Provider
from tests.edge.gateway import AZURE, CLAUDE, CODESTRAL, OWN, SCALEWAY, SMALL, WHISPER, Gateway
from tests.edge.proofs.world import QUESTION, World
from tests.edge.test_masked_wire import LETTER, VALUES

SECRET = "Mme Durand"


@pytest.fixture
def client(world: World) -> Iterator[OpenAI]:
    with world.openai() as made:
        yield made
    for name in world.made.fleet:
        world.made.fleet.fault(name, None)


@pytest.fixture
def claude(world: World) -> Iterator[Anthropic]:
    with world.anthropic() as made:
        yield made


def provider(made: Gateway, name: str) -> Provider:
    return made.fleet[name].simulator.provider


def last(made: Gateway, name: str) -> Any:
    return made.fleet[name].lines("request")[-1]


# ------------------------------------------------------------------ Responses where the provider has none
@pytest.mark.parametrize(
    ("model", "name", "path"),
    [
        ("gpt-5.4", AZURE, "/openai/v1/chat/completions"),
        ("claude-sonnet-4.6", CLAUDE, "/v1/messages"),
        ("codestral-25.08", CODESTRAL, "/v1/chat/completions"),
    ],
)
def test_a_response_is_asked_of_each_destination_by_the_path_that_it_has(
    world: World, client: OpenAI, model: str, name: str, path: str
) -> None:
    assert client.responses.create(model=model, input="x").output_text
    assert last(world.made, name)["path"] == path


# ------------------------------------------------------------------ errors in the caller's format
MISTRAL = {"object": "error", "type": "invalid_request_message_order", "param": None, "raw_status_code": 400}
SHAPES: dict[str, tuple[int, dict[str, Any]]] = {
    "mistral": (400, {**MISTRAL, "message": f"Tool call id was {SECRET}", "code": "3280"}),
    "fastapi": (422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "x"], "msg": "m", "input": SECRET}]}),
}


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_an_error_of_mistrals_reaches_each_caller_in_its_own_shape_without_its_words(
    world: World, client: OpenAI, claude: Anthropic, monkeypatch: pytest.MonkeyPatch, shape: str
) -> None:
    status, body = SHAPES[shape]
    monkeypatch.setattr(provider(world.made, CODESTRAL), "error", lambda *_: body)
    world.made.fleet.fault(CODESTRAL, Fault(kind=FaultKind.STATUS, status=status))
    asked: Any = {"model": "codestral-25.08", "messages": QUESTION}
    with pytest.raises(openai.APIStatusError) as chat:
        client.chat.completions.create(**asked)
    with pytest.raises(openai.APIStatusError) as response:
        client.responses.create(model="codestral-25.08", input="x")
    with pytest.raises(anthropic.APIStatusError) as messages:
        claude.messages.create(**asked, max_tokens=9)
    for failed in (chat.value, response.value):
        error = json.loads(failed.response.content)["error"]
        assert (failed.code, set(error) >= {"message", "type", "param", "code"}) == ("upstream_rejected", True)
    theirs = json.loads(messages.value.response.content)
    assert theirs["type"] == "error"
    assert set(theirs["error"]) >= {"type", "message"}
    assert {one.status_code for one in (chat.value, response.value, messages.value)} == {400}
    assert SECRET not in chat.value.response.text + response.value.response.text + messages.value.response.text
    assert SECRET not in world.made.log


def test_a_refusal_of_the_rules_is_none_that_a_client_tries_again(world: World) -> None:
    key = world.made.key("crisis")
    heard: list[str] = []
    http = httpx2.Client(trust_env=False, timeout=20, event_hooks={"request": [lambda r: heard.append(str(r.url))]})
    with (
        http,
        world.made.client(key) as plain,
        Anthropic(api_key=key, base_url=world.made.url, http_client=http) as claude,
    ):
        with pytest.raises(openai.PermissionDeniedError) as chat:
            plain.copy(http_client=http, max_retries=2).chat.completions.create(model="gpt-5.4", messages=QUESTION)
        with pytest.raises(openai.PermissionDeniedError):
            plain.copy(http_client=http, max_retries=2).responses.create(model="gpt-5.4", input="x")
        with pytest.raises(anthropic.PermissionDeniedError) as messages:
            claude.messages.create(model="gpt-5.4", messages=QUESTION, max_tokens=9)
    assert len(heard) == 3
    for refused in (chat.value, messages.value):
        assert "retry-after" not in refused.response.headers
        assert json.loads(refused.response.content)["error"]["reasons"][0]["rule"]


# ------------------------------------------------------------------ headers
HOPS = {
    "cookie": "session=c1",
    "proxy-authorization": "Basic eDp5",
    "te": "trailers",
    "x-forwarded-for": "192.0.2.7",
    "forwarded": "for=192.0.2.7",
    "origin": "https://app.example",
    "referer": "https://app.example/mme-durand",
    "idempotency-key": "k1",
    "openai-organization": "org-1",
    "anthropic-beta": "context-1m-2025-08-07",
    "user-agent": "a-person/1.0",
    "x-stainless-os": "Linux",
}


def test_no_header_of_the_caller_leaves(world: World) -> None:
    answer = world.made.caller.post(
        f"{world.made.url}/v1/chat/completions",
        json={"model": "gpt-5.4", "messages": QUESTION},
        headers={"authorization": f"Bearer {world.key}", **HOPS},
    )
    assert answer.status_code == 200
    sent = last(world.made, AZURE)["headers"]
    assert sent.keys() <= {"host", "content-type", "content-length", "accept", "x-request-id", "api-key", "user-agent"}
    assert not {str(value) for value in sent.values()} & set(HOPS.values())
    assert sent["user-agent"] == "ecluse"


def test_no_header_of_the_provider_comes_back_but_the_place_is_in_the_trail(
    world: World, client: OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {
        "set-cookie": "a=b",
        "x-ms-region": "France Central",
        "access-control-allow-origin": "*",
        "openai-organization": "org-of-ours",
        "x-envoy-upstream-service-time": "7",
        "location": "https://elsewhere.test/",
    }
    monkeypatch.setattr(provider(world.made, AZURE), "headers", lambda: said)
    for stream in (False, True):
        raw = client.chat.completions.with_raw_response.create(model="gpt-5.4", messages=QUESTION, stream=stream)
        heard = {name.lower() for name in raw.headers}
        assert not heard & set(said)
        assert {name for name in heard if not name.startswith("x-ecluse-")} <= {
            "content-type",
            "content-length",
            "transfer-encoding",
            "date",
            "cache-control",
            "x-accel-buffering",
            "server",
        }
    with closing(TrailReader.open(world.made.state / "trail.db")) as trail:
        told = [parse(entry).body.get("upstream_region") for _, entry, _ in trail.rows(0, trail.size())]
    assert told.count("France Central") >= 1


# ------------------------------------------------------------------ large and odd bodies
def test_a_large_picture_leaves_as_it_came_and_is_not_searched(world: World, client: OpenAI) -> None:
    data = base64.b64encode(bytes(range(256)) * 16_384).decode()
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}
    asked: Any = [{"role": "user", "content": [{"type": "text", "text": "What is on it?"}, picture]}]
    began = time.monotonic()
    assert client.chat.completions.create(model="mistral-small-3.2", messages=asked).choices[0].message.content
    spent = time.monotonic() - began
    assert json.loads(str(last(world.made, SMALL)["body"]))["messages"][-1]["content"][-1] == picture
    assert spent < 8.0, "four megabytes of a picture are handed on, not read"


def test_a_sound_that_holds_what_looks_like_the_end_of_its_form_leaves_whole(world: World, client: OpenAI) -> None:
    sound = b"RIFF" + b"\r\n--b--\r\n\r\n--\r\nContent-Disposition: form-data\r\n\r\n" * 9 + b"WAVE\r\n"
    told = client.audio.transcriptions.create(model="whisper-large-v3", file=("a.wav", sound, "audio/wav"))
    assert told.text
    assert sound.decode() in str(last(world.made, WHISPER)["body"])


# ------------------------------------------------------------------ options that a provider's own pages exclude
def body_at(made: Gateway, name: str) -> Any:
    return json.loads(str(last(made, name)["body"]))


def test_a_model_that_reasons_refuses_to_sample_and_says_with_what(world: World, client: OpenAI) -> None:
    asked: Any = {"model": "gpt-5.4", "messages": QUESTION}
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(**asked, temperature=0.2, reasoning_effort="high")
    assert (refused.value.code, refused.value.param) == ("unsupported_field", "temperature")
    assert "not with reasoning_effort" in refused.value.message
    assert client.chat.completions.create(**asked, temperature=0.2).choices
    assert body_at(world.made, AZURE)["temperature"] == 0.2
    assert client.chat.completions.create(**asked, temperature=1, reasoning_effort="high").choices
    assert "temperature" not in body_at(world.made, AZURE)
    assert client.responses.create(model="gpt-5.4", input="x", reasoning={"effort": "low"}, top_p=1).output_text
    assert "top_p" not in body_at(world.made, AZURE)


def test_what_scaleway_lists_as_unsupported_goes_elsewhere_or_refuses_by_name(world: World, client: OpenAI) -> None:
    asked: Any = {"model": "mistral-medium-3.5", "messages": QUESTION}
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(**asked, n=2)
    assert (refused.value.code, refused.value.param) == ("unsupported_field", "n")
    assert client.chat.completions.create(**asked, user="u-1").choices
    assert "user" not in body_at(world.made, SCALEWAY)
    raw = client.chat.completions.with_raw_response.create(**{**asked, "model": "auto"}, n=2)
    assert raw.headers["x-ecluse-destination"] != SCALEWAY
    assert len(raw.parse().choices) == 2


# ------------------------------------------------------------------ each copy of a text, each of several answers
def test_each_copy_of_a_streamed_response_is_restored_alike_and_events_are_numbered(
    echo: Gateway, keys: tuple[str, str]
) -> None:
    with echo.client(keys[0]) as client, client.responses.stream(model="gpt-5.4", input=LETTER) as stream:
        events: list[Any] = list(stream)
        whole: Any = stream.get_final_response()
    assert [event.sequence_number for event in events] == list(range(len(events)))
    said = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    copies = {event.text for event in events if event.type == "response.output_text.done"}
    copies |= {event.part.text for event in events if event.type == "response.content_part.done"}
    copies |= {event.item.content[0].text for event in events if event.type == "response.output_item.done"}
    assert copies == {said, whole.output_text}
    assert all(value in said for value in VALUES)
    assert (whole.store, events[-1].response.store) == (False, False)
    assert not any(value in str(last(echo, AZURE)["body"]) for value in VALUES)


def test_each_of_several_answers_is_restored_and_has_the_public_name(echo: Gateway, keys: tuple[str, str]) -> None:
    asked: Any = {"model": "gpt-5.4", "messages": [{"role": "user", "content": LETTER}], "n": 3}
    with echo.client(keys[0]) as client:
        whole = client.chat.completions.create(**asked)
        texts: dict[int, str] = {}
        for chunk in client.chat.completions.create(**asked, stream=True):
            for choice in chunk.choices:
                texts[choice.index] = texts.get(choice.index, "") + (choice.delta.content or "")
    said = [choice.message.content or "" for choice in whole.choices]
    assert said == [texts[0], texts[1], texts[2]]
    assert all(value in text for text in said for value in VALUES)
    assert whole.model == "gpt-5.4"


def test_floats_from_a_server_without_base64_reach_a_client_that_asked_for_it(
    world: World, client: OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated = provider(world.made, OWN)
    packing = simulated.vectors
    monkeypatch.setattr(simulated, "vectors", lambda body, found: packing({**body, "encoding_format": "float"}, found))
    answer = client.embeddings.create(model="smollm2-135m", input=["un", "deux"])  # the client asks for base64
    assert json.loads(str(last(world.made, OWN)["body"]))["encoding_format"] == "base64"
    assert [one.embedding[0] for one in answer.data] == [0.25, 0.25]


def test_a_prompt_is_told_again_where_the_server_tells_it(world: World, client: OpenAI) -> None:
    assert client.completions.create(model="smollm2-135m", prompt="un", echo=True).choices[0].text
    assert json.loads(str(last(world.made, OWN)["body"]))["echo"] is True
    with pytest.raises(openai.BadRequestError) as refused:
        client.completions.create(model="codestral-25.08", prompt="un", suffix="deux", echo=True)
    assert (refused.value.code, refused.value.param) == ("unsupported_field", "echo")
