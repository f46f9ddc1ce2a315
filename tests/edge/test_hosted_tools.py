"""Hosted tools and remote MCP servers that are on record: official clients, streamed and whole, turn after turn."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from anthropic import Anthropic
from openai import OpenAI

from ecluse.edge.keys import state as where
from ecluse.passage.record.checkpoint import parse_vkey
from ecluse.prove.receipt import verify_receipt
from simulators.hosted import FOUND, OPAQUE, PAGE, QUERY
from tests.edge.gateway import CLAUDE, GPT, GPT_CHAT, OWN, Gateway, gateway

QUESTION = "How high is the water?"
SERVER = "https://mcp.interne.example/wiki"
PEOPLE = "https://mcp.interne.example/people"
RECORD = """
[provider]
id = "{provider}"
name = "{provider}"
source = "ours"

[[sources]]
id = "ours"
title = "Our register"
url = "https://interne.example/register"
as_of = 2026-11-24
confidence = "high"
kind = "primary"
"""
OF_PROVIDERS = """
[[tools]]
id = "{provider}/{kind}"
kind = "{kind}"
via = ["{provider}"]
offer = "{offer}"
brings = []
source = "ours"
"""
OF_OURS = """
[[tools]]
id = "self_hosted/{name}"
kind = "mcp"
address = "{address}"
offer = "own_premises"
operated_by = "caller"
brings = {brings}
source = "ours"
"""
EXTRA = """
[facts]
folders = ["{folder}"]

[[organisations]]
id = "press"
name = "A press"
kind = "private"
contracts = ["openai", "anthropic"]

[[organisations.applications]]
id = "desk"
name = "A desk"
purposes = ["drafting"]
analyses = [
  {{ kind = "register_entry", reference = "REG-9" }},
  {{ kind = "masking_assessment", reference = "MASK-9" }},
]
"""
MCP: Any = {"type": "mcp", "server_label": "wiki", "server_url": SERVER}
CLAUDE_MCP: Any = {
    "mcp_servers": [{"type": "url", "name": "wiki", "url": SERVER}],
    "tools": [{"type": "mcp_toolset", "mcp_server_name": "wiki"}],
    "betas": ["mcp-client-2025-11-20"],
}
streamed = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
HEADERS = {"x-ecluse-receipt": "true"}


def facts(folder: Path) -> Path:
    """Put on record who receives what the tools are sent."""
    folder.mkdir()
    offers = {"openai": ("openai_global", ["web_search"]), "anthropic": ("anthropic_api", ["web_search"])}
    offers["anthropic"][1].append("code_execution")
    for provider, (offer, kinds) in offers.items():
        rows = "".join(OF_PROVIDERS.format(provider=provider, kind=kind, offer=offer) for kind in kinds)
        (folder / f"{provider}.toml").write_text(RECORD.format(provider=provider) + rows, encoding="utf-8")
    ours = [("wiki", SERVER, "[]"), ("people", PEOPLE, '["personal"]')]
    rows = "".join(OF_OURS.format(name=name, address=address, brings=brings) for name, address, brings in ours)
    (folder / "self_hosted.toml").write_text(RECORD.format(provider="self_hosted") + rows, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("hosted")
    extra = EXTRA.format(folder=facts(folder / "facts"))
    with gateway(folder, (GPT, GPT_CHAT, CLAUDE, OWN), extra=extra) as running:
        yield running


@pytest.fixture(scope="module")
def key(made: Gateway) -> str:
    return made.key("desk")


@pytest.fixture
def client(made: Gateway, key: str) -> Iterator[OpenAI]:
    with made.client(key) as opened:
        yield opened


@pytest.fixture
def claude(made: Gateway, key: str) -> Iterator[Anthropic]:
    http = httpx2.Client(trust_env=False, timeout=20.0)
    with Anthropic(base_url=made.url, api_key=key, max_retries=0, http_client=http) as opened:
        yield opened


def sent(made: Gateway, name: str) -> Any:
    return json.loads(str(made.fleet[name].lines("request")[-1]["body"]))


def told(made: Gateway, headers: Any) -> tuple[str, Any]:
    """Return what the headers say of recipients, and what the intent in the trail says of them."""
    public = parse_vkey(where.vkey(made.state).read_text(encoding="utf-8").strip())
    proven = verify_receipt(base64.b64decode(headers["x-ecluse-receipt"]).decode(), public)
    return headers["x-ecluse-recipients"], proven.entry.body


@contextmanager
def nothing_sent(made: Gateway) -> Iterator[None]:
    before = [len(made.fleet[name].lines("connection")) for name in made.fleet]
    yield
    assert [len(made.fleet[name].lines("connection")) for name in made.fleet] == before


# ------------------------------------------------------------------ Responses
def respond(client: OpenAI, *, stream: bool, **asked: Any) -> tuple[Any, Any]:
    """Return the answer, whole or as the client puts a stream together, and the headers."""
    raw = client.responses.with_raw_response.create(model="gpt-5.4", extra_headers=HEADERS, stream=stream, **asked)
    if not stream:
        return raw.parse(), raw.headers
    last: Any = None
    for event in raw.parse():
        last = event
    assert last.type == "response.completed"
    return last.response, raw.headers


@streamed
def test_a_search_by_responses_and_the_turn_after_it(made: Gateway, client: OpenAI, *, stream: bool) -> None:
    asked: Any = {"tools": [{"type": "web_search"}], "include": ["web_search_call.action.sources"]}
    answer, headers = respond(
        client, stream=stream, input=QUESTION, tool_choice={"type": "web_search_preview"}, **asked
    )
    assert [item.type for item in answer.output] == ["web_search_call", "message"]
    assert answer.output[0].action.query == QUERY
    (part,) = answer.output[1].content
    assert [(one.type, one.url, one.end_index) for one in part.annotations] == [("url_citation", PAGE, len(part.text))]
    assert told(made, headers)[0] == "openai/web_search"
    assert list(told(made, headers)[1]["recipients"]) == ["openai/web_search"]
    assert sent(made, GPT)["tool_choice"] == {"type": "web_search_preview"}
    turns: Any = [{"role": "user", "content": QUESTION}, *answer.output, {"role": "user", "content": "And now?"}]
    again, _ = respond(client, stream=stream, input=turns, **asked)
    assert [item.type for item in again.output] == ["message"]
    items = sent(made, GPT)["input"]
    assert items[1] == answer.output[0].model_dump(exclude_none=True)
    assert [item.get("type", item.get("role")) for item in items] == ["user", "web_search_call", "assistant", "user"]


@streamed
@pytest.mark.parametrize("approve", [True, False])
def test_a_call_of_a_remote_server_waits_for_the_callers_word(
    made: Gateway, client: OpenAI, *, stream: bool, approve: bool
) -> None:
    turns: list[Any] = [{"role": "user", "content": QUESTION}]
    answer, headers = respond(client, stream=stream, input=turns, tools=[MCP])
    listed, wish = answer.output
    assert (listed.type, wish.type) == ("mcp_list_tools", "mcp_approval_request")
    assert json.loads(wish.arguments) == {"query": QUERY}
    assert told(made, headers)[0] == "self_hosted/wiki"
    word = {"type": "mcp_approval_response", "approval_request_id": wish.id, "approve": approve}
    turns += [*answer.output, word]
    after, _ = respond(client, stream=stream, input=turns, tools=[MCP])
    assert [item.type for item in after.output] == (["mcp_call", "message"] if approve else ["message"])
    assert sent(made, GPT)["input"][3] == word
    if approve:
        assert after.output[0].output == FOUND
        respond(client, stream=stream, input=[*turns, *after.output, {"role": "user", "content": "Go on"}], tools=[MCP])
        assert sent(made, GPT)["input"][4] == after.output[0].model_dump(exclude_none=True)


def test_a_server_that_needs_no_word_is_called_at_once(client: OpenAI) -> None:
    answer, _ = respond(client, stream=False, input=QUESTION, tools=[{**MCP, "require_approval": "never"}])
    assert [item.type for item in answer.output] == ["mcp_list_tools", "mcp_call", "message"]


def test_what_a_server_said_in_an_earlier_turn_is_searched_and_masked(made: Gateway, client: OpenAI) -> None:
    done = {
        "type": "mcp_call",
        "id": "mcp_ours",
        "server_label": "wiki",
        "name": "look_up",
        "arguments": json.dumps({"name": "Mme Camille Lefèvre"}),
        "output": "IBAN FR7630004008210001234567849, Mme Camille Lefèvre",
    }
    turns: Any = [{"role": "user", "content": QUESTION}, done, {"role": "user", "content": "Go on"}]
    _, headers = respond(client, stream=False, input=turns, tools=[MCP])
    assert headers["x-ecluse-verdict"] == "permit_masked"
    (item,) = [one for one in sent(made, GPT)["input"] if one.get("type") == "mcp_call"]
    assert "IBAN_" in item["output"]
    assert "Lefèvre" not in json.dumps(item, ensure_ascii=False)
    assert (item["id"], item["name"], list(json.loads(item["arguments"]))) == ("mcp_ours", "look_up", ["name"])


# ------------------------------------------------------------------ chat
@streamed
def test_a_search_by_chat_and_the_turn_after_it(made: Gateway, client: OpenAI, *, stream: bool) -> None:
    turns: list[Any] = [{"role": "user", "content": QUESTION}]
    asked: Any = {"model": "gpt-5.4", "web_search_options": {}, "extra_headers": HEADERS}
    raw = client.chat.completions.with_raw_response.create(messages=turns, stream=stream, **asked)
    answer: Any = raw.parse()
    assert told(made, raw.headers)[0] == "openai/web_search"
    if stream:
        said = [choice.delta for chunk in answer for choice in chunk.choices]
        cited = [one for delta in said for one in getattr(delta, "annotations", None) or ()]
        message: Any = {"role": "assistant", "content": "".join(delta.content or "" for delta in said)}
    else:
        whole = answer.choices[0].message
        cited, message = [one.model_dump() for one in whole.annotations or ()], whole.model_dump(exclude_none=True)
    assert [one["url_citation"]["url"] for one in cited] == [PAGE]
    turns += [message, {"role": "user", "content": "And now?"}]
    client.chat.completions.create(messages=turns, **asked)
    assert sent(made, GPT_CHAT)["messages"][1] == {"role": "assistant", "content": message["content"]}


# ------------------------------------------------------------------ Anthropic
def message(claude: Anthropic, *, stream: bool, **asked: Any) -> Any:
    calls = claude.beta.messages if "betas" in asked else claude.messages
    whole: Any = {"model": "claude-sonnet-4.6", "max_tokens": 64, **asked}
    if not stream:
        return calls.create(**whole)
    with calls.stream(**whole) as opened:
        return opened.get_final_message()


SERVER_TOOLS: Any = {
    "web_search": {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
    "code_execution": {"tools": [{"type": "code_execution_20250825", "name": "code_execution"}]},
    "mcp": CLAUDE_MCP,
}


@streamed
@pytest.mark.parametrize("kind", SERVER_TOOLS)
def test_a_server_tool_and_the_turn_after_it(made: Gateway, claude: Anthropic, kind: str, *, stream: bool) -> None:
    asked, turns = SERVER_TOOLS[kind], [{"role": "user", "content": QUESTION}]
    answer = message(claude, stream=stream, messages=turns, **asked)
    *ran, last = answer.content
    assert (last.type, answer.stop_reason) == ("text", "end_turn")
    assert [(one.type, one.url) for one in last.citations] == [("web_search_result_location", PAGE)]
    assert [block.type for block in ran] == {
        "web_search": ["server_tool_use", "web_search_tool_result"],
        "code_execution": ["server_tool_use", "code_execution_tool_result"],
        "mcp": ["mcp_tool_listing", "mcp_tool_use", "mcp_tool_result"],
    }[kind]
    turns += [answer.to_param(), {"role": "user", "content": "And now?"}]
    again = message(claude, stream=stream, messages=turns, **asked)
    assert [block.type for block in again.content] == ["text"]
    back = sent(made, CLAUDE)["messages"][1]["content"]
    assert back[:-1] == [block.model_dump(exclude_none=True) for block in ran]
    if kind == "web_search":
        assert back[1]["content"][0]["encrypted_content"] == OPAQUE


def test_the_headers_and_the_trail_name_who_receives(made: Gateway, claude: Anthropic) -> None:
    asked: Any = {**CLAUDE_MCP, "tools": [*CLAUDE_MCP["tools"], *SERVER_TOOLS["web_search"]["tools"]]}
    raw = claude.beta.messages.with_raw_response.create(
        model="claude-sonnet-4.6",
        max_tokens=64,
        messages=[{"role": "user", "content": QUESTION}],
        extra_headers=HEADERS,
        **asked,
    )
    named, entry = told(made, raw.headers)
    assert sorted(named.split(",")) == ["anthropic/web_search", "self_hosted/wiki"]
    assert sorted(entry["recipients"]) == ["anthropic/web_search", "self_hosted/wiki"]


@streamed
def test_a_turn_that_paused_goes_on(made: Gateway, claude: Anthropic, *, stream: bool) -> None:
    asked: Any = {"tools": [{"type": "web_search_20250305", "name": "web_search", "max_uses": 1}]}
    turns: list[Any] = [{"role": "user", "content": QUESTION}]
    paused = message(claude, stream=stream, messages=turns, **asked)
    assert ([block.type for block in paused.content], paused.stop_reason) == (["server_tool_use"], "pause_turn")
    turns.append({"role": "assistant", "content": paused.content})
    answer = message(claude, stream=stream, messages=turns, **asked)
    assert [block.type for block in answer.content] == ["web_search_tool_result", "text"]
    assert sent(made, CLAUDE)["messages"][1]["content"][0]["id"] == paused.content[0].id


# ------------------------------------------------------------------ what is refused
@pytest.mark.parametrize(
    ("tool", "said"),
    [
        ({"type": "code_interpreter", "container": {"type": "auto"}}, "on record unverified"),
        ({"type": "mcp", "server_label": "x", "server_url": "https://evil.test/mcp"}, "is not on record"),
        ({"type": "mcp", "server_label": "x", "connector_id": "connector_gmail"}, "stands elsewhere"),
        ({**MCP, "authorization": "a token"}, "a secret of the caller's"),
    ],
)
def test_a_tool_whose_recipient_is_not_on_record_refuses_and_nothing_is_sent(
    made: Gateway, client: OpenAI, tool: Any, said: str
) -> None:
    with nothing_sent(made), pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(model="gpt-5.4", input=QUESTION, tools=[tool])
    assert refused.value.code == "hosted_tool_refused"
    assert said in refused.value.message


def test_a_server_that_brings_personal_data_refuses_where_those_may_not_go(made: Gateway, client: OpenAI) -> None:
    tool: Any = {"type": "mcp", "server_label": "people", "server_url": PEOPLE}
    with nothing_sent(made), pytest.raises(openai.PermissionDeniedError) as refused:
        client.responses.create(model="gpt-5.4", input=QUESTION, tools=[tool])
    assert refused.value.code == "policy_denied"


def test_what_a_tool_did_without_the_tool_refuses_and_nothing_is_sent(made: Gateway, claude: Anthropic) -> None:
    used: Any = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "q"}}
    turns: Any = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": [used]}]
    with nothing_sent(made), pytest.raises(anthropic.BadRequestError, match="goes back only with the tool itself"):
        claude.messages.create(model="claude-sonnet-4.6", max_tokens=9, messages=turns)
