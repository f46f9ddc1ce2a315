"""One file of facts, from bytes to its shape, with errors that say what to write.

Law: what is not understood is refused with the file's name, the fact's name and the words to write.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

import msgspec

from ecluse.domain.destination import OperatedBy, Scope, Trilean
from ecluse.domain.finding import DataClass
from ecluse.domain.hosted import HostedKind
from ecluse.domain.party import Confidence, StakeKind
from ecluse.domain.request import Capability
from ecluse.packs.errors import PackError
from ecluse.packs.registry import facts
from ecluse.packs.registry.facts import RegistryFile

WRITE: Mapping[str, str] = {
    "source": 'write `source = "<id of a row of [[sources]]>"`: a fact without a source does not exist',
    "as_of": "write `as_of = 2026-11-24`, the date of the source, without quotes",
    "confidence": 'write `confidence = "high"`, "medium", "low" or "unverified"',
    "url": 'write `url = "https://..."`, where the source was read',
    "title": "write `title`, the name of the document that was read",
    "kind": "write `kind`; the allowed words are in packs/registry/facts.py",
}
"""What to write for a field that is missing."""

WORDS: Mapping[str, type[StrEnum]] = {
    "sources.kind": facts.SourceKind,
    "entities.kind": facts.EntityKind,
    "stakes.kind": StakeKind,
    "tools.kind": HostedKind,
    "brings": DataClass,
    "offers.kind": facts.OfferKind,
    "confidence": Confidence,
    "scheme": facts.Scheme,
    "operated_by": OperatedBy,
    "processing": Scope,
    "storage": Scope,
    "trains_on_input": Trilean,
    "human_review": Trilean,
    "open_weights": Trilean,
    "capabilities": Capability,
}
"""The closed lists, by field, and by table where one name has several."""

_AT = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<path>.*)`)?$", re.DOTALL)
_ROW = re.compile(r"^(?P<table>\w+)\[(?P<index>\d+)\](?P<rest>.*)$")
_FIELD = re.compile(r"(?:missing required|contains unknown) field `(?P<field>\w+)`")


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
        raise PackError(name, "", f"is not TOML: {error}") from error
    try:
        return msgspec.convert(raw, RegistryFile)
    except msgspec.ValidationError as error:
        raise _explained(name, raw, str(error)) from error


def _explained(file: str, raw: Mapping[str, object], message: str) -> PackError:
    matched = _AT.match(message)
    what, path = (matched["what"], matched["path"] or "") if matched else (message, "")
    return PackError(file, _named(raw, path), f"{what}; {_advice(what, path)}")


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


def _advice(what: str, path: str) -> str:
    field = _FIELD.search(what)
    if field is None:
        words = _words(path)
        return f"write one of: {', '.join(words)}" if words else "the shape of each fact is in packs/registry/facts.py"
    name = field["field"]
    if "missing" in what:
        return WRITE.get(name, f"write `{name} = ...`")
    near = difflib.get_close_matches(name, sorted(_fields()), n=1)
    return f"did you mean `{near[0]}`?" if near else f"remove `{name}`"


def _words(path: str) -> list[str]:
    """Return the closed list of the field at the end of a path."""
    names = [part.split("[")[0] for part in path.split(".")]
    listed = WORDS.get(f"{names[0]}.{names[-1]}") or WORDS.get(names[-1])
    return [str(word) for word in listed] if listed else []


def _fields() -> set[str]:
    shapes = [shape for shape in vars(facts).values() if isinstance(shape, type) and issubclass(shape, msgspec.Struct)]
    return {field for shape in shapes for field in shape.__struct_fields__}
