"""The dialect `rerank` on the caller's side: documents ranked by a query, as Cohere (v2) and Jina write it.

Law: query and documents are texts, all searched; a picture among them is refused by name. The provider is never asked
to send the documents back: where the caller wants them, they are those of the request.
Reference: docs.vllm.ai, "Score" (Cohere's clients before vLLM); docs.openvino.ai, "Cohere API rerank endpoint".
"""

from collections.abc import Mapping
from typing import Any

from ecluse.domain.dialect import Envelope, Writer
from ecluse.domain.event import Item, Usage
from ecluse.domain.request import Capability, Json, Request, Surface
from ecluse.passage.admit.checks import array, boolean, integer, mapping, model_name, only, text, wrong
from ecluse.passage.admit.list_write import ListWriter
from ecluse.passage.admit.openai_options import count
from ecluse.passage.admit.openai_replies import OpenAIReplies
from ecluse.passage.admit.strict_json import decode

DOCUMENTS = 1000
"""Most documents in one call."""
_FIELDS = frozenset(
    {"model", "query", "documents", "top_n", "return_documents", "max_tokens_per_doc", "priority", "truncation"}
)


class Rerank(OpenAIReplies):
    """Reads a call to rank documents, and writes the ranks."""

    name = "rerank"
    routes: Mapping[str, Surface] = {"/v1/rerank": Surface.RERANK, "/v2/rerank": Surface.RERANK}

    def admit(self, surface: Surface, body: bytes) -> Request:
        """Read a request. Raises CallerError."""
        fields = mapping(decode(body), "body")
        only(fields, _FIELDS, "body")
        documents = _documents(fields.get("documents"))
        options: dict[str, Json] = {}
        if (top := fields.get("top_n")) is not None:
            options["top_n"] = min(integer(count(top, "top_n"), "top_n"), len(documents))
        if (most := fields.get("max_tokens_per_doc")) is not None:
            options["max_tokens_per_doc"] = count(most, "max_tokens_per_doc")
        if fields.get("return_documents") is not None:
            options["return_documents"] = boolean(fields["return_documents"], "return_documents")
        return Request(
            surface=surface,
            model=model_name(fields.get("model")),
            inputs=(text(fields.get("query"), "query"), *documents),
            options=options,
            needs=frozenset({Capability.RERANK}),
        )

    def writer(self, request: Request, envelope: Envelope) -> Writer:
        """Return the writer of one answer."""
        shown = request.inputs[1:] if request.options.get("return_documents") is True else ()

        def body(items: list[Item], usage: Usage | None, _rest: Mapping[str, Json]) -> Mapping[str, object]:
            tokens = None if usage is None else usage.tokens_in
            return {
                "id": envelope.id,
                "model": envelope.model,
                "results": [_result(item, shown) for item in items],
                "meta": {"api_version": {"version": "2"}},
                **({} if tokens is None else {"usage": {"total_tokens": tokens, "prompt_tokens": tokens}}),
            }

        return ListWriter(body)


def _documents(value: Json) -> tuple[str, ...]:
    listed = array(value, "documents")
    if not 1 <= len(listed) <= DOCUMENTS:
        raise wrong("documents", f"1..{DOCUMENTS} texts")
    return tuple(_document(one, f"documents[{i}]") for i, one in enumerate(listed))


def _document(value: Json, path: str) -> str:
    if isinstance(value, dict):
        only(value, frozenset({"text"}), path)
        return text(value.get("text"), f"{path}.text")
    return text(value, path)


def _result(item: Item, shown: tuple[str, ...]) -> dict[str, Any]:
    result: dict[str, Any] = {"index": item.index, **item.raw}
    if item.index < len(shown):
        result["document"] = {"text": shown[item.index]}
    return result


DIALECT = Rerank()
