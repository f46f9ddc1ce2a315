"""The official clients before the local model: sync and async, streamed and whole, in each format and kind of work."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from simulators.model import NAME
from tests.edge.proofs.world import QUESTION, World
from tests.edge.real import before_the_model

pytestmark = pytest.mark.long
ASK: Any = {"model": NAME, "messages": QUESTION, "max_tokens": 12}
SAID: Any = {"model": NAME, "input": QUESTION[0]["content"], "max_output_tokens": 16}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with before_the_model(tmp_path_factory.mktemp("real")) as made:
        yield World(made=made, key=made.key("mail"))


def test_openai(world: World) -> None:
    with world.openai() as client:
        whole = client.chat.completions.create(**ASK)
        assert "Paris" in str(whole.choices[0].message.content)
        assert whole.usage is not None
        assert whole.usage.prompt_tokens > 0
        chunks: Any = client.chat.completions.create(**ASK, stream=True)
        said = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
        assert said == whole.choices[0].message.content
        assert "Paris" in client.responses.create(**SAID).output_text
        with client.responses.stream(**SAID) as stream:
            assert "Paris" in stream.get_final_response().output_text
        assert client.completions.create(model=NAME, prompt="The capital of France is", max_tokens=6).choices[0].text
        assert len(client.embeddings.create(model=NAME, input="lock").data[0].embedding) == 576
        assert NAME in [model.id for model in client.models.list()]


def test_openai_later(world: World) -> None:
    async def play() -> None:
        async with world.openai_async() as client:
            whole = await client.chat.completions.create(**ASK)
            assert "Paris" in str(whole.choices[0].message.content)
            chunks: Any = await client.chat.completions.create(**ASK, stream=True)
            said = [choice.delta.content or "" async for chunk in chunks for choice in chunk.choices]
            assert "Paris" in "".join(said)
            async with client.responses.stream(**SAID) as stream:
                assert "Paris" in (await stream.get_final_response()).output_text
        await asyncio.sleep(0.01)

    asyncio.run(play())


def _text(answer: Any) -> str:
    return "".join(block.text for block in answer.content if block.type == "text")


def test_anthropic(world: World) -> None:
    with world.anthropic() as client:
        whole = client.messages.create(**ASK)
        assert "Paris" in _text(whole)
        assert whole.usage.input_tokens > 0
        with client.messages.stream(**ASK) as stream:
            assert _text(stream.get_final_message()) == _text(whole)


def test_anthropic_later(world: World) -> None:
    async def play() -> None:
        async with world.anthropic_async() as client:
            assert "Paris" in _text(await client.messages.create(**ASK))
            async with client.messages.stream(**ASK) as stream:
                assert "Paris" in _text(await stream.get_final_message())
        await asyncio.sleep(0.01)

    asyncio.run(play())


def test_mistral(world: World) -> None:
    with world.mistral() as client:
        whole: Any = client.chat.complete(**ASK)
        assert "Paris" in str(whole.choices[0].message.content)
        said = "".join(str(event.data.choices[0].delta.content or "") for event in client.chat.stream(**ASK))
        assert said == whole.choices[0].message.content
        vectors: Any = client.embeddings.create(model=NAME, inputs=["lock"])
        assert len(vectors.data[0].embedding) == 576


def test_mistral_later(world: World) -> None:
    async def play() -> None:
        async with world.mistral_async() as client:
            whole: Any = await client.chat.complete_async(**ASK)
            assert "Paris" in str(whole.choices[0].message.content)
            stream = await client.chat.stream_async(**ASK)
            said = [str(event.data.choices[0].delta.content or "") async for event in stream]
            assert "Paris" in "".join(said)
        await asyncio.sleep(0.01)

    asyncio.run(play())
