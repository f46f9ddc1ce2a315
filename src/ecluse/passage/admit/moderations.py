"""The dialect `moderations` on the caller's side: texts judged by a provider, as OpenAI and Mistral write it.

Law: texts only; a picture is refused by name. The judgement is the provider's, category for category: nothing is mapped
from one provider's names to another's, and what a provider does not say is not made up.
Reference: the types in the `openai` 3.54 and `mistralai` 3.7 packages, November 2026.
"""

from collections.abc import Mapping

from ecluse.domain.dialect import Envelope, Writer
from ecluse.domain.event import Item, Usage
from ecluse.domain.request import Capability, Json, Request, Surface
from ecluse.passage.admit.checks import mapping, model_name, only, text, wrong
from ecluse.passage.admit.list_write import ListWriter
from ecluse.passage.admit.openai_replies import OpenAIReplies
from ecluse.passage.admit.strict_json import decode

TEXTS = 256
"""Most texts in one call."""


class Moderations(OpenAIReplies):
    """Reads a call to judge texts, and writes the judgements."""

    name = "moderations"
    routes: Mapping[str, Surface] = {"/v1/moderations": Surface.MODERATIONS}

    def admit(self, surface: Surface, body: bytes) -> Request:
        """Read a request; without a model it is for `auto`, since OpenAI's has a default. Raises CallerError."""
        fields = mapping(decode(body), "body")
        only(fields, frozenset({"model", "input", "metadata"}), "body")
        metadata = fields.get("metadata")
        return Request(
            surface=surface,
            model="auto" if fields.get("model") is None else model_name(fields["model"]),
            inputs=_texts(fields.get("input")),
            options={} if metadata is None else {"metadata": mapping(metadata, "metadata")},
            needs=frozenset({Capability.MODERATIONS}),
        )

    def writer(self, request: Request, envelope: Envelope) -> Writer:  # noqa: ARG002 - one form for all
        """Return the writer of one answer."""

        def body(items: list[Item], _usage: Usage | None, _rest: Mapping[str, Json]) -> Mapping[str, object]:
            return {"id": envelope.id, "model": envelope.model, "results": [item.raw for item in items]}

        return ListWriter(body)


def _texts(value: Json) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not 1 <= len(value) <= TEXTS:
        raise wrong("input", f"string | 1..{TEXTS} texts")
    if any(isinstance(item, dict) for item in value):  # the parts of one text
        return ("\n".join(_part(item, f"input[{i}]") for i, item in enumerate(value)),)
    return tuple(text(item, f"input[{i}]") for i, item in enumerate(value))


def _part(value: Json, path: str) -> str:
    part = mapping(value, path)
    if part.get("type") != "text":
        raise wrong(f"{path}.type", "text")
    only(part, frozenset({"type", "text"}), path)
    return text(part.get("text"), f"{path}.text")


DIALECT = Moderations()
