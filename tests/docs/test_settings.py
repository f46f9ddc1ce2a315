"""The settings page has each setting with its default, and each value of a closed list."""

import tomllib
from collections.abc import Iterator
from typing import Any, get_args, get_origin

import msgspec

from ecluse.domain.caller import AnalysisKind, CallerKind
from ecluse.edge.config import Settings
from tests.docs.markdown import code, page, rows, section

PAGE = "docs/reference/settings.md"
REQUIRED = "required"


def settings(table: type[msgspec.Struct], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Walk a table of the settings: its name and default for each that can be written."""
    for field in msgspec.structs.fields(table):
        kind = field.type
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            yield from settings(kind, f"{prefix}{field.name}.")
            continue
        yield f"{prefix}{field.name}", default(field)
        if (
            get_origin(kind) is list
            and isinstance(item := get_args(kind)[0], type)
            and issubclass(item, msgspec.Struct)
        ):
            yield from settings(item, f"{prefix}{field.name}[].")


def default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return REQUIRED if field.default is msgspec.NODEFAULT else field.default


def stated(cell: str) -> Any:
    if cell == REQUIRED:
        return REQUIRED
    return None if cell == "none" else tomllib.loads(f"it = {code(cell)}")["it"]


def test_each_setting_has_its_row_with_its_default() -> None:
    table = {code(row["setting"]): stated(row["default"]) for row in rows(page(PAGE)) if "setting" in row}
    tables = {"organisations"}  # said by its heading
    assert table == {name: value for name, value in settings(Settings) if name not in tables}


def test_each_kind_of_organisation_and_analysis_has_its_row() -> None:
    def kinds(title: str) -> set[str]:
        return {code(row["kind"]) for row in rows(section(page(PAGE), title))}

    assert kinds("Kinds of organisation") == set(CallerKind)
    assert kinds("Kinds of analysis") == set(AnalysisKind)
