"""JSON Schemas of tools as Mistral takes them.

Law: `$id`, `$schema`, `strict` and `additionalProperties: false` go, wherever a schema stands; a property that bears
such a name stays, and so does every value that is no schema (`enum`, `const`, `default`, `examples`).
"""

from collections.abc import Mapping

from ecluse.domain.request import Json

_DROPPED = frozenset({"$id", "$schema", "strict"})
_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
"""Keywords whose members are names of the author's own."""
_VALUES = frozenset({"enum", "const", "default", "examples"})


def trimmed(schema: Json) -> Json:
    """Return the schema without what Mistral does not take."""
    if isinstance(schema, Mapping):
        return {
            name: _member(name, value)
            for name, value in schema.items()
            if name not in _DROPPED and not _closed(name, value)
        }
    if isinstance(schema, list | tuple):
        return [trimmed(item) for item in schema]
    return schema


def _member(name: str, value: Json) -> Json:
    if name in _VALUES:
        return value
    if name in _NAMED and isinstance(value, Mapping):
        return {key: trimmed(member) for key, member in value.items()}
    return trimmed(value)


def _closed(name: str, value: Json) -> bool:
    return name == "additionalProperties" and value is False
