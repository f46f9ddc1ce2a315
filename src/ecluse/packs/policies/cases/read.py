"""Reads the tables of cases, those that come with Ecluse and an organisation's own, each beside its pack.

Law: a case that says anything else than what is listed here does not load, and neither does a reason in one language.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec

from ecluse.domain.caller import AnalysisKind, CallerKind
from ecluse.domain.finding import DataClass
from ecluse.domain.verdict import Action, Mode
from ecluse.packs.errors import PackError

BUILT_IN = Path(__file__).parent
CALLERS = "callers"
FOLDER = "cases"
"""Where an organisation's own folder of rules has its tables: `cases/PACK.toml`."""


class _Caller(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: CallerKind
    analyses: tuple[AnalysisKind, ...] = ()
    care: bool = False


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One case of a rule. `plus` and `minus` are analyses that its caller has on record, or has not, for once.

    Without `contracts` its caller has one with every provider. It is about a `destination` or a `place`.
    """

    rule: str
    verdict: Literal["permit", "refuse"]
    caller: str
    classes: tuple[DataClass, ...]
    why: str = ""
    why_fr: str = ""
    masked: bool = False
    action: Action = Action.INFER
    purpose: str = ""
    day: date | None = msgspec.field(name="date", default=None)
    modes: Mapping[str, Mode] = {}
    contracts: tuple[str, ...] | None = None
    plus: tuple[AnalysisKind, ...] = ()
    minus: tuple[AnalysisKind, ...] = ()
    care: bool = False
    declared: tuple[DataClass, ...] = ()
    destination: str = ""
    place: str = ""
    country: str = ""
    kind: CallerKind = CallerKind.OTHER
    """What the law sees in its caller; read from `callers.toml`."""


def cases(*folders: Path) -> Sequence[Case]:
    """Return every case, pack by pack, those of the folders' own packs too. Raises PackError."""
    found: list[Case] = []
    for folder in (BUILT_IN, *(each / FOLDER for each in folders)):
        names = sorted(path.stem for path in folder.glob("*.toml") if path.stem != CALLERS)
        callers = _callers(folder) if names else {}
        for name in names:
            found += [_case(name, row, callers) for row in rows(folder / f"{name}.toml")]
    return found


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Iterate over the cases of one table as they stand there. Raises PackError."""
    table = _decoded(path)
    stated = table.get("cases")
    if set(table) != {"cases"} or not isinstance(stated, list):
        raise PackError(path.name, "cases", "a table of cases is a list of [[cases]] and nothing else")
    yield from stated


def _case(name: str, row: dict[str, Any], callers: Mapping[str, _Caller]) -> Case:
    try:
        stated = msgspec.convert(row, Case)
    except msgspec.ValidationError as error:
        raise PackError(f"{name}.toml", str(row.get("rule", "")), str(error)) from None
    known = callers.get(stated.caller)
    if known is None:
        named = ", ".join(sorted(callers)) or "none"
        raise PackError(f"{name}.toml", stated.rule, f"no caller `{stated.caller}` in {CALLERS}.toml; it has: {named}")
    if bool(stated.why) != bool(stated.why_fr):
        raise PackError(f"{name}.toml", stated.rule, "write `why` in English and `why_fr` in French, or neither")
    if bool(stated.destination) is bool(stated.place):
        raise PackError(f"{name}.toml", stated.rule, "a case is about one `destination` or one `place`")
    return msgspec.structs.replace(stated, kind=known.kind, care=stated.care or known.care)


def _callers(folder: Path) -> Mapping[str, _Caller]:
    """Return the callers of a folder, with the shipped ones beside."""
    stated = _decoded(BUILT_IN / f"{CALLERS}.toml")
    own = folder / f"{CALLERS}.toml"
    if folder != BUILT_IN and own.is_file():
        stated |= _decoded(own)
    try:
        return msgspec.convert(stated, dict[str, _Caller])
    except msgspec.ValidationError as error:
        raise PackError(own.name, "", str(error)) from None


def _decoded(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = msgspec.toml.decode(path.read_bytes())
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise PackError(path.name, "", f"cannot be read: {error}") from error
    return found
