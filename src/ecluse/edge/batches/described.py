"""The part of the OpenAPI document about files and batches, which are served only where the settings keep them.

Law: a path here is one that `edge/batches/site.py` answers; the fuzzer of the tests asks each of them.
"""

from collections.abc import Mapping

from ecluse.edge.batches.lines import ENDPOINTS
from ecluse.edge.http.bodies import Schema

_REPLIES: Mapping[str, str] = {
    "200": "the answer",
    "400": "the call cannot be done as it is; `error.code` and `error.param` say why",
    "401": "the key is not valid",
    "403": "the rules do not let the gateway hold it, or the key has no such scope",
    "404": "no such file or batch of this application",
    "405": "no such method here",
    "409": "a batch still reads the file, or the batch has ended",
    "413": "too large, or as much is kept as may be",
    "503": "Ecluse could not answer",
}
_UPLOAD: Schema = {
    "type": "object",
    "required": ["file", "purpose"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "JSON lines, one call each"},
        "purpose": {"const": "batch"},
    },
}
_BATCH: Schema = {
    "type": "object",
    "required": ["input_file_id", "endpoint", "completion_window"],
    "properties": {
        "input_file_id": {"type": "string"},
        "endpoint": {"enum": list(ENDPOINTS)},
        "completion_window": {"const": "24h"},
        "metadata": {"type": "object", "maxProperties": 16, "additionalProperties": {"type": "string"}},
    },
    "additionalProperties": False,
}
_PAGE: list[Schema] = [
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 99999}},
    {"name": "after", "in": "query", "schema": {"type": "string"}},
]


def kept_paths() -> dict[str, Schema]:
    """Return the paths of files and batches."""
    return {
        "/v1/files": {
            "get": _call("The files of this application", parameters=_PAGE),
            "post": _call("Keep a file of calls", body={"multipart/form-data": {"schema": _UPLOAD}}),
        },
        "/v1/files/{file_id}": {
            "get": _call("One file", named="file_id"),
            "delete": _call("Forget a file", named="file_id"),
        },
        "/v1/files/{file_id}/content": {"get": _call("What a file holds", named="file_id")},
        "/v1/batches": {
            "get": _call("The batches of this application", parameters=_PAGE),
            "post": _call("Answer the lines of a file", body={"application/json": {"schema": _BATCH}}),
        },
        "/v1/batches/{batch_id}": {"get": _call("How far a batch is", named="batch_id")},
        "/v1/batches/{batch_id}/cancel": {"post": _call("Begin no more lines", named="batch_id")},
    }


def _call(
    summary: str, *, named: str = "", parameters: list[Schema] | None = None, body: Schema | None = None
) -> Schema:
    told: Schema = {
        "summary": summary,
        "responses": {status: {"description": words} for status, words in _REPLIES.items()},
    }
    if named:
        parameters = [{"name": named, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}]
    if parameters:
        told["parameters"] = parameters
    if body:
        told["requestBody"] = {"required": True, "content": body}
    return told
