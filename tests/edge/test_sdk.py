"""The official openai client, changed by `base_url` alone, cannot tell the difference."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from simulators.faults import Fault, FaultKind
from tests.edge.gateway import AZURE, OWN, SCALEWAY, Gateway, gateway, run

QUESTION: Any = [{"role": "user", "content": "Which city is the capital of France?"}]
LETTER: Any = [
    {"role": "user", "content": "Write to Mr Camille Lefèvre, 06 39 98 41 27, about IBAN FR7630004008210001234567849."}
]
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def create(client: OpenAI | AsyncOpenAI, **asked: Any) -> Any:
    """The client's own call; plain dicts are what callers write, whatever its types say."""
    return client.chat.completions.create(**asked)


def raw_of(client: OpenAI, **asked: Any) -> Any:
    return client.chat.completions.with_raw_response.create(**asked)


def test_chat(client: OpenAI) -> None:
    raw = raw_of(client, model="auto", messages=QUESTION)
    answer = raw.parse()
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert raw.headers["x-ecluse-destination"] == SCALEWAY
    assert raw.headers["x-ecluse-verdict"] == "permit"
    assert raw.headers["x-ecluse-simulated"] == "true"
    assert raw.headers["x-ecluse-rules"]


def test_streamed_chat_with_usage(client: OpenAI) -> None:
    stream = create(
        client,
        model="auto",
        messages=QUESTION,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert chunks[-1].usage is not None
    assert len({c.id for c in chunks}) == 1


def test_usage_is_not_shown_to_a_caller_who_did_not_ask(client: OpenAI) -> None:
    chunks = list(create(client, model="auto", messages=QUESTION, stream=True))
    assert all(c.choices for c in chunks)


@pytest.mark.parametrize("stream", [False, True])
def test_tool_calls(client: OpenAI, stream: bool) -> None:  # noqa: FBT001 - pytest's parameter
    asked = {"model": "auto", "messages": QUESTION, "tools": [TOOL], "tool_choice": "required"}
    if stream:
        calls = [
            call
            for chunk in create(client, **asked, stream=True)
            for choice in chunk.choices
            for call in choice.delta.tool_calls or ()
        ]
        name, arguments = calls[0].function.name, "".join(call.function.arguments or "" for call in calls)
    else:
        (call,) = create(client, **asked).choices[0].message.tool_calls
        name, arguments = call.function.name, call.function.arguments
    assert name == "weather"
    assert json.loads(arguments)


@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_embeddings(client: OpenAI, encoding: Any) -> None:
    got = client.embeddings.create(model="smollm2-135m", input=["one", "two"], encoding_format=encoding)
    assert [item.index for item in got.data] == [0, 1]
    assert got.model == "smollm2-135m"


def test_models(client: OpenAI) -> None:
    names = [model.id for model in client.models.list()]
    assert names[0] == "auto"
    assert {"gpt-5.4", "smollm2-135m"} <= set(names)


def test_a_masked_letter_leaves_without_its_values(shared_gateway: Gateway, client: OpenAI) -> None:
    raw = raw_of(client, model="gpt-5.4", messages=LETTER)
    assert raw.headers["x-ecluse-destination"] == AZURE
    assert raw.headers["x-ecluse-verdict"] == "permit_masked"
    sent = str(shared_gateway.fleet[AZURE].lines("request")[-1]["body"])
    for value in ("Lefèvre", "06 39 98", "FR7630004"):
        assert value not in sent
    assert "IBAN_" in sent


def test_a_refusal_is_403_in_the_callers_language_and_is_not_retried(shared_gateway: Gateway) -> None:
    key = shared_gateway.key("crisis")
    before = len(shared_gateway.fleet[AZURE].lines("connection"))
    french = shared_gateway.client(key, default_headers={"accept-language": "fr"})
    with french as client, pytest.raises(openai.PermissionDeniedError) as refused:
        create(client.with_options(max_retries=3), model="gpt-5.4", messages=QUESTION)
    error = json.loads(refused.value.response.content)["error"]
    assert (error["type"], error["code"]) == ("policy_refusal", "policy_denied")
    assert {"rule", "reason", "source", "basis"} <= set(error["reasons"][0])
    assert error["would_help"]
    assert error["not_checked"]
    assert len(shared_gateway.fleet[AZURE].lines("connection")) == before


def test_text_reaches_the_client_while_the_provider_holds_the_stream_open(
    shared_gateway: Gateway, client: OpenAI
) -> None:
    shared_gateway.fleet.fault(SCALEWAY, Fault(kind=FaultKind.HOLD, after=3, times=1))
    stream = create(client, model="auto", messages=QUESTION, stream=True)
    texts = []
    for chunk in stream:
        texts += [choice.delta.content for choice in chunk.choices if choice.delta.content]
        if len(texts) >= 2:
            break
    stream.close()
    assert len(texts) >= 2


def test_a_caller_who_leaves_cancels_upstream_within_a_second(shared_gateway: Gateway, mail_key: str) -> None:
    fleet = shared_gateway.fleet
    fleet.fault(SCALEWAY, Fault(kind=FaultKind.SLOW, seconds=20, times=1))

    async def leave() -> float:
        async with AsyncOpenAI(
            base_url=f"{shared_gateway.url}/v1",
            api_key=mail_key,
            max_retries=0,
            http_client=httpx2.AsyncClient(trust_env=False),
        ) as client:
            asked = asyncio.ensure_future(create(client, model="auto", messages=QUESTION))
            await asyncio.sleep(0.4)
            asked.cancel()
        began = time.monotonic()
        while not fleet[SCALEWAY].lines("caller_left") and time.monotonic() - began < 5:
            await asyncio.sleep(0.02)
        return time.monotonic() - began

    assert run(leave()) < 1.0


def test_with_every_permitted_destination_stopped_nothing_else_sees_a_connection(tmp_path: Path) -> None:
    secret = [{"role": "user", "content": "Why does AKIAQ3EGRZLX5TWBNK7D not work?"}]
    with gateway(tmp_path) as made, made.client(made.key("mail")) as client:
        made.fleet.down(OWN)
        for _ in range(3):
            with pytest.raises(openai.InternalServerError) as failed:
                create(client, model="auto", messages=secret)
            assert (failed.value.status_code, failed.value.code) == (503, "no_permitted_destination_alive")
        assert {name: made.fleet[name].lines("connection") for name in made.fleet} == dict.fromkeys(made.fleet, ())


def test_a_redirect_is_not_followed(shared_gateway: Gateway, client: OpenAI) -> None:
    target = shared_gateway.fleet[AZURE].base_url + "/chat/completions"
    seen = len(shared_gateway.fleet[AZURE].lines("connection"))
    shared_gateway.fleet.fault(SCALEWAY, Fault(kind=FaultKind.REDIRECT, location=target, times=1))
    with pytest.raises(openai.InternalServerError) as failed:
        create(client, model="mistral-medium-3.5", messages=QUESTION)
    assert (failed.value.status_code, failed.value.code) == (502, "upstream_redirect")
    assert len(shared_gateway.fleet[AZURE].lines("connection")) == seen
