"""The OpenAPI 3.1 document of the gateway, built from its routes: `GET /openapi.json`.

Law: one source, the routes that answer; a path that is refused by name is not in it. It says nothing of any caller.
"""

from collections.abc import Iterator, Mapping
from importlib.metadata import version

import msgspec

from ecluse.domain.dialect import Converser, InboundDialect, KeptPaths
from ecluse.edge.http.bodies import BODIES, FORM, FORMS, Schema
from ecluse.edge.http.routes import CLASSIFY, CONTESTS, EXPLAIN, MODELS

OPENAPI = "/openapi.json"
_REPLIES: Mapping[str, str] = {
    "400": "the request cannot be done as it is; `error.code` and `error.param` say why",
    "401": "the key is not valid",
    "403": "the rules refuse: `error.reasons`, `error.would_help`; a retry does not help",
    "404": "no such model, or nothing of that name is kept",
    "408": "the body took too long",
    "409": "it cannot be contested so, or others write to it at the same time",
    "413": "the body is too large",
    "415": "the body is compressed",
    "429": "the provider asks to slow down",
    "431": "the headers are too large",
    "502": "the provider failed",
    "503": "Ecluse could not answer, or no permitted destination is alive; nothing was sent",
    "504": "the provider took too long",
}
_SUMMARIES: Mapping[str, str] = {
    EXPLAIN: "What the rules say of every destination; nothing is sent or kept",
    CONTESTS: "Contest what was found in a request that was refused; another person decides",
    CLASSIFY: "What is recognised in texts or files; nothing is sent or kept",
    MODELS: "The models and aliases in use",
    "/health": "The process is up",
    "/ready": "Whether requests can be decided",
    "/metrics": "Prometheus",
}
_OPEN = ("/health", "/ready", "/metrics")
"""Paths that need no key."""


def document(
    inbound: Mapping[str, InboundDialect], more: Mapping[str, Schema] | None = None, *, keeps: bool = False
) -> bytes:
    """Return the document as JSON; `more`, and with `keeps` what is kept, are what only some settings serve."""
    posts = {path: dialect.name for dialect in inbound.values() for path in (*dialect.routes, *dialect.counts)}
    paths: dict[str, Schema] = {path: {"post": _post(path, name)} for path, name in sorted(posts.items())}
    paths[EXPLAIN] = {"post": _post(EXPLAIN, "openai_chat")}
    paths[CONTESTS] = {"post": _post(CONTESTS, "openai_chat")}
    paths[CLASSIFY] = {"post": _post(CLASSIFY, "openai_chat")}
    paths[MODELS] = {"get": _get(MODELS)}
    paths |= {path: {"get": _get(path)} for path in _OPEN}
    paths |= {f"{one.kept}/{{id}}": _kept() for one in inbound.values() if keeps and isinstance(one, KeptPaths)}
    for one in (d for d in inbound.values() if keeps and isinstance(d, Converser)):
        paths |= _conversations(one.conversations)
    paths |= more or {}
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "Ecluse", "version": version("ecluse")},
            "security": [{"bearer": []}],
            "paths": paths,
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        }
    )


def _post(path: str, dialect: str) -> Schema:
    media = "multipart/form-data" if path == FORM else "application/json"
    content = {media: {"schema": BODIES[path]}} | {form: {"schema": schema} for form, schema in _forms(path)}
    return {
        "summary": _SUMMARIES.get(path, f"In the format {dialect}"),
        "requestBody": {"required": True, "content": content},
        "responses": {"200": {"description": "the answer"}, **_replies(_REPLIES)},
    }


def _kept() -> Schema:
    named = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    replies = {"200": {"description": "the answer"}, **_replies(_REPLIES)}
    return {
        "parameters": named,
        "get": {"summary": "An answer that its provider keeps", "responses": replies},
        "delete": {"summary": "Have its provider delete it", "responses": replies},
    }


def _conversations(folder: str) -> dict[str, Schema]:
    """Return the paths of conversation objects and their items."""
    id_, item = _named("conversation_id"), _named("item_id")
    one = f"{folder}/{{conversation_id}}"
    items = f"{one}/items"
    begin: Schema = {"items": _ITEMS, "metadata": _METADATA}
    return {
        folder: {"post": _about("Begin a conversation", begin)},
        one: {
            "parameters": [id_],
            "get": _about("A conversation"),
            "post": _about("Change its metadata", {"metadata": _METADATA}),
            "delete": _about("Delete it with all its items"),
        },
        items: {
            "parameters": [id_],
            "get": _about("Its items, the newest first") | {"parameters": _PAGE},
            "post": _about("Add items", {"items": _ITEMS}),
        },
        f"{items}/{{item_id}}": {
            "parameters": [id_, item],
            "get": _about("An item"),
            "delete": _about("Delete an item"),
        },
    }


_ITEMS: Schema = {"type": "array", "maxItems": 20, "items": {"type": "object"}}
_METADATA: Schema = {"type": "object", "maxProperties": 16, "additionalProperties": {"type": "string"}}
_PAGE: list[Schema] = [
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
    {"name": "order", "in": "query", "schema": {"enum": ["asc", "desc"]}},
    {"name": "after", "in": "query", "schema": {"type": "string"}},
]


def _named(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _about(summary: str, fields: Schema | None = None) -> Schema:
    told: Schema = {
        "summary": summary,
        "responses": {"200": {"description": "the answer"}, **_replies(_REPLIES)},
    }
    if fields is None:
        return told
    body: Schema = {"type": "object", "properties": fields, "additionalProperties": False}
    return told | {"requestBody": {"required": True, "content": {"application/json": {"schema": body}}}}


def _forms(path: str) -> Iterator[tuple[str, Schema]]:
    if path in FORMS:
        yield "multipart/form-data", FORMS[path]


def _get(path: str) -> Schema:
    needed = {} if path in _OPEN else {"401": _REPLIES["401"]}
    got: Schema = {"summary": _SUMMARIES[path], "responses": {"200": {"description": "the answer"}, **_replies(needed)}}
    if path == "/ready":
        got["responses"] = {"200": {"description": "ready"}, "503": {"description": "not ready"}}
    return got | ({"security": []} if path in _OPEN else {})


def _replies(told: Mapping[str, str]) -> dict[str, Schema]:
    return {status: {"description": words} for status, words in told.items()}
