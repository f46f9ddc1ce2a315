"""JSON as it was written, with other strings in the place of some.

Law: only a string that changed is written anew. Numbers, keys, spaces and escapes stay as they stand: what no mask
touches comes out as it went in. An object that has a key twice refuses: one of its two values would be lost.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from ecluse.domain.request import Json

_STRING = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?')
"""A string of JSON; what stands before a colon is a key."""
_DEEPEST = 200
_LONE = re.compile("[\ud800-\udfff]")
"""Halves of a character: JSON may write one as an escape, UTF-8 may not."""


def parsed(source: str) -> Json:
    """Read JSON. Raises ValueError: it is none, has a key twice, or is nested too deep."""
    try:
        value: Json = json.loads(source, object_pairs_hook=_once)
    except RecursionError:
        raise _too_deep() from None
    level = [value]
    for _ in range(_DEEPEST):
        level = [member for one in level for member in _members(one)]
        if not level:
            return value
    raise _too_deep()


def rewritten(source: str, value: Json) -> str:
    """Return `source` with the strings of `value`, which has its form."""
    strings = _strings(value)

    def shown(literal: re.Match[str]) -> str:
        if literal[2]:
            return literal[0]
        said = next(strings)
        return literal[0] if json.loads(literal[1]) == said else _literal(said)

    return _STRING.sub(shown, source)


def _too_deep() -> ValueError:
    return ValueError(f"the JSON is nested more than {_DEEPEST} deep")


def _once(pairs: list[tuple[str, Json]]) -> Mapping[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object of the JSON has a key twice: keep one of them")
    return found


def _members(value: Json) -> Sequence[Json]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _strings(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for member in _members(value):
        yield from _strings(member)


def _literal(said: str) -> str:
    return json.dumps(said, ensure_ascii=_LONE.search(said) is not None)
