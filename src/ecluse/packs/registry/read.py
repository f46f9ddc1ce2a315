"""One file of facts, from bytes to its shape, with errors that say what to write.

Law: what is not understood is refused with the file's name, the fact's name and the words to write.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from ecluse.packs.errors import PackError
from ecluse.packs.misread import misread
from ecluse.packs.registry.facts import RegistryFile

WRITE: Mapping[str, str] = {
    "source": 'write `source = "<id of a row of [[sources]]>"`: a fact without a source does not exist',
    "as_of": "write `as_of = 2026-11-24`, the date of the source, without quotes",
    "confidence": 'write `confidence = "high"`, "medium", "low" or "unverified"',
    "url": 'write `url = "https://..."`, where the source was read',
    "title": "write `title`, the name of the document that was read",
}
"""What to write for a field that is missing."""

_ROW = re.compile(r"^(?P<table>\w+)\[(?P<index>\d+)\](?P<rest>.*)$")
_MISSING = re.compile(r"missing required field `(?P<field>\w+)`")


def texts_of(folder: Path) -> Mapping[str, str]:
    """Return the files of facts of a folder, by name. Raises PackError when there is none or one cannot be read."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            found[path.name] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise PackError(path.name, "", f"cannot be read: {error}") from error
    if not found:
        raise PackError(folder.name, "", "no file of facts; write <provider>.toml")
    return found


def parse(name: str, text: str) -> RegistryFile:
    """Read one file of the registry. Raises PackError."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PackError(name, "", f"is not TOML: {error}; text stands in quotes, a day (2026-11-24) in none") from error
    try:
        return msgspec.convert(raw, RegistryFile)
    except msgspec.ValidationError as error:
        raise _explained(name, text, raw, str(error)) from error


def _explained(file: str, text: str, raw: Mapping[str, object], message: str) -> PackError:
    line, path, what = misread(RegistryFile, text, message)
    missing = _MISSING.search(what)
    if missing and missing["field"] in WRITE:
        what = f"{what.split(';')[0]}; {WRITE[missing['field']]}"
    return PackError(f"{file}:{line}" if line else file, _named(raw, path), what)


def _named(raw: Mapping[str, object], path: str) -> str:
    """Put the fact's own name beside its row number."""
    row = _ROW.match(path)
    if row is None:
        return path
    rows = raw.get(row["table"])
    fact = rows[int(row["index"])] if isinstance(rows, Sequence) else None
    if not isinstance(fact, Mapping):
        return path
    name = fact.get("id") or "->".join(str(fact[key]) for key in ("holder", "held") if key in fact)
    return f"{row['table']}[{row['index']}] ({name}){row['rest']}" if name else path
