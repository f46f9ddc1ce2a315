"""What the tools of a simulated provider do: searches, runs of code, calls of a remote server; nothing leaves for them.

Law: what was given out comes back as it was: an altered block or item is refused, as a provider refuses one that it
signed. Sources: the types of OpenAI's and Anthropic's SDKs; OpenAI, "Remote MCP" (a call waits for a word of the caller
unless `require_approval` is `never`); Anthropic, "Server tools" (`pause_turn`).
"""

from collections.abc import Mapping, Sequence

from simulators.journal import Fact
from simulators.published import Body

QUERY = "level of the lock at Conflans"
PAGE = "https://www.exemple.test/ecluse"
TITLE = "L'écluse de Conflans"
OPAQUE = "c2VhbGVkIGJ5IGEgc2ltdWxhdG9y"
"""What only the provider reads."""
FOUND = "The lock is open."
SERVER_TOOL = "look_up"
_NEVER = ("never",)


class Given:
    """What was given out, by its id."""

    def __init__(self) -> None:
        self._kept: dict[str, Fact] = {}

    def keep(self, things: Sequence[Mapping[str, Fact]]) -> None:
        """Remember what is given out."""
        for thing in things:
            self._kept[_name(thing)] = dict(thing)

    def altered(self, thing: Mapping[str, Fact]) -> bool:
        """Say whether something comes back otherwise than it was given out."""
        return self._kept.get(_name(thing), dict(thing)) != dict(thing)


def _name(thing: Mapping[str, Fact]) -> str:
    return f"{thing.get('type')} {thing.get('id') or thing.get('tool_use_id')}"


# ------------------------------------------------------------------ OpenAI's Responses
ITEMS = frozenset({"web_search_call", "mcp_list_tools", "mcp_call", "mcp_approval_request"})


def items(body: Body, number: int) -> list[Mapping[str, Fact]]:
    """Return what the hosted tools of a Responses call do before the model speaks."""
    done: list[Mapping[str, Fact]] = []
    before = [item for item in listed(body.get("input")) if isinstance(item, dict)]
    for tool in listed(body.get("tools")):
        if tool.get("type") == "web_search" and not any(item.get("type") == "web_search_call" for item in before):
            action: Fact = {"type": "search", "query": QUERY}
            done.append({"type": "web_search_call", "id": f"ws_{number:06d}", "status": "completed", "action": action})
        elif tool.get("type") == "mcp":
            done += _server(tool, before, number)
    return done


def _server(tool: Mapping[str, Fact], before: Sequence[Mapping[str, Fact]], number: int) -> list[Mapping[str, Fact]]:
    label = tool["server_label"]
    seen = {str(item.get("type")) for item in before}
    if "mcp_call" in seen:
        return []
    named: dict[str, Fact] = {"name": SERVER_TOOL, "server_label": label, "arguments": f'{{"query":"{QUERY}"}}'}
    schema: Fact = {"type": "object", "properties": {"query": {"type": "string"}}}
    about: Fact = {"name": SERVER_TOOL, "description": "Looks up", "input_schema": schema}
    known: Mapping[str, Fact] = {
        "type": "mcp_list_tools",
        "id": f"mcpl_{number:06d}",
        "server_label": label,
        "tools": [about],
    }
    made = [] if "mcp_list_tools" in seen else [known]
    word = next((item for item in before if item.get("type") == "mcp_approval_response"), None)
    if word is None and tool.get("require_approval", "always") not in _NEVER:
        return [*made, {"type": "mcp_approval_request", "id": f"mcpr_{number:06d}", **named}]
    if word is not None and word.get("approve") is not True:
        return made
    return [*made, {"type": "mcp_call", "id": f"mcp_{number:06d}", **named, "output": FOUND}]


def waits(done: Sequence[Mapping[str, Fact]]) -> bool:
    """Say whether the model waits for a word of the caller's before it speaks."""
    return any(item.get("type") == "mcp_approval_request" for item in done)


def annotation(text: str) -> dict[str, Fact]:
    """Return the citation of a text by Responses."""
    return {"type": "url_citation", "start_index": 0, "end_index": len(text), "url": PAGE, "title": TITLE}


# ------------------------------------------------------------------ Anthropic's messages
def blocks(body: Body, number: int) -> list[Mapping[str, Fact]]:
    """Return what the server tools of a call do before the model speaks; a paused search gets its result."""
    turns = [turn for turn in listed(body.get("messages")) if isinstance(turn, dict)]
    before = [block for turn in turns for block in listed(turn.get("content"))]
    seen = {str(block.get("type")) for block in before}
    done: list[Mapping[str, Fact]] = []
    for tool in listed(body.get("tools")):
        kind = str(tool.get("type"))
        if kind.startswith("web_search_") and "web_search_tool_result" not in seen:
            done += _searched(tool, before, number)
        elif kind.startswith("code_execution_") and "code_execution_tool_result" not in seen:
            id_ = f"srvtoolu_c{number:06d}"
            ran: Fact = {
                "type": "code_execution_result",
                "stdout": FOUND,
                "stderr": "",
                "return_code": 0,
                "content": [],
            }
            done.append({"type": "server_tool_use", "id": id_, "name": "code_execution", "input": {"code": "print(1)"}})
            done.append({"type": "code_execution_tool_result", "tool_use_id": id_, "content": ran})
        elif kind == "mcp_toolset" and "mcp_tool_result" not in seen:
            id_, name = f"mcptoolu_{number:06d}", tool["mcp_server_name"]
            text: Fact = [{"type": "text", "text": FOUND}]
            asked: Fact = {"query": QUERY}
            about: Fact = {"name": SERVER_TOOL, "description": "Looks up", "input_schema": {"type": "object"}}
            done.append({"type": "mcp_tool_listing", "mcp_server_name": name, "tools": [about]})
            done.append({"type": "mcp_tool_use", "id": id_, "name": SERVER_TOOL, "server_name": name, "input": asked})
            done.append({"type": "mcp_tool_result", "tool_use_id": id_, "is_error": False, "content": text})
    return done


def _searched(tool: Mapping[str, Fact], before: Sequence[Mapping[str, Fact]], number: int) -> list[Mapping[str, Fact]]:
    """Search, and pause before the result where one use is all there may be."""
    called = [str(block["id"]) for block in before if block.get("type") == "server_tool_use"]
    id_ = called[-1] if called else f"srvtoolu_{number:06d}"
    use: Mapping[str, Fact] = {
        "type": "server_tool_use",
        "id": id_,
        "name": "web_search",
        "input": {"query": QUERY},
    }
    page: Fact = {
        "type": "web_search_result",
        "url": PAGE,
        "title": TITLE,
        "encrypted_content": OPAQUE,
        "page_age": "April 30, 2026",
    }
    result: Mapping[str, Fact] = {"type": "web_search_tool_result", "tool_use_id": id_, "content": [page]}
    if called:
        return [result]
    return [use] if tool.get("max_uses") == 1 else [use, result]


def paused(done: Sequence[Mapping[str, Fact]]) -> bool:
    """Say whether the provider stopped in the middle of a turn."""
    return bool(done) and done[-1].get("type") == "server_tool_use"


def cited() -> dict[str, Fact]:
    """Return the citation of a text by Anthropic."""
    return {
        "type": "web_search_result_location",
        "cited_text": FOUND,
        "encrypted_index": OPAQUE,
        "title": TITLE,
        "url": PAGE,
    }


def listed(value: Fact) -> list[Mapping[str, Fact]]:
    """Return the objects of a list, none for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
