"""What litellm does as a client: chat in three formats, whole and streamed, sync and async, and a tool."""

import asyncio
import os
from typing import Any

import litellm

URL, KEY = os.environ["ECLUSE_URL"], os.environ["ECLUSE_KEY"]
MODEL, CLAUDE = os.environ["ECLUSE_MODEL"], os.environ["ECLUSE_CLAUDE"]
TOOLS = os.environ["ECLUSE_TOOLS"] == "yes"
ASK: Any = [{"role": "user", "content": "Which city is the capital of France?"}]
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
FORMATS: Any = {
    "openai": {"model": f"openai/{MODEL}", "api_base": f"{URL}/v1"},
    "anthropic": {"model": f"anthropic/{CLAUDE}", "api_base": URL, "max_tokens": 64},
    "mistral": {"model": f"mistral/{MODEL}", "api_base": f"{URL}/v1"},
}


litellm.suppress_debug_info = True  # it prints advice for each model that it has no price of


def words(chunks: Any) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)


async def later(words_of: Any) -> str:
    whole = await litellm.acompletion(**words_of)
    assert "Paris" in whole.choices[0].message.content
    stream = await litellm.acompletion(**words_of, stream=True)
    return words([chunk async for chunk in stream])


def main() -> None:
    for name, how in FORMATS.items():
        asked: Any = {**how, "api_key": KEY, "messages": ASK, "num_retries": 0}
        whole = litellm.completion(**asked)
        assert "Paris" in whole.choices[0].message.content
        assert whole.usage.completion_tokens > 0
        print(f"{name}: whole")
        assert "Paris" in words(litellm.completion(**asked, stream=True))
        print(f"{name}: stream")
        assert "Paris" in asyncio.run(later(asked))
        print(f"{name}: async and async stream")
        if not TOOLS:
            continue
        called = litellm.completion(**asked, tools=[TOOL]).choices[0]
        assert called.finish_reason == "tool_calls"
        assert called.message.tool_calls[0].function.name == "weather"
        back = [
            *ASK,
            called.message.model_dump(),
            {"role": "tool", "tool_call_id": called.message.tool_calls[0].id, "content": "rain"},
        ]
        assert "Paris" in litellm.completion(**{**asked, "messages": back}, tools=[TOOL]).choices[0].message.content
        print(f"{name}: a tool and its result")
    told: Any = litellm.responses(model=f"openai/{MODEL}", input=ASK[0]["content"], api_base=f"{URL}/v1", api_key=KEY)
    assert "Paris" in told.output[0].content[0].text
    print("openai: responses")


main()
