"""The dialect `openai_responses` on the caller's side: OpenAI's Responses, served over any provider.

Law: at a provider and in a conversation object only what the rules permit is kept; what else would need a memory is
refused by name.
As strict and as exact as openai_chat.py. Reference: the types in the `openai` package 3.54, November 2026.
"""

from collections.abc import Mapping, Sequence

import msgspec

from ecluse.domain.dialect import Envelope, Listed, Writer
from ecluse.domain.errors import EcluseError
from ecluse.domain.request import HostedTool, Json, Message, Request, Surface
from ecluse.passage.admit import conversations as objects
from ecluse.passage.admit import openai_bodies
from ecluse.passage.admit.checks import boolean, mapping, model_name, wrong
from ecluse.passage.admit.openai_options import chat_needs
from ecluse.passage.admit.responses_items import messages
from ecluse.passage.admit.responses_options import (
    PREFIX,
    include,
    options,
    retention,
    stream_options,
    tool_choice,
    tools,
)
from ecluse.passage.admit.responses_write import StreamWriter, WholeWriter
from ecluse.passage.admit.strict_json import decode


class OpenAIResponses:
    """Reads Responses calls and writes Responses answers."""

    name = "openai_responses"
    routes: Mapping[str, Surface] = {"/v1/responses": Surface.CHAT}
    counts: Mapping[str, Surface] = {"/v1/responses/input_tokens": Surface.CHAT}
    refused: Mapping[str, str] = {
        "/v1/responses": "retention_refused",
        "/v1/conversations": "retention_refused",
    }
    mark = None
    signs = False
    kept = "/v1/responses"
    conversations = "/v1/conversations"
    prefix = PREFIX

    def admit(self, surface: Surface, body: bytes) -> Request:
        """Read a request. Raises CallerError."""
        fields = mapping(decode(body), "body")
        stream = fields.get("stream") is not None and boolean(fields["stream"], "stream")
        stream_options(fields.get("stream_options"))
        asked = options(fields)
        functions, hosted = tools(fields.get("tools"))
        conversation = objects.named(fields.get("conversation"))
        if conversation and fields.get("previous_response_id") is not None:
            raise wrong("conversation", "without `previous_response_id`")
        turns = messages(fields.get("input"), fields.get("instructions"), hosted)
        asked |= include(fields.get("include"), hosted)
        return Request(
            surface=surface,
            model=model_name(fields.get("model")),
            messages=turns,
            tools=functions,
            hosted=hosted,
            tool_choice=tool_choice(fields.get("tool_choice"), hosted),
            options=asked,
            stream=stream,
            include_usage=True,
            needs=chat_needs(turns, (*functions, *hosted), asked, stream=stream),
            retention=retention(fields, instructed=bool(fields.get("instructions"))),
            conversation=conversation,
        )

    def conversation(self, body: bytes) -> str:
        """Return our name for the conversation that a call is of, empty when it is of none. Raises CallerError."""
        return objects.named(mapping(decode(body), "body").get("conversation"))

    def joined(self, body: bytes, items: Sequence[Mapping[str, Json]]) -> bytes:
        """Return a call with the items of its conversation before its own. Raises CallerError."""
        return objects.joined(body, items)

    def added(self, body: bytes, passage: str) -> Sequence[Mapping[str, Json]]:
        """Return the items that a call adds to its conversation."""
        return objects.added(body, passage)

    def turns(self, items: Sequence[Mapping[str, Json]], tools: Sequence[HostedTool] = ()) -> tuple[Message, ...]:
        """Read items as turns, to be searched. Raises CallerError."""
        return messages(items, None, tools, at="items") if items else ()

    def count(self, surface: Surface, body: bytes) -> Request:
        """Read a request to be counted. Raises CallerError."""
        return self.admit(surface, body)

    def counted(self, tokens: int) -> bytes:
        """Return the body that answers a count."""
        return openai_bodies.counted(tokens)

    def writer(self, request: Request, envelope: Envelope) -> Writer:
        """Return the writer of one answer."""
        return StreamWriter(request, envelope) if request.stream else WholeWriter(request, envelope)

    def error(self, error: EcluseError, language: str) -> bytes:
        """Return the body of an error reply."""
        return openai_bodies.error_body(error, language)

    def deleted(self, name: str) -> bytes:
        """Return the body that says that an answer was deleted."""
        return msgspec.json.encode({"id": f"{PREFIX}{name}", "object": "response", "deleted": True})

    def models(self, listed: Sequence[Listed]) -> bytes:
        """Return the list of models."""
        return openai_bodies.models(listed)

    def model(self, listed: Listed) -> bytes:
        """Return one model."""
        return openai_bodies.model(listed)


DIALECT = OpenAIResponses()
