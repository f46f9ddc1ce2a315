"""Conversation objects in OpenAI's form: which one a call is of, its items as they are kept, and what is said of it.

Law: an item is kept as it was read and searched, with an id of ours, and nothing beside that. What a turn adds is what
its own `input` has. Reference: the types in the `openai` package 3.54, November 2026.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from ecluse.domain.errors import CallerError
from ecluse.domain.kept import Conversation
from ecluse.domain.request import Json
from ecluse.passage.admit.checks import array, mapping, only, some_text, text, wrong
from ecluse.passage.admit.responses_items import messages
from ecluse.passage.admit.strict_json import decode

PREFIX = "conv_"
AT_ONCE = 20
"""Items that one call may add, as at OpenAI."""
PAIRS, NAME, VALUE = 16, 64, 512
"""What `metadata` may have, as at OpenAI: pairs, characters of a name, characters of a value."""
OF_MISTRAL = "inputs"
"""The field by which a conversation is known to be in Mistral's format, under the same path."""
PHASES = ("commentary", "final_answer")
_IDS = {"message": "msg", "function_call": "fc", "function_call_output": "fco", "reasoning": "rs"}


def named(value: Json) -> str:
    """Return our name for the conversation in the field `conversation`: an id, or an object with one."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        only(value, frozenset({"id"}), "conversation")
        value = value.get("id")
        some_text(value, "conversation.id")
    return without_prefix(some_text(value, "conversation"))


def without_prefix(name: str) -> str:
    """Return our name in an id; the prefix alone names nothing: it is looked for, and not found."""
    return name.removeprefix(PREFIX) or name


def joined(body: bytes, items: Sequence[Mapping[str, Json]]) -> bytes:
    """Return a call with the conversation's items before its own, as if the caller had sent every turn."""
    fields = dict(mapping(decode(body), "body"))
    own = _own(fields)
    if not items and not own:
        raise wrong("input", "string | non-empty array")
    return msgspec.json.encode({**fields, "input": [*items, *own]})


def added(body: bytes, passage: str) -> tuple[Mapping[str, Json], ...]:
    """Return the items that a turn adds to its conversation, as they are kept."""
    return stored(_own(mapping(decode(body), "body")), passage)


def _own(fields: Mapping[str, Json]) -> Sequence[Json]:
    given = fields.get("input")
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}]
    return array(given, "input") if given is not None else ()


# ------------------------------------------------------------------ items as they are kept
def stored(items: Iterable[Json], passage: str) -> tuple[Mapping[str, Json], ...]:
    """Return items that were admitted as they are kept: with ids of ours, and what was searched alone."""
    kept: list[Mapping[str, Json]] = []
    for place, given in enumerate(items):
        item = mapping(given, f"items[{place}]")
        kind = str(item.get("type") or "message")
        id_ = f"{_IDS.get(kind, 'item')}_{passage}_i{place}"
        kept.append(_KEPT[kind](item, id_) if kind in _KEPT else _hosted(item, id_))
    return tuple(kept)


def _message(item: Mapping[str, Json], id_: str) -> dict[str, Json]:
    content, said = item.get("content"), "output_text" if item.get("role") == "assistant" else "input_text"
    parts: Sequence[Json] = [{"type": said, "text": content}] if isinstance(content, str) else array(content, "content")
    made: dict[str, Json] = {
        "type": "message",
        "id": id_,
        "status": "completed",
        "role": item.get("role"),
        "content": [_part(part) for part in parts],
    }
    return {**made, "phase": item["phase"]} if item.get("phase") in PHASES else made


def _call(item: Mapping[str, Json], id_: str) -> dict[str, Json]:
    said = {name: item.get(name) for name in ("call_id", "name", "arguments")}
    return {"type": "function_call", "id": id_, "status": "completed", **said}


def _output(item: Mapping[str, Json], id_: str) -> dict[str, Json]:
    output = item.get("output")
    parts: Json = output if isinstance(output, str) else [_part(part) for part in array(output, "output")]
    made: dict[str, Json] = {"type": "function_call_output", "id": id_, "status": "completed"}
    return {**made, "call_id": item.get("call_id"), "output": parts}


def _reasoning(item: Mapping[str, Json], id_: str) -> dict[str, Json]:
    told: dict[str, Json] = {"type": "reasoning", "id": id_, "status": "completed", "summary": []}
    for name, kind in (("summary", "summary_text"), ("content", "reasoning_text")):
        if item.get(name) is not None:
            pieces = array(item[name], name)
            told[name] = [{"type": kind, "text": mapping(piece, name).get("text")} for piece in pieces]
    return told


def _hosted(item: Mapping[str, Json], id_: str) -> dict[str, Json]:
    """Keep what a tool of the provider's did under its own id, which an approval names."""
    own = item.get("id")
    return {**item, "id": own if isinstance(own, str) and own else id_}


_KEPT = {"message": _message, "function_call": _call, "function_call_output": _output, "reasoning": _reasoning}
PLAIN = frozenset(_KEPT)
"""Types that a caller may put into a conversation without a turn."""


def _part(value: Json) -> dict[str, Json]:
    """Keep the words of a part, or its bytes."""
    part = mapping(value, "content")
    match part.get("type"):
        case "output_text":
            return {"type": "output_text", "text": part.get("text"), "annotations": [], "logprobs": []}
        case "refusal":
            return {"type": "refusal", "refusal": part.get("refusal")}
        case "input_image":
            detail = part.get("detail") or "auto"
            return {"type": "input_image", "image_url": part.get("image_url"), "detail": detail}
        case "input_file":
            told = {name: part[name] for name in ("file_data", "filename") if part.get(name) is not None}
            return {"type": "input_file", **told}
        case _:
            return {"type": "input_text", "text": part.get("text")}


# ------------------------------------------------------------------ calls about the object
def items_of(fields: Mapping[str, Json], passage: str) -> tuple[Mapping[str, Json], ...]:
    """Read the items that a call puts into a conversation. Raises CallerError."""
    given = array(fields.get("items"), "items") if fields.get("items") is not None else ()
    if len(given) > AT_ONCE:
        raise wrong("items", f"{AT_ONCE} at a time")
    for place, one in enumerate(given):
        kind = mapping(one, f"items[{place}]").get("type")
        if kind is not None and kind not in PLAIN and kind != "item_reference":
            raise wrong(f"items[{place}].type", f"{' | '.join(sorted(PLAIN))}; others come in the `input` of a turn")
    if given:
        messages(given, None, at="items")
    return stored(given, passage)


def metadata_of(fields: Mapping[str, Json]) -> Mapping[str, str]:
    """Read the metadata of a call. Raises CallerError."""
    given = fields.get("metadata")
    pairs = {
        name: text(value, "metadata") for name, value in mapping(given if given is not None else {}, "metadata").items()
    }
    if len(pairs) > PAIRS or any(len(name) > NAME or len(value) > VALUE for name, value in pairs.items()):
        raise wrong("metadata", f"{PAIRS} pairs, of {NAME} and {VALUE} characters at most")
    return pairs


def body_of(body: bytes, *known: str) -> Mapping[str, Json]:
    """Read the body of a call about a conversation, which has these fields alone. Raises CallerError."""
    fields = mapping(decode(body), "body")
    if OF_MISTRAL in fields:
        raise CallerError("retention_refused", f"{OF_MISTRAL}: conversations in Mistral's format are not kept")
    only(fields, frozenset(known), "body")
    return fields


def told(name: str, conversation: Conversation) -> bytes:
    """Return the object."""
    return msgspec.json.encode(
        {
            "id": f"{PREFIX}{name}",
            "object": "conversation",
            "created_at": conversation.created,
            "metadata": conversation.metadata,
        }
    )


def alone(item: Mapping[str, Json]) -> bytes:
    """Return one item."""
    return msgspec.json.encode(item)


def deleted(name: str) -> bytes:
    """Return the body that says that a conversation was deleted."""
    return msgspec.json.encode({"id": f"{PREFIX}{name}", "object": "conversation.deleted", "deleted": True})


def listed(items: Sequence[Mapping[str, Json]], *, more: bool) -> bytes:
    """Return a page of items."""
    ends = {"first_id": items[0]["id"] if items else None, "last_id": items[-1]["id"] if items else None}
    return msgspec.json.encode({"object": "list", "data": items, "has_more": more, **ends})
