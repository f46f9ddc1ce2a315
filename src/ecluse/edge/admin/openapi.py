"""The OpenAPI 3.1 document of the admin API, built from its table of routes.

Law: one source, the routes that answer and the types that they read and write. It says nothing of anybody.
"""

from importlib.metadata import version
from typing import Any

import msgspec

from ecluse.edge.admin.bodies import FaultTold
from ecluse.edge.admin.routes import ID, ROUTES, Route
from ecluse.edge.roles import MAY, Role

_FAULTS = {
    400: "the call is not well formed",
    401: "the token does not count",
    403: "the role may not do this",
    404: "there is no such thing",
    408: "the body took too long",
    409: "the step is not open",
    413: "the body is too large",
    415: "the body is compressed",
    431: "the headers are too large",
    500: "the gateway failed",
    503: "the keys or the trail cannot be used; nothing was changed",
}
PLACE = "#/components/schemas/{name}"


def document() -> dict[str, Any]:
    """Return the document."""
    types = {t for route in ROUTES for t in (route.gives, route.takes, route.asks) if t is not None} | {FaultTold}
    ordered = sorted(types, key=lambda one: one.__name__)
    schemas, components = msgspec.json.schema_components(ordered, ref_template=PLACE)
    refs = dict(zip(ordered, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, refs, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Ecluse admin", "version": version("ecluse")},
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(route: Route, refs: dict[type, Any], components: dict[str, Any]) -> dict[str, Any]:
    roles = ", ".join(role for role in Role if route.act in MAY[role])
    told: dict[str, Any] = {
        "summary": route.summary,
        "description": f"For: {roles}.",
        "parameters": _parameters(route, components),
        "responses": {
            str(route.status): _content("done", refs[route.gives]),
            **{str(status): _content(words, refs[FaultTold]) for status, words in _FAULTS.items()},
        },
    }
    if route.takes is not None:
        required = bool(components[route.takes.__name__].get("required"))
        told["requestBody"] = {"required": required, "content": {"application/json": {"schema": refs[route.takes]}}}
    return told


def _content(words: str, schema: object) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _parameters(route: Route, components: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if ID in route.path:
        schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
        found.append({"name": "id", "in": "path", "required": True, "schema": schema})
    properties = components[route.asks.__name__]["properties"]
    found += [{"name": name, "in": "query", "schema": schema} for name, schema in properties.items()]
    return found
