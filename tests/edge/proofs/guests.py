"""What clients that are not a provider's own have done: for `make check-long`, and for the page of compatibility."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[3] / "requirements"
CHAT = ("whole", "stream", "async and async stream")
RAN: Mapping[str, Sequence[str]] = {
    "litellm": [
        *(
            f"{name}: {what}"
            for name in ("openai", "anthropic", "mistral")
            for what in (*CHAT, "a tool and its result")
        ),
        "openai: responses",
    ],
    "langchain": [
        f"{name}: {what}"
        for name in ("chat", "responses")
        for what in (*CHAT, "a tool", "structured output by json_schema", "structured output by function_calling")
    ],
    "pydantic_ai": [
        "chat: sync",
        *(
            f"{name}: {what}"
            for name in ("chat", "responses", "anthropic", "mistral")
            for what in ("async", "async stream", "a loop over a tool", "a typed answer")
        ),
    ],
}
"""What each of them is to have done."""

COMMAND: Mapping[str, Sequence[str]] = {
    "stream": [],
    "whole": ["--no-stream"],
    "async stream": ["--async"],
    "a schema": ["--schema", '{"type": "object", "properties": {"city": {"type": "string"}}}'],
    "a tool": ["--functions", "def weather(city: str) -> str: return city"],
}
"""How the `llm` command is called."""
BY_THE_MODEL = ("stream", "whole", "async stream")
"""What the `llm` command does before the local model, which calls no tools."""


def by_the_model(done: Sequence[str]) -> list[str]:
    """Return what of a guest's deeds the local model can answer: what needs no tool and no form."""
    needs = ("tool", "structured", "typed")
    return [what for what in done if not any(word in what for word in needs)]


PACKAGES: Mapping[str, tuple[str, str]] = {
    "litellm": ("litellm", "clients.lock"),
    "langchain": ("langchain-openai", "clients.lock"),
    "pydantic_ai": ("pydantic-ai-slim", "clients.lock"),
    "llm": ("llm", "clients.lock"),
    "aider": ("aider-chat", "aider.lock"),
}


def rows() -> Iterator[str]:
    """Write a row for each of them."""
    done = {**RAN, "llm": list(COMMAND), "aider": ["an edit of a file, streamed", "an edit of a file, whole"]}
    for name, what in done.items():
        package, lock = PACKAGES[name]
        pinned = re.search(rf"^{package}==([\d.]+)", (REQUIREMENTS / lock).read_text(encoding="utf-8"), re.MULTILINE)
        version = pinned[1] if pinned else "(not locked)"
        yield f"| {package} {version} | {'; '.join(what)} |"
