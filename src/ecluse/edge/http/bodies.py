"""What each call takes, as JSON schemas: the fields that a caller meets first. Others are taken too.

Law: a path that is served has its body here, and no other has (tested); a schema asks no more than `admit` does.
"""

from collections.abc import Mapping
from typing import TypeAlias

Schema: TypeAlias = dict[str, object]

_STRING: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "number"}
_COUNT: Schema = {"type": "integer", "minimum": 1}
_FLAG: Schema = {"type": "boolean"}
_OBJECT: Schema = {"type": "object"}
_MODEL: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 256,
    "description": "a model, an alias, or `auto`: whichever the rules permit",
}


def _list(items: Schema, **more: object) -> Schema:
    return {"type": "array", "items": items, **more}


def _either(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}


def _body(required: tuple[str, ...], **properties: Schema) -> Schema:
    return {"type": "object", "required": ["model", *required], "properties": {"model": _MODEL, **properties}}


_TEXTS = _either(_STRING, _list(_STRING, minItems=1))
_STOP = _either(_STRING, _list(_STRING))
_PART: Schema = {
    "type": "object",
    "required": ["type", "text"],
    "properties": {"type": {"const": "text"}, "text": _STRING},
}
_CONTENT = _either(_STRING, _list(_PART, minItems=1))
_FUNCTION: Schema = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "minLength": 1}, "description": _STRING, "parameters": _OBJECT},
}
_TOOL: Schema = {
    "type": "object",
    "required": ["type", "function"],
    "properties": {"type": {"const": "function"}, "function": _FUNCTION},
}


def _turns(*roles: str) -> Schema:
    turn: Schema = {
        "type": "object",
        "required": ["role", "content"],
        "properties": {"role": {"enum": list(roles)}, "content": _CONTENT},
    }
    return _list(turn, minItems=1)


_CHAT = _body(
    ("messages",),
    messages=_turns("system", "developer", "user", "assistant"),
    stream=_FLAG,
    max_tokens=_COUNT,
    temperature=_NUMBER,
    top_p=_NUMBER,
    n={"type": "integer", "minimum": 1, "maximum": 128},
    seed={"type": "integer"},
    stop=_STOP,
    tools=_list(_TOOL),
    tool_choice={"enum": ["none", "auto", "required"]},
    response_format=_OBJECT,
)
_RESPONSES = _body(
    ("input",),
    input=_either(_STRING, _turns("system", "developer", "user", "assistant")),
    instructions=_STRING,
    stream=_FLAG,
    max_output_tokens=_COUNT,
    temperature=_NUMBER,
    store={"type": ["boolean", "null"]},
    previous_response_id={"type": ["string", "null"]},
)
_MESSAGES = _body(
    ("messages", "max_tokens"),
    messages=_turns("user", "assistant"),
    max_tokens=_COUNT,
    system=_CONTENT,
    stream=_FLAG,
    temperature={"type": "number", "minimum": 0, "maximum": 1},
    stop_sequences=_list(_STRING),
)
_COUNTED: Schema = {**_MESSAGES, "required": ["model", "messages"]}
_COMPLETION = _body(("prompt",), prompt=_TEXTS, suffix=_STRING, max_tokens=_COUNT, stream=_FLAG, stop=_STOP, echo=_FLAG)
_FIM = _body(("prompt",), prompt=_STRING, suffix=_STRING, max_tokens=_COUNT, stream=_FLAG, random_seed=_COUNT)
_RERANK = _body(
    ("query", "documents"),
    query=_STRING,
    documents=_list(_STRING, minItems=1),
    top_n=_COUNT,
    return_documents=_FLAG,
)
_OCR = _body(
    ("document",),
    document={
        "type": "object",
        "required": ["document_url"],
        "properties": {
            "type": {"const": "document_url"},
            "document_url": {"type": "string", "pattern": "^data:application/pdf;base64,([A-Za-z0-9+/]{4})+$"},
        },
    },
    pages=_list({"type": "integer"}),
    include_image_base64=_FLAG,
)
_SPEECH = _body(
    ("input", "voice"),
    input={"type": "string", "minLength": 1, "maxLength": 4096},
    voice={"type": "string", "minLength": 1},
    response_format={"enum": ["mp3", "opus", "aac", "flac", "wav", "pcm"]},
    speed=_NUMBER,
)
_TRANSCRIPTION = _body(
    ("file",),
    file={"type": "string", "format": "binary"},
    language=_STRING,
    prompt=_STRING,
    response_format={"enum": ["json", "verbose_json", "text", "srt", "vtt"]},
)

FORM = "/v1/audio/transcriptions"
"""The one call whose body is a multipart form and nothing else."""
_FILE: Schema = {
    "type": "object",
    "required": ["data"],
    "properties": {
        "filename": _STRING,
        "content_type": _STRING,
        "data": {"type": "string", "contentEncoding": "base64", "minLength": 1},
    },
    "additionalProperties": False,
}
_LOOKED: Schema = {
    "type": "object",
    "oneOf": [{"required": ["text"]}, {"required": ["texts"]}, {"required": ["file"]}, {"required": ["files"]}],
    "properties": {
        "text": _STRING,
        "texts": _list(_STRING, maxItems=1000),
        "file": _FILE,
        "files": _list(_FILE, minItems=1, maxItems=20),
        "with_text": _FLAG,
    },
    "additionalProperties": False,
}
BODIES: Mapping[str, Schema] = {
    "/v1/chat/completions": _CHAT,
    "/v1/responses": _RESPONSES,
    "/v1/responses/input_tokens": _RESPONSES,
    "/v1/messages": _MESSAGES,
    "/v1/messages/count_tokens": _COUNTED,
    "/v1/completions": _COMPLETION,
    "/v1/fim/completions": _FIM,
    "/v1/embeddings": _body(("input",), input=_TEXTS, encoding_format={"enum": ["float", "base64"]}),
    "/v1/rerank": _RERANK,
    "/v2/rerank": _RERANK,
    "/v1/moderations": _body(("input",), input=_TEXTS),
    "/v1/ocr": _OCR,
    "/v1/audio/speech": _SPEECH,
    FORM: _TRANSCRIPTION,
    "/v1/explain": _CHAT,
    "/v1/contests": {
        "type": "object",
        "required": ["entry", "reason", "request"],
        "properties": {
            "entry": _STRING,
            "reason": {"type": "string", "minLength": 1, "maxLength": 2000},
            "request": _CHAT,
        },
    },
    "/v1/classify": _LOOKED,
}
_BINARY: Schema = {"type": "string", "format": "binary", "minLength": 1}
FORMS: Mapping[str, Schema] = {
    "/v1/classify": {
        "type": "object",
        "oneOf": [{"required": ["text"]}, {"required": ["texts[]"]}, {"required": ["file"]}, {"required": ["files[]"]}],
        "properties": {
            "text": _STRING,
            "texts[]": _list(_STRING, maxItems=60),
            "file": _BINARY,
            "files[]": _list(_BINARY, minItems=1, maxItems=20),
            "with_text": {"enum": ["true", "false"]},
        },
        "additionalProperties": False,
    },
}
"""The multipart forms that are taken beside JSON."""
