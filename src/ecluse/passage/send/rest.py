"""What a provider writes beside the words that we know, kept within bounds."""

from collections.abc import Mapping

from ecluse.domain.errors import ProviderError
from ecluse.domain.request import Json

DEPTH = 16
"""Deepest nesting of what is passed on unread."""
_EMPTY: tuple[Json, ...] = ([], {})
_COUNT = 2**53
"""Counts stay below what every JSON reader holds exactly."""


def rest_of(value: Mapping[str, Json], known: frozenset[str]) -> dict[str, Json]:
    """Return the members that are not `known` and say something: not null, not an empty list or object."""
    if known.issuperset(value):
        return {}
    return {
        name: member
        for name, member in value.items()
        if name not in known and member is not None and member not in _EMPTY
    }


def bounded(raw: dict[str, Json]) -> dict[str, Json]:
    """Return `raw`, or raise ProviderError when it nests too deep."""
    level: list[Json] = [raw]
    for _ in range(DEPTH):
        below: list[Json] = []
        for node in level:
            if isinstance(node, dict):
                below += node.values()
            elif isinstance(node, list):
                below += node
        if not below:
            return raw
        level = below
    raise ProviderError("upstream_malformed", f"depth > {DEPTH}")


def count(value: Json) -> int | None:
    """Return a count, or None when there is none to be had."""
    return value if type(value) is int and 0 <= value < _COUNT else None
