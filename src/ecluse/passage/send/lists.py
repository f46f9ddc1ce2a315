"""Work whose answer is one list: ranks of documents, judgements of texts, pages of a document.

Law: a list is read whole or is malformed: an index out of range or twice, a rank without number, no judgement.
What the provider repeats of the request is left out. Sources: as in admit/rerank.py for ranks; the types of
the `openai` and `mistralai` packages for moderations and OCR.
"""

from collections.abc import Callable, Mapping, Sequence

from ecluse.domain.destination import Destination
from ecluse.domain.dialect import Reader
from ecluse.domain.effects import Call
from ecluse.domain.errors import ProviderError
from ecluse.domain.event import Begin, Event, Item, Opaque, Usage
from ecluse.domain.request import BlobPart, Json, Request
from ecluse.passage.send.object_read import ObjectReader
from ecluse.passage.send.openai_wire import post, taken, unknown_options
from ecluse.passage.send.rest import bounded, count

BODY = 64 * 1024 * 1024
"""Most bytes of a list: pages may hold their pictures."""
_RERANK = frozenset({"top_n", "return_documents"})
_OCR = frozenset(
    {
        "bbox_annotation_format",
        "confidence_scores_granularity",
        "document_annotation_format",
        "document_annotation_prompt",
        "extract_footer",
        "extract_header",
        "image_limit",
        "image_min_size",
        "include_blocks",
        "include_image_base64",
        "pages",
        "table_format",
    }
)


class Rerank:
    """`/rerank` as vLLM, Jina, Cohere and Albert have it."""

    def unsupported(self, request: Request) -> tuple[str, ...]:
        """Name the request's fields that this wire format does not take."""
        return unknown_options(request, _RERANK)

    def call(self, request: Request, destination: Destination, attempt: str, path: Callable[[str], str]) -> Call:
        """Write the request; documents never come back, the caller has them."""
        query, *documents = request.inputs
        body: dict[str, Json] = {"model": destination.wire_model, "query": query, "documents": documents}
        body |= taken(request, frozenset({"top_n"}))
        return post(request, destination, attempt, path("/rerank"), body)

    def reader(self, request: Request) -> Reader:
        """Return the reader of one answer."""
        return ListReader("results", _rank, within=len(request.inputs) - 1)


class Moderations:
    """`/moderations` as OpenAI and Mistral have it."""

    def unsupported(self, request: Request) -> tuple[str, ...]:
        """Name the request's fields that this wire format does not take."""
        return unknown_options(request, frozenset())

    def call(self, request: Request, destination: Destination, attempt: str, path: Callable[[str], str]) -> Call:
        """Write the request."""
        body: dict[str, Json] = {"model": destination.wire_model, "input": list(request.inputs)}
        return post(request, destination, attempt, path("/moderations"), body)

    def reader(self, request: Request) -> Reader:
        """Return the reader of one answer."""
        return ListReader("results", _judgement, within=len(request.inputs), exactly=True)


class Ocr:
    """Mistral's `/ocr`."""

    def unsupported(self, request: Request) -> tuple[str, ...]:
        """Name the request's fields that this wire format does not take."""
        return unknown_options(request, _OCR)

    def call(self, request: Request, destination: Destination, attempt: str, path: Callable[[str], str]) -> Call:
        """Write the request."""
        (document,) = (part.wire for part in request.messages[0].parts if isinstance(part, BlobPart))
        body: dict[str, Json] = {"model": destination.wire_model, "document": document, **taken(request, _OCR)}
        return post(request, destination, attempt, path("/ocr"), body)

    def reader(self, request: Request) -> Reader:  # noqa: ARG002 - how many pages there are, only the answer says
        """Return the reader of one answer."""
        return ListReader("pages", _page, within=100_000)


class ListReader(ObjectReader):
    """Reads the list that stands under `key`; `within` is one more than its greatest index."""

    def __init__(
        self, key: str, item: Callable[[Mapping[str, Json], int], Item], *, within: int, exactly: bool = False
    ) -> None:
        super().__init__(limit=BODY)
        self._key = key
        self._item = item
        self._within = within
        self._exactly = exactly

    def events(self, answer: Mapping[str, Json]) -> Sequence[Event]:
        """Return the items of the list. Raises ProviderError."""
        listed = answer.get(self._key)
        if not isinstance(listed, list) or (self._exactly and len(listed) != self._within):
            raise ProviderError("upstream_malformed", self._key)
        items = [self._item(_object(one, self._key), position) for position, one in enumerate(listed)]
        indices = {item.index for item in items}
        if len(indices) != len(items) or any(not 0 <= index < self._within for index in indices):
            raise ProviderError("upstream_malformed", "index")
        model = answer.get("model")
        beside: dict[str, Json] = {
            name: answer[name] for name in ("usage_info", "document_annotation") if answer.get(name) is not None
        }
        return (
            Begin(model=model if isinstance(model, str) else ""),
            *items,
            *((Opaque(raw=bounded(beside)),) if beside else ()),
            _usage(answer.get("usage")),
        )


def _object(value: Json, key: str) -> Mapping[str, Json]:
    if not isinstance(value, dict):
        raise ProviderError("upstream_malformed", key)
    return value


def _usage(value: Json) -> Usage:
    used = value if isinstance(value, dict) else {}
    tokens = count(used.get("prompt_tokens"))
    return Usage(tokens_in=count(used.get("total_tokens")) if tokens is None else tokens, tokens_out=0)


def _rank(one: Mapping[str, Json], _position: int) -> Item:
    index, score = one.get("index"), one.get("relevance_score")
    if type(index) is not int or isinstance(score, bool) or not isinstance(score, int | float):
        raise ProviderError("upstream_malformed", "relevance_score")
    return Item(index=index, raw={"relevance_score": score})


def _judgement(one: Mapping[str, Json], position: int) -> Item:
    if not isinstance(one.get("categories"), dict):
        raise ProviderError("upstream_malformed", "categories")
    return Item(index=position, raw=bounded(dict(one)))


def _page(one: Mapping[str, Json], _position: int) -> Item:
    index = one.get("index")
    if type(index) is not int or not isinstance(one.get("markdown"), str):
        raise ProviderError("upstream_malformed", "pages")
    return Item(index=index, raw=bounded({name: member for name, member in one.items() if name != "index"}))
