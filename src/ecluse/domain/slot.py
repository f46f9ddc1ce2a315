"""One string of a request, and the way through what holds strings: JSON, schemas, what a hosted tool did.

Law: keys are strings that leave too; what would break a call is not maskable; a long number is read as text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, TypeAlias

from ecluse.domain.fetching import is_address

Json: TypeAlias = "None | bool | int | float | str | Sequence[Json] | Mapping[str, Json]"
SlotPath = NewType("SlotPath", str)
"""Where a string stands in a request, e.g. `messages/0/parts/1`. Stable between `slots` and `rewrite`."""


class Role(StrEnum):
    """Who speaks in a message. `developer` is read as `system`."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


HELD = frozenset(
    {
        "approval_request_id",
        "data",
        "encrypted_content",
        "encrypted_index",
        "encrypted_stdout",
        "id",
        "mcp_server_name",
        "media_type",
        "name",
        "server_label",
        "server_name",
        "status",
        "tool_use_id",
        "type",
    }
)
"""Fields of what a hosted tool did in which a surrogate would break the call, but for what it was given."""
_GIVEN = frozenset({"arguments", "input"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One string that would leave.

    `maskable` is false where a surrogate would break the call (names of tools, keys of objects, identifiers):
    a finding there cannot be covered. A short number is no identifier by itself; it may repeat a value found elsewhere.
    `address` is whether its field is named one: nothing is restored in it but a whole link.
    """

    path: SlotPath
    text: str
    role: Role | None = None
    maskable: bool = True
    short_number: bool = False
    address: bool = False


Visit: TypeAlias = Callable[[Slot], str]


_SAID_IN_SCHEMA = frozenset({"title", "description", "$comment", "default", "const", "enum", "example", "examples"})
"""Words of JSON Schema whose values are data or prose. A model copies the surrogate of a choice as it would the choice,
and it comes back in the arguments; a surrogate in a pattern, a reference or a list of keys would break the schema."""
_NAMES_IN_SCHEMA = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"})
"""Words of JSON Schema whose members bear names of the caller's: a property may be called `title`."""


def visit_schema(value: Json, path: str, visit: Visit, *, names: bool = False) -> Json:
    """Go through a JSON schema: its prose and its data are maskable, its names and its grammar are not."""
    if not isinstance(value, Mapping):
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [visit_schema(item, f"{path}/{i}", visit) for i, item in enumerate(value)]
        return visit_json(value, path, None, visit, maskable=False)
    out: dict[str, Json] = {}
    for i, (key, member) in enumerate(value.items()):
        visit(Slot(path=SlotPath(f"{path}/{i}#key"), text=key, maskable=False))
        if key in _SAID_IN_SCHEMA and not names:
            out[key] = visit_json(member, f"{path}/{i}", None, visit, maskable=True)
        else:
            out[key] = visit_schema(member, f"{path}/{i}", visit, names=key in _NAMES_IN_SCHEMA and not names)
    return out


def has_bytes(value: Json) -> bool:
    """Say whether a document with its bytes stands in what a hosted tool did: nobody here can read it."""
    if isinstance(value, Mapping):
        return value.get("type") == "base64" or any(map(has_bytes, value.values()))
    return isinstance(value, Sequence) and not isinstance(value, str) and any(map(has_bytes, value))


_NOTHING: frozenset[str] = frozenset()


def visit_object(
    value: Mapping[str, Json],
    path: str,
    role: Role | None,
    visit: Visit,
    *,
    maskable: bool,
    held: frozenset[str] = _NOTHING,
) -> Mapping[str, Json]:
    """Go through an object; what stands under a name of `held` cannot be masked."""
    if not value:
        return value
    out: dict[str, Json] = {}
    for i, (key, member) in enumerate(value.items()):
        visit(Slot(path=SlotPath(f"{path}/{i}#key"), text=key, role=role, maskable=False))
        may = maskable and key not in held
        inside = _NOTHING if key in _GIVEN else held
        out[key] = visit_json(member, f"{path}/{i}", role, visit, maskable=may, address=is_address(key), held=inside)
    return out


def visit_json(
    value: Json,
    path: str,
    role: Role | None,
    visit: Visit,
    *,
    maskable: bool,
    address: bool = False,
    held: frozenset[str] = _NOTHING,
) -> Json:
    """Go through any JSON value; `address` is whether it stands under a name of one."""
    if isinstance(value, str):
        return visit(Slot(path=SlotPath(path), text=value, role=role, maskable=maskable, address=address))
    if isinstance(value, Mapping):
        return visit_object(value, path, role, visit, maskable=maskable, held=held)
    if isinstance(value, int | float) and not isinstance(value, bool):
        _visit_number(value, path, role, visit)
        return value
    if isinstance(value, Sequence):
        return [
            visit_json(item, f"{path}/{i}", role, visit, maskable=maskable, address=address, held=held)
            for i, item in enumerate(value)
        ]
    return value


NUMBER_WORTH_READING = 100_000
"""A number of six digits or more may be an identifier (a phone, a NIR): it is read as text, and cannot be masked."""


def _visit_number(value: float, path: str, role: Role | None, visit: Visit) -> None:
    short = abs(value) < NUMBER_WORTH_READING
    whole = isinstance(value, int) or value.is_integer()  # a card may be written 4539578763621486.0
    text = str(int(value)) if whole else str(value)
    visit(Slot(path=SlotPath(path), text=text, role=role, maskable=False, short_number=short))
