"""The dialect `anthropic_messages` on the caller's side: messages as Anthropic's SDKs and Claude Code write them.

Law: as strict and as exact as openai_chat.py. Tokens are estimated here before a call: each destination counts in its
own way, and to ask one would be to send the text. Reference: the types in the `anthropic` package 2.12, November 2026.
"""

from collections.abc import Mapping, Sequence

from ecluse.domain.dialect import Envelope, Listed, Writer
from ecluse.domain.errors import EcluseError
from ecluse.domain.request import Json, Request, Surface
from ecluse.passage.admit import anthropic_bodies
from ecluse.passage.admit.anthropic_blocks import cache_control, messages, system
from ecluse.passage.admit.anthropic_options import options, tool_choice, tools
from ecluse.passage.admit.anthropic_stream import StreamWriter
from ecluse.passage.admit.anthropic_whole import WholeWriter
from ecluse.passage.admit.checks import boolean, mapping, model_name
from ecluse.passage.admit.openai_options import chat_needs
from ecluse.passage.admit.strict_json import decode


class AnthropicMessages:
    """Reads Anthropic calls and writes Anthropic answers."""

    name = "anthropic_messages"
    routes: Mapping[str, Surface] = {"/v1/messages": Surface.CHAT}
    counts: Mapping[str, Surface] = {"/v1/messages/count_tokens": Surface.CHAT}
    refused: Mapping[str, str] = {
        "/v1/messages/batches": "batch_refused",
        "/v1/messages": "retention_refused",
        "/v1/complete": "surface_refused",
    }
    mark = "anthropic-version"
    signs = True

    def admit(self, surface: Surface, body: bytes) -> Request:
        """Read a request. Raises CallerError."""
        return self._read(surface, mapping(decode(body), "body"))

    def count(self, surface: Surface, body: bytes) -> Request:
        """Read a request to be counted, which may leave out how long its answer shall be. Raises CallerError."""
        return self._read(surface, {"max_tokens": 1, **mapping(decode(body), "body")})

    def counted(self, tokens: int) -> bytes:
        """Return the body that answers a count."""
        return anthropic_bodies.counted(tokens)

    def _read(self, surface: Surface, fields: Mapping[str, Json]) -> Request:
        stream = fields.get("stream") is not None and boolean(fields["stream"], "stream")
        choice, alone = tool_choice(fields.get("tool_choice"))
        asked = {**options(fields), **alone}
        functions, hosted = tools(fields.get("tools"), fields.get("mcp_servers"))
        turns = (*system(fields.get("system")), *messages(fields.get("messages"), hosted))
        return Request(
            surface=surface,
            model=model_name(fields.get("model")),
            messages=turns,
            tools=functions,
            hosted=hosted,
            tool_choice=choice,
            options=asked,
            stream=stream,
            include_usage=True,
            needs=chat_needs(turns, (*functions, *hosted), asked, stream=stream),
            cache=cache_control(fields.get("cache_control"), "cache_control"),
        )

    def writer(self, request: Request, envelope: Envelope) -> Writer:
        """Return the writer of one answer."""
        hosted = bool(request.hosted)
        return StreamWriter(envelope, hosted=hosted) if request.stream else WholeWriter(envelope, hosted=hosted)

    def error(self, error: EcluseError, language: str) -> bytes:
        """Return the body of an error reply."""
        return anthropic_bodies.error_body(error, language)

    def models(self, listed: Sequence[Listed]) -> bytes:
        """Return the list of models."""
        return anthropic_bodies.models(listed)

    def model(self, listed: Listed) -> bytes:
        """Return one model."""
        return anthropic_bodies.model(listed)


DIALECT = AnthropicMessages()
