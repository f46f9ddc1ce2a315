"""Types of what a caller wrote, checked one by one; a message names the field and what it takes, never its value.

Law: a path is made of our own field names and positions. A key that we do not know is said only when it is a plain
word, since a caller may write anything as a key.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from ecluse.domain.errors import CallerError
from ecluse.domain.request import Json

MISSING: Final = object()
"""Stands for a key that is not there, where null means something else."""
_WORD = 40
_MODEL = 256


def wrong(path: str, takes: str) -> CallerError:
    """Return the error for a field of the wrong type or value."""
    return CallerError("invalid_request", f"{path}: {takes}")


def mapping(value: object, path: str) -> Mapping[str, Json]:
    """Return an object, or raise."""
    if not isinstance(value, dict):
        raise wrong(path, "object")
    return value


def array(value: object, path: str) -> Sequence[Json]:
    """Return an array, or raise."""
    if not isinstance(value, list):
        raise wrong(path, "array")
    return value


def text(value: object, path: str) -> str:
    """Return a string, or raise."""
    if not isinstance(value, str):
        raise wrong(path, "string")
    return value


def some_text(value: object, path: str) -> str:
    """Return a string that is not empty, or raise."""
    if not isinstance(value, str) or not value:
        raise wrong(path, "non-empty string")
    return value


def text_or_none(value: object, path: str) -> str | None:
    """Return a string or None, or raise."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise wrong(path, "string | null")
    return value


def boolean(value: object, path: str) -> bool:
    """Return a boolean, or raise."""
    if not isinstance(value, bool):
        raise wrong(path, "boolean")
    return value


def model_name(value: object) -> str:
    """Return the model's public name; control characters never reach a header or a log."""
    name = text(value, "model")
    if not 1 <= len(name) <= _MODEL or not name.isprintable():
        raise wrong("model", f"1..{_MODEL} printable characters")
    return name


def number(value: object, path: str) -> int | float:
    """Return a number, or raise. A boolean is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(path, "number")
    return value


def integer(value: object, path: str) -> int:
    """Return an integer, or raise. A boolean is none."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(path, "integer")
    return value


def one_of(value: object, path: str, choices: Sequence[str]) -> str:
    """Return one of `choices`, or raise."""
    if not isinstance(value, str) or value not in choices:
        raise wrong(path, " | ".join(choices))
    return value


def only(value: Mapping[str, Json], known: frozenset[str], path: str) -> None:
    """Refuse a key that is not known and not null, by name."""
    for key, member in value.items():
        if key not in known and member is not None:
            raise CallerError("unsupported_field", f"{path}.{spoken(key)}")


def spoken(key: str) -> str:
    """Name a key in a message if it is a plain word, else say that it is some field."""
    plain = len(key) <= _WORD and key.isascii() and key.replace("_", "").isalpha()
    return key if plain else "(a field)"
