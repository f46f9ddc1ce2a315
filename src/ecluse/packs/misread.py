"""What msgspec does not say of a TOML file that does not fit: on which line, which word was meant, what to write.

Law: a line is of the word that is wrong when it can be found, else of its key or its table; a guess is offered as a
question.
"""

import difflib
import re
from collections.abc import Iterable, Iterator

from msgspec import inspect

_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?P<key>key in )?\$\.?(?P<path>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"(?P<name>[^.\[\]]+)?(?:\[(?P<index>\d+|\.\.\.)\])?\.?")
_HEADER = re.compile(r"^\s*(?P<many>\[)?\[(?P<name>[^\[\]]+)\]")
_ROW = re.compile(r"^(?P<table>\w+) \((?P<names>[^)]*)\)(?:\.(?P<key>\w+))?")
_FIELD = re.compile(r"(?P<how>missing required|contains unknown) field `(?P<field>[^`]+)`")
_VALUE = re.compile(r"enum value '(?P<value>[^']*)'")
_PATTERNS = {
    "^[A-Z]{2}$": "two capital letters of ISO 3166, e.g. FR",
    "^[A-Z]{3}$": "three capital letters of ISO 4217, e.g. EUR",
    "^[a-z0-9][a-z0-9_.-]*$": "small letters, digits, `_`, `.` and `-`",
}
"""What to write for a pattern."""
DATE = "a day without quotes: year, month, day, e.g. 2026-11-24"

_EXAMPLES: tuple[tuple[tuple[type[inspect.Type], ...], str], ...] = (
    ((inspect.DateType,), DATE),
    ((inspect.StrType,), '"..."'),
    ((inspect.BoolType,), "true or false"),
    ((inspect.IntType, inspect.FloatType), "a number"),
    ((inspect.ListType, inspect.VarTupleType, inspect.SetType), "[...]"),
)


def misread(shape: object, text: str, message: str) -> tuple[int | None, str, str]:
    """Return the line, the path, and what is wrong with what to write, of msgspec's message on a file of `shape`."""
    matched = _AT.match(message)
    what, path = (matched["what"], matched["path"] or "") if matched else (message, "")
    type_ = at(inspect.type_info(shape), path)
    field, value = _FIELD.search(what), _VALUE.search(what)
    word = field["field"] if field and field["how"].startswith("contains") else value["value"] if value else ""
    return line_of(text, path, word), path, f"{what}; {_advice(type_, word, field['field'] if field else '')}"


def near(word: str, words: Iterable[str]) -> str:
    """Return a question about which of the words was meant, nothing when it is like none."""
    found = difflib.get_close_matches(word, sorted(words), n=1)
    return f"did you mean `{found[0]}`? " if found else ""


def _advice(type_: inspect.Type | None, word: str, field: str) -> str:
    if isinstance(type_, inspect.StructType):
        known = [one.encode_name for one in type_.fields]
        if word:
            return f"{near(word, known) or f'remove `{word}`; '}it has: {', '.join(known)}"
        wanted = next((one.type for one in type_.fields if one.encode_name == field), None)
        return f"write `{field}`: {_example(wanted)}" if field else f"it has: {', '.join(known)}"
    if isinstance(type_, inspect.EnumType):
        words = [str(one.value) for one in type_.cls]
        return f"{near(word, words)}write one of: {', '.join(words)}"
    if isinstance(type_, inspect.StrType) and type_.pattern in _PATTERNS:
        return f"write {_PATTERNS[type_.pattern]}"
    if isinstance(type_, inspect.FloatType | inspect.IntType) and type_.le is not None:
        return f"write a number from {type_.ge or 0:g} to {type_.le:g}"
    return f"write {_example(type_)}" if type_ is not None else "see what the file may have in the reference"


def _example(type_: inspect.Type | None) -> str:
    if isinstance(type_, inspect.EnumType):
        return " or ".join(f'"{one.value}"' for one in type_.cls)
    return next((said for kinds, said in _EXAMPLES if isinstance(type_, kinds)), "...")


# ------------------------------------------------------------------ the shape
def at(type_: inspect.Type | None, path: str) -> inspect.Type | None:
    """Return what stands at a path of msgspec's messages; None when it cannot be told."""
    for name, index in _steps(path):
        type_ = _below(_one(type_), name) if name else type_
        if index is not None:
            type_ = _member(_one(type_))
    return _one(type_)


def _steps(path: str) -> Iterator[tuple[str, str | None]]:
    for found in _STEP.finditer(path):
        if found["name"] or found["index"]:
            yield found["name"] or "", found["index"]


def _one(type_: inspect.Type | None) -> inspect.Type | None:
    """Leave out that a value may be absent."""
    if isinstance(type_, inspect.UnionType):
        return next((one for one in type_.types if not isinstance(one, inspect.NoneType)), None)
    return type_


def _below(type_: inspect.Type | None, name: str) -> inspect.Type | None:
    if isinstance(type_, inspect.StructType):
        return next((one.type for one in type_.fields if one.encode_name == name), None)
    return type_.value_type if isinstance(type_, inspect.DictType) else None


def _member(type_: inspect.Type | None) -> inspect.Type | None:
    if isinstance(type_, inspect.ListType | inspect.VarTupleType | inspect.SetType | inspect.FrozenSetType):
        return type_.item_type
    return type_.value_type if isinstance(type_, inspect.DictType) else None


# ------------------------------------------------------------------ the text
def line_of(text: str, path: str, word: str = "") -> int | None:
    """Return the line of a word at a path, else of the last key or table of the path that is found; None for none."""
    lines = text.splitlines()
    steps = [(name, int(index) if index and index.isdigit() else None) for name, index in _steps(path)]
    first, last, used = _table(lines, steps)
    rest = [name for name, _ in steps[used:] if name]
    found = first if used else None
    for name in rest:
        key = re.compile(rf'^(?:.*[{{,])?\s*"?{re.escape(name)}"?\s*=')
        where = next((n for n in range(first, last) if key.match(lines[n])), None)
        if where is None:
            break
        first = found = where
    if word:
        exact = re.compile(rf"(?<![A-Za-z0-9_]){re.escape(word)}(?![A-Za-z0-9_])")
        inside = (n for n in range(first, last) if exact.search(lines[n].split(" #")[0]))
        below = (n for n in range(last, len(lines)) if _HEADER.match(lines[n]) and exact.search(lines[n]))
        found = next(inside, next(below, found))
    return None if found is None else found + 1


def line_of_row(text: str, path: str) -> int | None:
    """Return the line of a row `table (names).key`, as errors of facts name it; None when it cannot be told."""
    named = _ROW.match(path)
    if named is None:
        return None
    lines = text.splitlines()
    words = [word.strip() for word in re.split(r"->|,", named["names"])]
    heads = [n for n, line in enumerate(lines) if (header := _HEADER.match(line)) and header["name"] == named["table"]]
    for first in heads:
        last = next((n for n in range(first + 1, len(lines)) if _HEADER.match(lines[n])), len(lines))
        block = lines[first:last]
        if all(any(f'"{word}"' in line for line in block) for word in words):
            key = named["key"] or ""
            at_key = (n for n in range(first, last) if key and re.match(rf"\s*{re.escape(key)}\s*=", lines[n]))
            return next(at_key, first) + 1
    return None


def _table(lines: list[str], steps: list[tuple[str, int | None]]) -> tuple[int, int, int]:
    """Return where the table with most of the steps begins and ends, and how many steps lead to it."""
    counts: dict[tuple[tuple[str, int | None], ...], int] = {}
    open_: dict[str, tuple[tuple[str, int | None], ...]] = {"": ()}
    best = (0, len(lines), 0)
    for number, line in enumerate(lines):
        header = _HEADER.match(line)
        if header is None:
            continue
        names = [part.strip().strip('"') for part in header["name"].split(".")]
        parent = open_.get(".".join(names[:-1]), tuple((name, None) for name in names[:-1]))
        index = None
        if header["many"]:
            index = counts[(*parent, (names[-1], None))] = counts.get((*parent, (names[-1], None)), -1) + 1
        here = (*parent, (names[-1], index))
        open_[".".join(names)] = here
        if len(here) >= best[2] and here == tuple(steps[: len(here)]):
            best = (number, len(lines), len(here))
        elif best[2] and best[1] == len(lines):
            best = (best[0], number, best[2])
    return best
