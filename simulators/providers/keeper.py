"""A service that speaks OpenAI's Responses and keeps what it is asked to keep, as OpenAI does.

Read in: the types and the resources of the `openai` package 3.54 (`store`, `previous_response_id`, `delete`).
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from typing_extensions import override

from simulators import published
from simulators.brain import Brain, Ending, Question
from simulators.connections import Ask, Reply
from simulators.journal import Fact
from simulators.provider import CREATED, Identity, Provider, json_reply, sse
from simulators.published import Body, UnacceptableError


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    body: Mapping[str, Fact]
    turns: list[Mapping[str, Fact]] = field(default_factory=list)


class Keeper(Provider):
    """One server, and what it keeps."""

    def __init__(self, identity: Identity) -> None:
        super().__init__(identity)
        self.stored: dict[str, _Kept] = {}
        self.name: str | None = None
        """What it calls its answers, where a test says so."""
        self.fails = False
        """Whether a stream fails once it has begun; what it kept stays kept."""

    @override
    async def work(self, ask: Ask, brain: Brain) -> Reply | None:
        """Answer a call about responses."""
        path = ask.target.removeprefix(f"{self.base}/responses")
        if not ask.target.startswith(f"{self.base}/responses"):
            return None
        self.check_key(ask)
        if not path and ask.method == "POST":
            return await self._create(ask, brain)
        kept = self.stored.get(path.removeprefix("/"))
        if kept is None:
            raise self.refusal(404, "Response not found.")
        if ask.method == "DELETE":
            del self.stored[path.removeprefix("/")]
            return json_reply(200, {"id": kept.body["id"], "object": "response", "deleted": True})
        return json_reply(200, kept.body)

    async def _create(self, ask: Ask, brain: Brain) -> Reply:
        try:
            asked = published.openai_responses(ask.body)
        except UnacceptableError as error:
            raise self.unacceptable(error) from None
        self.check_model(str(asked["model"]))
        turns = self._turns(asked)
        told = [{"role": "system", "content": asked["instructions"]}] if asked.get("instructions") else []
        text, ending = "", Ending(reason="stop", tokens_in=0, tokens_out=0)
        async for piece in brain.answer(Question(messages=[*told, *turns])):
            if isinstance(piece, Ending):
                ending = piece
            else:
                text += piece
        body = self._body(asked, text, ending)
        if asked.get("store") is not False:  # absent means true, as at OpenAI
            said: Mapping[str, Fact] = {"role": "assistant", "content": text}
            self.stored[str(body["id"])] = _Kept(body=body, turns=[*turns, said])
        if asked.get("stream"):
            return Reply(headers={"content-type": "text/event-stream"}, body=_stream(body, text, fails=self.fails))
        return json_reply(200, body)

    def _turns(self, asked: Body) -> list[Mapping[str, Fact]]:
        previous, stated = asked.get("previous_response_id"), asked["input"]
        turns: list[Mapping[str, Fact]] = []
        if previous is not None:
            if (kept := self.stored.get(str(previous))) is None:
                raise self.refusal(400, "Previous response not found.", code="previous_response_not_found")
            turns += kept.turns
        if isinstance(stated, str):
            return [*turns, {"role": "user", "content": stated}]
        assert isinstance(stated, list)  # noqa: S101 - the types say so
        items = [item for item in stated if isinstance(item, dict)]
        return turns + [one if "role" in one else {"role": "tool", "content": one.get("output", "")} for one in items]

    def _body(self, asked: Body, text: str, ending: Ending) -> dict[str, Fact]:
        number = next(self._numbers)
        part: dict[str, Fact] = {"type": "output_text", "text": text, "annotations": []}
        message: dict[str, Fact] = {
            "type": "message",
            "id": f"msg_{number}",
            "role": "assistant",
            "status": "completed",
            "content": [part],
        }
        total = ending.tokens_in + ending.tokens_out
        return {
            "id": f"resp_upstream{number:06d}" if self.name is None else self.name,
            "object": "response",
            "created_at": CREATED,
            "status": "completed",
            "model": asked["model"],
            "output": [message],
            "store": asked.get("store") is not False,
            "usage": {
                "input_tokens": ending.tokens_in,
                "output_tokens": ending.tokens_out,
                "total_tokens": total,
            },
        }


async def _stream(body: Mapping[str, Fact], text: str, *, fails: bool) -> AsyncIterator[bytes]:
    begun: dict[str, Fact] = {**body, "status": "in_progress", "output": []}
    yield sse({"type": "response.created", "response": begun})
    if fails:
        wrong: Fact = {"code": "server_error", "message": text}
        yield sse({"type": "response.failed", "response": {**begun, "status": "failed", "error": wrong}})
        return
    for at in range(0, len(text), 5):
        yield sse({"type": "response.output_text.delta", "output_index": 0, "delta": text[at : at + 5]})
    yield sse({"type": "response.completed", "response": dict(body)})
