"""A Responses answer in the making: its items, and the `response` object around them.

Law: every copy of a text is made of the same pieces, after they were restored; nothing is invented. `store` is false
unless the provider keeps the answer. Only the first of several answers has a place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ecluse.domain.citations import moved_by
from ecluse.domain.dialect import Envelope
from ecluse.domain.errors import EcluseError
from ecluse.domain.event import Channel, Finish, Text, ToolArgs, Usage
from ecluse.domain.request import Json, Request, Retention
from ecluse.passage.admit.conversations import PREFIX as CONVERSATION
from ecluse.passage.admit.openai_bodies import error_object
from ecluse.passage.admit.openai_rest import call_id
from ecluse.passage.admit.responses_options import PREFIX

_PREFIX = {"message": "msg", "reasoning": "rs", "function_call": "fc"}
_PARTS = {Channel.CONTENT: "output_text", Channel.REFUSAL: "refusal"}


@dataclass(slots=True, kw_only=True)
class Item:
    """One item in the making. `part` is the type of its only part; a call has none.

    `hosted` is what a tool of the provider's did, whole and as the provider wrote it.
    """

    kind: str
    place: int
    answer: str
    part: str = ""
    call: int | None = None
    call_id: str = ""
    name: str = ""
    texts: list[str] = field(default_factory=list)
    closed: bool = False
    hosted: Mapping[str, Json] | None = None
    annotations: list[Mapping[str, Json]] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The item's id."""
        return f"{_PREFIX[self.kind]}_{self.answer}_{self.place}"

    @property
    def said(self) -> str:
        """All of its text, or of its arguments."""
        return "".join(self.texts)

    def part_object(self, said: str) -> dict[str, Json]:
        """Return the part with the text `said`."""
        if self.part == "refusal":
            return {"type": "refusal", "refusal": said}
        if self.part == "reasoning_text":
            return {"type": "reasoning_text", "text": said}
        return {"type": "output_text", "text": said, "annotations": self.annotations, "logprobs": []}

    def written(self, status: str) -> dict[str, Json]:
        """Return the item."""
        if self.hosted is not None:
            return dict(self.hosted)
        head: dict[str, Json] = {"type": self.kind, "id": self.id, "status": status}
        if self.kind == "function_call":
            said = "" if status == "in_progress" else self.said
            return {**head, "call_id": self.call_id, "name": self.name, "arguments": said}
        content: list[Json] = [] if status == "in_progress" else [self.part_object(self.said)]
        if self.kind == "reasoning":
            return {**head, "summary": [], "content": content}
        return {**head, "role": "assistant", "content": content}


class Answer:
    """The items of one answer, in the order in which they began."""

    def __init__(self, request: Request, envelope: Envelope) -> None:
        self._request = request
        self._envelope = envelope
        self.items: list[Item] = []
        self.finish: Finish | None = None
        self.usage: Usage | None = None

    def text_item(self, event: Text) -> Item:
        """Return the item that a text belongs to, a new one unless the last is open and of its kind."""
        part = _PARTS.get(event.channel, "reasoning_text")
        last = self.items[-1] if self.items else None
        if last is not None and last.part == part and not last.closed:
            return last
        return self._begin("reasoning" if part == "reasoning_text" else "message", part)

    def call_item(self, event: ToolArgs) -> Item:
        """Return the item of a call, a new one when it begins."""
        item = next((item for item in self.items if item.call == event.index), None)
        if item is None:
            item = self._begin("function_call", "")
            item.call = event.index
            item.call_id = event.id or call_id(self._envelope.id, 0, event.index)
        item.name += event.name or ""
        return item

    def cite(self, raw: Json) -> list[tuple[Item, int]]:
        """Keep the citations that stand beside the first answer's text; return the item and the place of each."""
        last = self.items[-1] if self.items else None
        if last is None or last.part != "output_text" or last.closed:
            return []
        before = sum(len(item.said) for item in self.items[:-1] if item.part == last.part)
        found = [moved_by(one, -before) for one in annotations_of(raw)]
        last.annotations += found
        return [(last, len(last.annotations) - len(found) + i) for i in range(len(found))]

    def hosted_items(self, raw: Json) -> list[Item]:
        """Return the items of what hosted tools did; without such tools in the call nothing is made of it."""
        output = raw.get("output") if isinstance(raw, Mapping) and self._request.hosted else None
        made: list[Item] = []
        for one in output if isinstance(output, list) else ():
            if isinstance(one, Mapping):
                item = self._begin(str(one.get("type")), "")
                item.hosted = one
                made.append(item)
        return made

    def _begin(self, kind: str, part: str) -> Item:
        item = Item(kind=kind, place=len(self.items), answer=self._envelope.id, part=part)
        self.items.append(item)
        return item

    @property
    def status(self) -> tuple[str, str | None]:
        """Whether the answer is complete, and why not."""
        reason = None if self.finish is None else self.finish.reason
        why = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(reason or "")
        return ("completed", None) if why is None else ("incomplete", why)

    def ended(self) -> list[Mapping[str, Json]]:
        """Return the items of an answer that has ended."""
        status, _ = self.status
        return [item.written(status if item is self.items[-1] else "completed") for item in self.items]

    def response(self, status: str, *, why: str | None = None, error: EcluseError | None = None) -> dict[str, object]:
        """Return the `response` object; its items are in it once the answer ended."""
        options, kept = self._request.options, self._request.retention or Retention()
        begun = status == "in_progress"
        return {
            "id": f"{PREFIX}{self._envelope.id}",
            "object": "response",
            "created_at": self._envelope.created,
            "status": status,
            "background": False,
            **(
                {"conversation": {"id": f"{CONVERSATION}{self._request.conversation}"}}
                if self._request.conversation
                else {}
            ),
            "error": None if error is None else _error(error),
            "incomplete_details": None if why is None else {"reason": why},
            "instructions": None,
            "max_output_tokens": options.get("max_tokens"),
            "metadata": options.get("metadata", {}),
            "model": self._envelope.model,
            "output": []
            if begun
            else [item.written("completed" if item.closed else "incomplete") for item in self.items],
            "parallel_tool_calls": options.get("parallel_tool_calls", True),
            "previous_response_id": f"{PREFIX}{kept.previous}" if kept.previous and not kept.fetch else None,
            "reasoning": {"effort": options.get("reasoning_effort"), "summary": None},
            "store": kept.store or kept.fetch,
            "temperature": options.get("temperature"),
            "text": {"format": _format(options.get("response_format"))},
            "tool_choice": _choice(self._request.tool_choice),
            "tools": [tool.wire for tool in self._request.hosted]
            + [
                {
                    "type": "function",
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": tool.parameters,
                    "strict": tool.strict,
                }
                for tool in self._request.tools
            ],
            "top_p": options.get("top_p"),
            "truncation": "disabled",
            "usage": None if begun else usage_object(self.usage),
            "user": options.get("user"),
        }


def annotations_of(raw: Json) -> list[Mapping[str, Json]]:
    """Return the citations in what came beside a text, as this format writes them: chat's have a level more."""
    choices = raw.get("choices") if isinstance(raw, Mapping) else None
    told: list[Mapping[str, Json]] = []
    for choice in choices if isinstance(choices, list) else [raw]:
        delta = choice.get("delta") if isinstance(choice, Mapping) and choice.get("index", 0) == 0 else None
        listed = delta.get("annotations") if isinstance(delta, Mapping) else None
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, Mapping):
                inner = one.get("url_citation")
                told.append({"type": "url_citation", **inner} if isinstance(inner, Mapping) else one)
    return told


def usage_object(usage: Usage | None) -> dict[str, object] | None:
    """Return the usage, or None when a count is unknown; details are what the provider counted apart, if it did."""
    if usage is None or usage.tokens_in is None or usage.tokens_out is None:
        return None
    cached = _counted(usage.raw.get("prompt_tokens_details"), "cached_tokens")
    cached = cached or _counted(usage.raw, "cache_read_input_tokens")
    written = _counted(usage.raw.get("prompt_tokens_details"), "cache_write_tokens")
    written = written or _counted(usage.raw, "cache_creation_input_tokens")
    thought = _counted(usage.raw.get("completion_tokens_details"), "reasoning_tokens")
    return {
        "input_tokens": usage.tokens_in,
        "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written},
        "output_tokens": usage.tokens_out,
        "output_tokens_details": {"reasoning_tokens": thought},
        "total_tokens": usage.tokens_in + usage.tokens_out,
    }


def _counted(details: object, name: str) -> int:
    count = details.get(name) if isinstance(details, Mapping) else None
    return count if isinstance(count, int) else 0


def _error(error: EcluseError) -> dict[str, object]:
    known = error_object(error, "en")
    code = "rate_limit_exceeded" if error.code == "upstream_rate_limited" else "server_error"
    return {"code": code, "message": f"{known['code']}: {known['message']}"}


def _format(form: Json) -> dict[str, object]:
    if not isinstance(form, Mapping):
        return {"type": "text"}
    schema = form.get("json_schema")
    return {"type": form.get("type"), **(schema if isinstance(schema, Mapping) else {})}


def _choice(choice: Json) -> object:
    if not isinstance(choice, Mapping):
        return choice or "auto"
    if choice.get("type") == "hosted":
        return choice.get("hosted")
    function, allowed = choice.get("function"), choice.get("allowed_tools")
    if isinstance(function, Mapping):
        return {"type": "function", "name": function.get("name")}
    if isinstance(allowed, Mapping) and isinstance(listed := allowed.get("tools"), list):
        return {"type": "allowed_tools", "mode": allowed.get("mode"), "tools": [_choice(one) for one in listed]}
    return "auto"
