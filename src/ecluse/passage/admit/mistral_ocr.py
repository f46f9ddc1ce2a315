"""The dialect `mistral_ocr` on the caller's side: pages of a document read by Mistral's OCR.

Law: a document is a part that is classified unreadable as far as it cannot be read here, and the rules decide; it comes
in the request as a `data:` URL, since a link or a file id would have it fetched elsewhere.
Reference: `OCRRequest` in the `mistralai` package 3.7, November 2026.
"""

from collections.abc import Mapping

from ecluse.domain.dialect import Envelope, Writer
from ecluse.domain.errors import CallerError
from ecluse.domain.event import Item, Usage
from ecluse.domain.request import BlobPart, Capability, Json, Message, Request, Role, Surface
from ecluse.passage.admit.checks import array, boolean, integer, mapping, model_name, one_of, only, text, wrong
from ecluse.passage.admit.list_write import ListWriter
from ecluse.passage.admit.openai_messages import inline
from ecluse.passage.admit.openai_options import checked
from ecluse.passage.admit.openai_replies import OpenAIReplies
from ecluse.passage.admit.strict_json import decode

_READ = frozenset({"model", "document", "id"})


class MistralOcr(OpenAIReplies):
    """Reads a call to read a document, and writes its pages."""

    name = "mistral_ocr"
    routes: Mapping[str, Surface] = {"/v1/ocr": Surface.OCR}

    def admit(self, surface: Surface, body: bytes) -> Request:
        """Read a request. Raises CallerError."""
        fields = mapping(decode(body), "body")
        only(fields, _READ | _CHECKS.keys(), "body")
        document = _document(mapping(fields.get("document"), "document"))
        return Request(
            surface=surface,
            model=model_name(fields.get("model")),
            messages=(Message(role=Role.USER, parts=(document,)),),
            options=checked(fields, _READ, _CHECKS),
            needs=frozenset({Capability.OCR}),
        )

    def writer(self, request: Request, envelope: Envelope) -> Writer:  # noqa: ARG002 - one form for all
        """Return the writer of one answer."""

        def body(items: list[Item], _usage: Usage | None, rest: Mapping[str, Json]) -> Mapping[str, object]:
            used = rest.get("usage_info", {"pages_processed": len(items)})
            pages = [{"index": item.index, **item.raw} for item in items]
            annotation = {name: rest[name] for name in ("document_annotation",) if name in rest}
            return {"pages": pages, "model": envelope.model, "usage_info": used, **annotation}

        return ListWriter(body)


def _document(document: Mapping[str, Json]) -> BlobPart:
    kind = one_of(document.get("type", "document_url"), "document.type", ("document_url", "image_url", "file"))
    if kind == "file":
        raise CallerError("remote_content_refused", "document.file_id")
    only(document, frozenset({"type", kind, "document_name"}), "document")
    source, path = document.get(kind), f"document.{kind}"
    if isinstance(source, dict):
        only(source, frozenset({"url", "detail"}), path)
        source, path = source.get("url"), f"{path}.url"
    wire: dict[str, Json] = {"type": kind, kind: inline(text(source, path), path)}
    if document.get("document_name") is not None:
        wire["document_name"] = text(document["document_name"], "document.document_name")
    return BlobPart(media="image" if kind == "image_url" else "file", wire=wire)


def _pages(value: Json, path: str) -> Json:
    if isinstance(value, str):
        return value
    return [integer(page, f"{path}[{i}]") for i, page in enumerate(array(value, path))]


def _form(value: Json, path: str) -> Json:
    form = mapping(value, path)
    one_of(form.get("type"), f"{path}.type", ("text", "json_object", "json_schema"))
    return form


def _count(value: Json, path: str) -> Json:
    if integer(value, path) < 0:
        raise wrong(path, "integer >= 0")
    return value


_CHECKS = {
    "bbox_annotation_format": _form,
    "confidence_scores_granularity": text,
    "document_annotation_format": _form,
    "document_annotation_prompt": text,
    "extract_footer": boolean,
    "extract_header": boolean,
    "image_limit": _count,
    "image_min_size": _count,
    "include_blocks": boolean,
    "include_image_base64": boolean,
    "pages": _pages,
    "table_format": text,
}

DIALECT = MistralOcr()
