"""The dialect `openai_chat` on the caller's side: chat completions and embeddings as OpenAI's SDKs write them.

Law: strict in what it reads (what is not understood is refused by name, nothing is skipped), exact in what it writes.
Reference: the request and response types in the `openai` package 3.54, November 2026.
"""

from collections.abc import Mapping, Sequence

from ecluse.domain.dialect import Envelope, Listed, Writer
from ecluse.domain.errors import CallerError, EcluseError
from ecluse.domain.request import Capability, Json, Request, Surface
from ecluse.passage.admit import openai_bodies
from ecluse.passage.admit.checks import boolean, mapping, model_name, text, wrong
from ecluse.passage.admit.hosted import search_of_chat
from ecluse.passage.admit.openai_bodies import error_body
from ecluse.passage.admit.openai_messages import messages
from ecluse.passage.admit.openai_options import chat_needs, chat_options, embeddings_options, stream_options
from ecluse.passage.admit.openai_stream import StreamWriter
from ecluse.passage.admit.openai_tools import tool_choice, tools
from ecluse.passage.admit.openai_vectors import VectorWriter
from ecluse.passage.admit.openai_whole import WholeWriter
from ecluse.passage.admit.strict_json import decode
from ecluse.passage.admit.unserved import UNSERVED

INPUTS = 2048
"""Most texts in one embeddings call, as OpenAI has it."""
_CHAT_FIELDS = frozenset(
    {"model", "messages", "tools", "tool_choice", "stream", "stream_options", "web_search_options"}
)
_EMBEDDINGS_FIELDS = frozenset({"model", "input"})


class OpenAIChat:
    """Reads OpenAI calls and writes OpenAI answers."""

    name = "openai_chat"
    routes: Mapping[str, Surface] = {
        "/v1/chat/completions": Surface.CHAT,
        "/v1/embeddings": Surface.EMBEDDINGS,
    }
    counts: Mapping[str, Surface] = {}
    refused: Mapping[str, str] = {
        "/v1/chat/completions": "retention_refused",
        **UNSERVED,
    }
    mark = None
    signs = False

    def admit(self, surface: Surface, body: bytes) -> Request:
        """Read a request. Raises CallerError."""
        fields = mapping(decode(body), "body")
        if surface is Surface.EMBEDDINGS:
            return _embeddings(fields)
        return _chat(fields)

    def count(self, surface: Surface, body: bytes) -> Request:
        """Read a request to be counted. Raises CallerError."""
        return self.admit(surface, body)

    def counted(self, tokens: int) -> bytes:
        """Return the body that answers a count."""
        return openai_bodies.counted(tokens)

    def writer(self, request: Request, envelope: Envelope) -> Writer:
        """Return the writer of one answer."""
        if request.surface is Surface.EMBEDDINGS:
            return VectorWriter(envelope, base64=request.options.get("encoding_format") == "base64")
        if request.stream:
            return StreamWriter(envelope, include_usage=request.include_usage)
        return WholeWriter(envelope)

    def error(self, error: EcluseError, language: str) -> bytes:
        """Return the body of an error reply."""
        return error_body(error, language)

    def models(self, listed: Sequence[Listed]) -> bytes:
        """Return the list of models."""
        return openai_bodies.models(listed)

    def model(self, listed: Listed) -> bytes:
        """Return one model."""
        return openai_bodies.model(listed)


def _chat(fields: Mapping[str, Json]) -> Request:
    stream = fields.get("stream") is not None and boolean(fields["stream"], "stream")
    include_usage, stream_rest = stream_options(fields.get("stream_options"))
    options = chat_options(fields, _CHAT_FIELDS)
    if stream_rest:
        options["stream_options"] = stream_rest
    searched = fields.get("web_search_options")
    hosted = () if searched in (None, False) else (search_of_chat(searched),)
    turns, functions = messages(fields.get("messages")), tools(fields.get("tools"))
    return Request(
        surface=Surface.CHAT,
        model=model_name(fields.get("model")),
        messages=turns,
        tools=functions,
        hosted=hosted,
        tool_choice=tool_choice(fields.get("tool_choice")),
        options=options,
        stream=stream,
        include_usage=include_usage,
        needs=chat_needs(turns, functions, options, stream=stream),
    )


def _embeddings(fields: Mapping[str, Json]) -> Request:
    return Request(
        surface=Surface.EMBEDDINGS,
        model=model_name(fields.get("model")),
        inputs=_inputs(fields.get("input")),
        options=embeddings_options(fields, _EMBEDDINGS_FIELDS),
        needs=frozenset({Capability.EMBEDDINGS}),
    )


def _inputs(value: Json) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not value:
        raise wrong("input", "string | non-empty array of strings")
    for i, item in enumerate(value):
        if isinstance(item, int | list):
            raise CallerError("token_array_refused", f"input[{i}]")
    if len(value) > INPUTS:
        raise wrong("input", f"<= {INPUTS} strings")
    return tuple(text(item, f"input[{i}]") for i, item in enumerate(value))


DIALECT = OpenAIChat()
