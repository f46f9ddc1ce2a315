"""OpenAI's own endpoint: chat and Responses, with tools that it runs itself.

Read in: the request types of OpenAI's Python SDK; its reference "Responses" and "Streaming responses" (an item is
announced, grows and is done; nothing is kept with `store: false`; a tool's output answers a call in `input`).
"""

from collections.abc import Iterator, Mapping

from typing_extensions import override

from simulators import hosted, published
from simulators.brain import Question
from simulators.connections import Ask
from simulators.journal import Fact
from simulators.provider import CREATED, Answer, Identity, Provider, sse
from simulators.published import Body, UnacceptableError

PATH = "/responses"


class OpenAI(Provider):
    """OpenAI's API."""

    def __init__(self, identity: Identity) -> None:
        super().__init__(identity)
        self._given = hosted.Given()
        self._events = 0

    # ------------------------------------------------------------------ what is refused
    @override
    def admit(self, ask: Ask) -> Answer | Body:
        """Check everything."""
        if ask.path != f"{self.base}{PATH}":
            return super().admit(ask)
        self.check_key(ask)
        try:
            body = published.openai_responses(ask.body)
        except UnacceptableError as error:
            raise self.unacceptable(error) from None
        self.check_model(str(body["model"]))
        self._check_items(body)
        return Answer(number=next(self._numbers), asked=body, tool=_function_to_call(body))

    def _check_items(self, body: Body) -> None:
        if body.get("store") is not False:
            raise self.refusal(400, "this account keeps nothing: store must be false")
        asked: set[Fact] = set()
        for item in hosted.listed(body.get("input")):
            match item.get("type"):
                case "function_call":
                    asked.add(item["call_id"])
                case "mcp_approval_request":
                    asked.add(item["id"])
                case "function_call_output" if item["call_id"] not in asked:
                    raise self.refusal(400, "No tool call found for function call output.")
                case "mcp_approval_response" if item["approval_request_id"] not in asked:
                    raise self.refusal(400, "No approval request found for approval response.")
            if item.get("type") in hosted.ITEMS and self._given.altered(item):
                raise self.refusal(400, f"Invalid item: {item.get('type')}")

    # ------------------------------------------------------------------ what is written
    @override
    def question(self, answer: Answer) -> Question:
        """Put the request to the brain."""
        if not _responses(answer):
            return super().question(answer)
        asked = answer.asked
        stated = asked["input"]
        turns: list[Mapping[str, Fact]] = [{"role": "user", "content": stated}] if isinstance(stated, str) else []
        for item in hosted.listed(stated):
            if "role" in item:
                turns.append({"role": item["role"], "content": _plain(item.get("content"))})
            elif item.get("type") == "function_call_output":
                turns.append({"role": "tool", "content": _plain(item["output"])})
        bound = asked.get("max_output_tokens")
        return Question(messages=turns, max_tokens=bound if isinstance(bound, int) else None, tool=answer.tool)

    @override
    def whole(self, answer: Answer) -> dict[str, Fact]:
        """Write the answer in one piece."""
        if _responses(answer):
            return self._response(answer, "completed", self._output(answer))
        whole = super().whole(answer)
        if "web_search_options" in answer.asked and not answer.tool:
            cited: Fact = {"type": "url_citation", "url_citation": _without_type(hosted.annotation(answer.text))}
            for choice in hosted.listed(whole["choices"]):
                message = choice["message"]
                assert isinstance(message, dict)  # noqa: S101 - written above
                message["annotations"] = [cited]
        return whole

    @override
    def begin(self, answer: Answer) -> Iterator[Body]:
        """Write the first events of a stream."""
        if not _responses(answer):
            yield from super().begin(answer)
            return
        self._events = 0
        for kind in ("response.created", "response.in_progress"):
            yield self._event(kind, response=self._response(answer, "in_progress", []))
        done = self._done(answer)
        for place, item in enumerate(done):
            yield self._event("response.output_item.added", output_index=place, item={**item, "status": "in_progress"})
            yield self._event("response.output_item.done", output_index=place, item=dict(item))
        if not hosted.waits(done):
            yield self._event("response.output_item.added", output_index=len(done), item=self._said(answer, begun=True))

    @override
    def piece(self, answer: Answer, text: str) -> Iterator[Body]:
        """Write a piece of text, or of a call's arguments."""
        if not _responses(answer):
            yield from super().piece(answer, text)
            return
        done = self._done(answer)
        if hosted.waits(done):
            return
        where: dict[str, Fact] = {"item_id": _item_id(answer), "output_index": len(done), "delta": text}
        if answer.tool:
            yield self._event("response.function_call_arguments.delta", **where)
        else:
            yield self._event("response.output_text.delta", content_index=0, logprobs=[], **where)

    @override
    def end(self, answer: Answer) -> Iterator[Body]:
        """Write the last events."""
        if not _responses(answer):
            if "web_search_options" in answer.asked and not answer.tool:
                cited: Fact = {"type": "url_citation", "url_citation": _without_type(hosted.annotation(answer.text))}
                yield self.chunk(answer, {"annotations": [cited]})
            yield from super().end(answer)
            return
        done = self._done(answer)
        if not hosted.waits(done):
            item = self._said(answer, begun=False)
            where: dict[str, Fact] = {"item_id": _item_id(answer), "output_index": len(done)}
            for index, one in enumerate(self._annotations(answer)):
                yield self._event(
                    "response.output_text.annotation.added",
                    content_index=0,
                    annotation_index=index,
                    annotation=one,
                    **where,
                )
            yield self._event("response.output_item.done", output_index=len(done), item=item)
        yield self._event("response.completed", response=self._response(answer, "completed", self._output(answer)))

    @override
    def event(self, body: Mapping[str, Fact]) -> bytes:
        """Write one event, under its name where it has one."""
        named = f"event: {body['type']}\n".encode() if "type" in body else b""
        return named + sse(body)

    def _event(self, kind: str, **fields: Fact) -> Body:
        self._events += 1
        return {"type": kind, "sequence_number": self._events - 1, **fields}

    def _done(self, answer: Answer) -> list[Mapping[str, Fact]]:
        done = hosted.items(answer.asked, answer.number)
        self._given.keep(done)
        return done

    def _output(self, answer: Answer) -> list[Fact]:
        done = self._done(answer)
        return [*map(dict, done), *([] if hosted.waits(done) else [self._said(answer, begun=False)])]

    def _annotations(self, answer: Answer) -> list[Fact]:
        searched = any(tool.get("type") == "web_search" for tool in hosted.listed(answer.asked.get("tools")))
        return [hosted.annotation(answer.text)] if searched else []

    def _said(self, answer: Answer, *, begun: bool) -> dict[str, Fact]:
        status = "in_progress" if begun else "completed"
        head: dict[str, Fact] = {"id": _item_id(answer), "status": status}
        if answer.tool:
            said = "" if begun else answer.text
            called: dict[str, Fact] = {"call_id": self.call_id(answer), "name": answer.tool_name, "arguments": said}
            return {"type": "function_call", **head, **called}
        part: Fact = {
            "type": "output_text",
            "text": answer.text,
            "annotations": self._annotations(answer),
            "logprobs": [],
        }
        return {"type": "message", **head, "role": "assistant", "content": [] if begun else [part]}

    def _response(self, answer: Answer, status: str, output: list[Fact]) -> dict[str, Fact]:
        used = answer.ending
        return {
            "id": f"resp_{answer.number:024x}",
            "object": "response",
            "created_at": CREATED,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "model": answer.model,
            "output": output,
            "store": False,
            "usage": None
            if status == "in_progress"
            else {
                "input_tokens": used.tokens_in,
                "output_tokens": used.tokens_out,
                "total_tokens": used.tokens_in + used.tokens_out,
            },
        }


def _responses(answer: Answer) -> bool:
    return "input" in answer.asked


def _item_id(answer: Answer) -> str:
    return f"item_{answer.number:024x}"


def _plain(content: Fact) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(str(part["text"]) for part in hosted.listed(content) if "text" in part)


def _without_type(fields: Mapping[str, Fact]) -> dict[str, Fact]:
    return {name: value for name, value in fields.items() if name != "type"}


def _function_to_call(body: Body) -> Mapping[str, Fact] | None:
    """Return the function that this answer calls: the one that is named, or the first while none has answered."""
    choice = body.get("tool_choice")
    functions = [tool for tool in hosted.listed(body.get("tools")) if tool.get("type") == "function"]
    if choice == "none" or not functions:
        return None
    if isinstance(choice, dict):
        return next((function for function in functions if function["name"] == choice.get("name")), None)
    answered = any(item.get("type") == "function_call_output" for item in hosted.listed(body.get("input")))
    return functions[0] if choice == "required" or not answered else None
