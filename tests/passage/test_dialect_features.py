"""For each pair of dialects, what an official client can ask: it leaves or is named, and never vanishes."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx2
import pytest
from anthropic import Anthropic
from mistralai.client import Mistral

from ecluse.domain.request import Surface
from ecluse.passage.admit import DIALECTS as INBOUND
from ecluse.passage.send import DIALECTS as OUTBOUND
from tests.passage.send.exchange import destination
from tests.passage.test_dialect_sdks import SENDS

PDF = "JVBERi0xLjc="
SOUND = "UklGRg=="
CHOICE = ('"tool_choice":"required"', '"tool_choice":"any"', '{"type":"any"', '"any":{}')
TOOL: Mapping[str, Any] = {
    "openai_chat": {"type": "function", "function": {"name": "niveau", "parameters": {"type": "object"}}},
    "openai_responses": {"type": "function", "name": "niveau", "parameters": {"type": "object"}, "strict": False},
    "anthropic_messages": {"name": "niveau", "input_schema": {"type": "object"}},
}
BASE: Mapping[str, dict[str, Any]] = {
    "openai_chat": {"model": "m", "messages": [{"role": "user", "content": "QUESTION"}]},
    "openai_responses": {"model": "m", "input": [{"role": "user", "content": "QUESTION"}]},
    "anthropic_messages": {"model": "m", "max_tokens": 64, "messages": [{"role": "user", "content": "QUESTION"}]},
    "mistral": {"model": "m", "messages": [{"role": "user", "content": "QUESTION"}]},
}
"""The same small call of each official client; Mistral's writes the dialect `openai_chat` in words of its own."""


def _said(*parts: Any) -> list[Any]:
    return [{"role": "user", "content": list(parts)}]


FEATURES: Mapping[str, Mapping[str, tuple[dict[str, Any], tuple[str, ...]]]] = {
    "openai_chat": {
        "n": ({"n": 3}, ('"n":3',)),
        "seed": ({"seed": 424242}, ("424242",)),
        "top_p": ({"top_p": 0.875}, ("0.875",)),
        "logprobs": ({"logprobs": True, "top_logprobs": 4}, ('"top_logprobs":4',)),
        "frequency_penalty": ({"frequency_penalty": 0.625}, ("0.625",)),
        "presence_penalty": ({"presence_penalty": 0.375}, ("0.375",)),
        "max_completion_tokens": ({"max_completion_tokens": 77}, (":77",)),
        "logit_bias": ({"logit_bias": {"31": 9}}, ('{"31":9}',)),
        "stop": ({"stop": ["FIN"]}, ('"FIN"',)),
        "reasoning_effort": ({"reasoning_effort": "high"}, ('"high"',)),
        "user": ({"user": "USAGER"}, ("USAGER",)),
        "safety_identifier": ({"safety_identifier": "USAGER"}, ("USAGER",)),
        "metadata": ({"metadata": {"k": "META"}}, ("META",)),
        "service_tier": ({"service_tier": "priority"}, ("priority",)),
        "verbosity": ({"verbosity": "low"}, ('"verbosity":"low"',)),
        "response_format": ({"response_format": {"type": "json_object"}}, ("json_object", '"format":"json"')),
        "parallel_tool_calls": (
            {"tools": [TOOL["openai_chat"]], "parallel_tool_calls": False},
            ('"parallel_tool_calls":false', '"disable_parallel_tool_use":true'),
        ),
        "tool_choice": (
            {"tools": [TOOL["openai_chat"]], "tool_choice": "required"},
            CHOICE,
        ),
        "tool_choice.allowed_tools": (
            {
                "tools": [TOOL["openai_chat"]],
                "tool_choice": {
                    "type": "allowed_tools",
                    "allowed_tools": {
                        "mode": "auto",
                        "tools": [{"type": "function", "function": {"name": "niveau"}}],
                    },
                },
            },
            ("allowed_tools",),
        ),
        "messages.name": ({"messages": [{"role": "user", "content": "Q", "name": "NOM"}]}, ("NOM",)),
        "messages.file": (
            {
                "messages": _said(
                    {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}}
                )
            },
            (PDF,),
        ),
        "messages.audio": (
            {"messages": _said({"type": "input_audio", "input_audio": {"data": SOUND, "format": "wav"}})},
            (SOUND,),
        ),
        "developer": (
            {"messages": [{"role": "developer", "content": "CONSIGNE"}, *_said({"type": "text", "text": "Q"})]},
            ("CONSIGNE",),
        ),
        "refusal": (
            {
                "messages": [
                    {"role": "user", "content": "Q"},
                    {"role": "assistant", "content": None, "refusal": "REFUS"},
                    {"role": "user", "content": "Q"},
                ]
            },
            ("REFUS",),
        ),
    },
    "openai_responses": {
        "top_p": ({"top_p": 0.875}, ("0.875",)),
        "reasoning_effort": ({"reasoning": {"effort": "high"}}, ('"high"',)),
        "safety_identifier": ({"safety_identifier": "USAGER"}, ("USAGER",)),
        "metadata": ({"metadata": {"k": "META"}}, ("META",)),
        "verbosity": ({"text": {"verbosity": "low"}}, ('"verbosity":"low"',)),
        "parallel_tool_calls": (
            {"tools": [TOOL["openai_responses"]], "parallel_tool_calls": False},
            ('"parallel_tool_calls":false', '"disable_parallel_tool_use":true'),
        ),
        "tool_choice": (
            {"tools": [TOOL["openai_responses"]], "tool_choice": "required"},
            CHOICE,
        ),
        "messages.file": (
            {
                "input": _said(
                    {"type": "input_file", "filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}
                )
            },
            (PDF,),
        ),
        "developer": (
            {"input": [{"role": "developer", "content": "CONSIGNE"}, {"role": "user", "content": "Q"}]},
            ("CONSIGNE",),
        ),
    },
    "anthropic_messages": {
        "top_k": ({"extra_body": {"top_k": 31}}, ('"top_k":31', '"top_k": 31')),
        "top_p": ({"extra_body": {"top_p": 0.875}}, ("0.875",)),
        "stop": ({"stop_sequences": ["FIN"]}, ('"FIN"',)),
        "reasoning_effort": ({"output_config": {"effort": "high"}}, ('"high"',)),
        "thinking": ({"thinking": {"type": "enabled", "budget_tokens": 1031}}, ("1031",)),
        "parallel_tool_calls": (
            {"tools": [TOOL["anthropic_messages"]], "tool_choice": {"type": "auto", "disable_parallel_tool_use": True}},
            ('"parallel_tool_calls":false', '"disable_parallel_tool_use":true'),
        ),
        "tool_choice": (
            {"tools": [TOOL["anthropic_messages"]], "tool_choice": {"type": "any"}},
            CHOICE,
        ),
        "messages.file": (
            {
                "messages": _said(
                    {
                        "type": "document",
                        "source": {"type": "base64", "media_type": "application/pdf", "data": PDF},
                    }
                )
            },
            (PDF,),
        ),
        "messages.is_error": (
            {
                "messages": [
                    {"role": "user", "content": "Q"},
                    {
                        "role": "assistant",
                        "content": [{"type": "tool_use", "id": "toolu_1", "name": "niveau", "input": {}}],
                    },
                    {
                        "role": "user",
                        "content": [
                            {"type": "tool_result", "tool_use_id": "toolu_1", "content": "PANNE", "is_error": True}
                        ],
                    },
                ]
            },
            ("PANNE",),
        ),
    },
    "mistral": {
        "seed": ({"random_seed": 424242}, ("424242",)),
        "safe_prompt": ({"safe_prompt": True}, ('"safe_prompt":true',)),
        "prompt_cache_key": ({"prompt_cache_key": "CACHE"}, ("CACHE",)),
        "n": ({"n": 3}, ('"n":3',)),
        "frequency_penalty": ({"frequency_penalty": 0.625}, ("0.625",)),
        "presence_penalty": ({"presence_penalty": 0.375}, ("0.375",)),
        "stop": ({"stop": ["FIN"]}, ('"FIN"',)),
        "reasoning_effort": ({"reasoning_effort": "high"}, ('"high"',)),
        "metadata": ({"metadata": {"k": "META"}}, ("META",)),
        "tool_choice": (
            {"tools": [TOOL["openai_chat"]], "tool_choice": "any"},
            CHOICE,
        ),
        "messages.prefix": (
            {
                "messages": [
                    {"role": "user", "content": "Q"},
                    {"role": "assistant", "content": "DEBUT", "prefix": True},
                ]
            },
            ("DEBUT",),
        ),
    },
}
"""What each client can ask for, and how it shows on the wire, whichever dialect writes it."""
LEFT_OUT = frozenset(
    (outbound, feature) for outbound in ("bedrock_converse", "ollama_chat") for feature in ("safety_identifier", "user")
)
"""What is left out without a word: who the end user is changes no answer."""
CASES = [(inbound, feature) for inbound, features in FEATURES.items() for feature in features]


def _mistral(answering: Any, call: dict[str, Any]) -> object:
    http = httpx2.Client(transport=httpx2.MockTransport(answering))
    with Mistral(api_key="k", server_url="http://gateway.test", client=http) as client:
        return client.chat.complete(**call)


def _messages(answering: Any, call: dict[str, Any]) -> object:
    http = httpx2.Client(transport=httpx2.MockTransport(answering))
    client = Anthropic(api_key="k", base_url="http://gateway.test", http_client=http, max_retries=0)
    return client.messages.create(**call)


@cache
def sent(inbound: str, feature: str) -> bytes:
    """Return the body that the official client sends."""
    seen: list[bytes] = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.content)
        return httpx2.Response(418, json={"error": {"message": "caught", "type": "caught"}})

    sends = {**SENDS, "mistral": _mistral, "anthropic_messages": _messages}
    asked, _ = FEATURES[inbound][feature]
    with pytest.raises(Exception, match="caught"):
        sends[inbound](refuse, {**BASE[inbound], **asked})
    (body,) = seen
    return body


@pytest.mark.parametrize(("inbound", "feature"), CASES, ids=[" ".join(case) for case in CASES])
def test_what_is_asked_leaves_or_is_named_by_every_dialect(inbound: str, feature: str) -> None:
    _, shown = FEATURES[inbound][feature]
    request = INBOUND["openai_chat" if inbound == "mistral" else inbound].admit(Surface.CHAT, sent(inbound, feature))
    took = 0
    for outbound, dialect in sorted(OUTBOUND.items()):
        named = dialect.unsupported(request)
        if named:
            assert any(feature in name or name in feature for name in named), (outbound, named)
            continue
        body = json.dumps(json.loads(dialect.call(request, destination(), "a").body), separators=(",", ":"))
        assert any(one in body for one in shown) is ((outbound, feature) not in LEFT_OUT), (outbound, body)
        took += 1
    assert took
