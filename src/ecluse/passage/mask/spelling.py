r"""The spellings of a value: case, accents, ligatures, widths, spaces, punctuation, escapes of JSON, URLs and HTML.

Law: a fold goes character by character, so that a place in a folded text has its place in the original; two spellings
of a value have the same fold without spaces. Nothing here grows faster than the text.
"""

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_MEMO_LIMIT = 0x3000
"""Folds of characters below are remembered: a bounded table, whatever is sent."""
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"})
_ESCAPE = re.compile(
    r"%[0-7][0-9a-f]|%[cd][0-9a-f]%[89ab][0-9a-f]|%e[0-9a-f](?:%[89ab][0-9a-f]){2}|%f[0-7](?:%[89ab][0-9a-f]){3}"
    r"|(?P<latin>%[89a-f][0-9a-f])"
    r"|\\u(?P<four>[0-9a-f]{4})|\\x(?P<two>[0-9a-f]{2})|\\(?P<control>[bfnrt])|\\(?P<self>[\"'/\\])"
    r"|(?P<entity>&(?:#x?[0-9a-f]{1,6}|[a-z]{2,8});)",
    re.IGNORECASE,
)
_CONTROL = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ROUNDS = 2
"""A value may be escaped twice: a link in a JSON string."""


def _cell(code: int) -> str:
    """Return what one character is worth: letters and digits, nothing for marks, a space for all else."""
    character = chr(code)
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold()).translate(_LETTERS)
    worth = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain if c.isalnum())
    if worth or unicodedata.category(character) in {"Mn", "Me", "Mc", "Cf"}:
        return worth
    return " "


class _Fold(dict[int, str]):
    """The fold as `str.translate` reads it, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        cell = _cell(code)
        if code < _MEMO_LIMIT:
            self[code] = cell
        return cell


_FOLD = _Fold()


def spaced(text: str) -> str:
    """Fold a text: letters and digits without case and accents, a space for every other character."""
    return text.translate(_FOLD)


def compact(text: str) -> str:
    """Fold a text and drop the spaces: what all spellings of a value have in common."""
    return text.translate(_FOLD).replace(" ", "")


def origins(text: str) -> list[int]:
    """Return, for each character of `compact(text)`, where it stands in `text`."""
    return [i for i, character in enumerate(text) for cell in _FOLD[ord(character)] if cell != " "]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A text with its escapes read: the character `i` comes from `[starts[i], ends[i])` of the original."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that reads as `[start, end)`."""
        return self.starts[start], self.ends[end - 1]


def readings(text: str) -> tuple[Reading, ...]:
    """Read a text as it is, then with its escapes read, once and twice, as far as that makes a difference."""
    reading = Reading(text=text, starts=range(len(text)), ends=range(1, len(text) + 1))
    found = [reading]
    for _ in range(_ROUNDS):
        if not any(mark in reading.text for mark in "%\\&") or _ESCAPE.search(reading.text) is None:
            break
        reading = _unescaped(reading)
        found.append(reading)
    return tuple(found)


def _unescaped(reading: Reading) -> Reading:
    text = reading.text
    read: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for escape in _ESCAPE.finditer(text):
        begin, end = escape.span()
        meant = _meaning(escape)
        read += (text[at:begin], meant)
        starts.extend(reading.starts[at:begin])
        ends.extend(reading.ends[at:begin])
        starts.extend([reading.starts[begin]] * len(meant))
        ends.extend([reading.ends[end - 1]] * len(meant))
        at = end
    read.append(text[at:])
    starts.extend(reading.starts[at:])
    ends.extend(reading.ends[at:])
    return Reading(text="".join(read), starts=starts, ends=ends)


def _meaning(escape: re.Match[str]) -> str:
    kind = escape.lastgroup
    if kind is None:
        return bytes.fromhex(escape[0].replace("%", "")).decode("utf-8", "replace")
    written = escape[kind]
    if kind == "latin":
        return bytes.fromhex(written[1:]).decode("latin-1")
    if kind in {"four", "two"}:
        return chr(int(written, 16))
    if kind == "control":
        return _CONTROL[written.lower()]
    return html.unescape(written) if kind == "entity" else written
