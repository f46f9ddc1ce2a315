"""What coding agents write beside a plain call, as Claude Code 2.1.197 and Codex 0.169.0 were seen to write it."""

import json
from typing import Any

import pytest

from ecluse.domain.errors import CallerError
from ecluse.domain.request import Request, Role, Surface, slots
from ecluse.passage.admit import DIALECTS

CLAUDE_CODE: dict[str, Any] = {
    "model": "m",
    "max_tokens": 32000,
    "stream": True,
    "metadata": {"user_id": '{"device_id":"d","account_uuid":"","session_id":"s"}'},
    "thinking": {"type": "adaptive"},
    "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
    "output_config": {"effort": "high"},
    "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "Hello", "cache_control": {"type": "ephemeral"}}]},
        {"role": "system", "content": "Agent types that there are"},
    ],
    "tools": [{"name": "Edit", "description": "Edit a file", "input_schema": {"type": "object"}}],
}
CODEX: dict[str, Any] = {
    "model": "m",
    "stream": True,
    "store": False,
    "instructions": "Be brief.",
    "input": [
        {"type": "message", "id": "msg_1", "role": "developer", "content": [{"type": "input_text", "text": "Rules"}]},
        {"type": "message", "id": "msg_2", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]},
    ],
    "tools": [
        {
            "type": "function",
            "name": "exec_command",
            "description": "Run",
            "strict": False,
            "parameters": {"type": "object"},
        }
    ],
    "tool_choice": "auto",
    "parallel_tool_calls": True,
    "reasoning": {"summary": "auto"},
    "include": ["reasoning.encrypted_content"],
    "prompt_cache_key": "k",
    "client_metadata": {"x-codex-installation-id": "i", "x-codex-turn-metadata": "{}"},
}


def admitted(dialect: str, **fields: Any) -> Request:
    good = CLAUDE_CODE if dialect == "anthropic_messages" else CODEX
    return DIALECTS[dialect].admit(Surface.CHAT, json.dumps({**good, **fields}).encode())


def test_what_claude_code_writes_is_read_and_what_changes_nothing_is_left_out() -> None:
    request = admitted("anthropic_messages")
    assert [message.role for message in request.messages] == [Role.SYSTEM, Role.USER, Role.SYSTEM]
    assert "context_management" not in request.options
    assert "clear_thinking_20251015" not in [slot.text for slot in slots(request)]


@pytest.mark.parametrize("kind", ["compact_20260112", "summarise"])
def test_what_would_have_the_provider_keep_a_summary_refuses(kind: str) -> None:
    with pytest.raises(CallerError) as refused:
        admitted("anthropic_messages", context_management={"edits": [{"type": kind}]})
    assert (refused.value.code, refused.value.param) == ("retention_refused", "context_management.edits[0]")


def test_what_codex_writes_is_read_and_what_it_says_of_itself_is_left_out() -> None:
    request = admitted("openai_responses")
    assert [message.role for message in request.messages] == [Role.SYSTEM, Role.SYSTEM, Role.USER]
    assert not [slot for slot in slots(request) if "codex" in slot.text]


def test_a_group_of_tools_of_codex_refuses_by_name() -> None:
    with pytest.raises(CallerError) as refused:
        admitted("openai_responses", tools=[{"type": "namespace", "name": "multi_agent_v1", "tools": []}])
    assert (refused.value.code, refused.value.param) == ("hosted_tool_refused", "tools[0]")
