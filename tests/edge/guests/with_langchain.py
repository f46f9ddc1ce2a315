"""What langchain-openai does: invoke and stream, sync and async, tools, structured output, both formats of OpenAI."""

import asyncio
import os
from typing import Any

from langchain_openai import ChatOpenAI
from pydantic import BaseModel

URL, KEY = os.environ["ECLUSE_URL"], os.environ["ECLUSE_KEY"]
MODEL, TOOLS = os.environ["ECLUSE_MODEL"], os.environ["ECLUSE_TOOLS"] == "yes"
ASK = "Which city is the capital of France?"


class City(BaseModel):
    """A city."""

    city: str


def text(message: Any) -> str:
    if isinstance(message.content, str):
        return str(message.content)
    return "".join(block.get("text", "") for block in message.content)


def model(name: str) -> Any:
    more: Any = {"use_responses_api": True} if name == "responses" else {}
    return ChatOpenAI(base_url=f"{URL}/v1", api_key=KEY, model=MODEL, max_retries=0, **more)


async def later() -> None:
    for name in ("chat", "responses"):  # in one loop: the client keeps its connections beyond a model
        assert "Paris" in text(await model(name).ainvoke(ASK))
        assert "Paris" in "".join([text(chunk) async for chunk in model(name).astream(ASK)])
        print(f"{name}: async and async stream")


def main() -> None:
    for name in ("chat", "responses"):
        whole = model(name).invoke(ASK)
        assert "Paris" in text(whole)
        assert whole.usage_metadata["output_tokens"] > 0
        print(f"{name}: whole")
        assert "Paris" in "".join(text(chunk) for chunk in model(name).stream(ASK))
        print(f"{name}: stream")
        if not TOOLS:
            continue
        called = model(name).bind_tools([City]).invoke(ASK)
        assert called.tool_calls[0]["name"] == "City"
        print(f"{name}: a tool")
        for method in ("json_schema", "function_calling"):
            read = model(name).with_structured_output(City, method=method).invoke(ASK)
            assert isinstance(read.city, str)
            print(f"{name}: structured output by {method}")
    asyncio.run(later())


main()
