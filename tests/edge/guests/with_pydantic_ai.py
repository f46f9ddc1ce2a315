"""What pydantic-ai does: an agent with a tool and a typed answer, over four formats, sync, async and streamed."""

import asyncio
import os
from typing import Any

from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.mistral import MistralModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.mistral import MistralProvider
from pydantic_ai.providers.openai import OpenAIProvider

URL, KEY = os.environ["ECLUSE_URL"], os.environ["ECLUSE_KEY"]
MODEL, CLAUDE = os.environ["ECLUSE_MODEL"], os.environ["ECLUSE_CLAUDE"]
TOOLS = os.environ["ECLUSE_TOOLS"] == "yes"
ASK = "Which city is the capital of France?"


class City(BaseModel):
    """A city."""

    city: str


def models() -> dict[str, Any]:
    openai = OpenAIProvider(base_url=f"{URL}/v1", api_key=KEY)
    return {
        "chat": OpenAIChatModel(MODEL, provider=openai),
        "responses": OpenAIResponsesModel(MODEL, provider=openai),
        "anthropic": AnthropicModel(CLAUDE, provider=AnthropicProvider(base_url=URL, api_key=KEY)),
        "mistral": MistralModel(MODEL, provider=MistralProvider(base_url=URL, api_key=KEY)),
    }


async def play(name: str, model: Any) -> None:
    agent = Agent(model)
    assert "Paris" in (await agent.run(ASK)).output
    print(f"{name}: async")
    async with agent.run_stream(ASK) as answer:
        assert "Paris" in await answer.get_output()
    print(f"{name}: async stream")
    if not TOOLS:
        return
    called = []
    tooled = Agent(model)

    @tooled.tool_plain  # type: ignore[untyped-decorator] # its types are in an environment of its own
    def weather(city: str) -> str:
        """Tell the weather of a city."""
        called.append(city)
        return "rain"

    assert "Paris" in (await tooled.run(ASK)).output
    assert len(called) == 1
    print(f"{name}: a loop over a tool")
    typed = Agent(model, output_type=City)
    assert isinstance((await typed.run(ASK)).output, City)
    print(f"{name}: a typed answer")


async def everything() -> None:
    for name, model in models().items():
        await play(name, model)


asyncio.run(everything())
assert "Paris" in Agent(models()["chat"]).run_sync(ASK).output
print("chat: sync")
