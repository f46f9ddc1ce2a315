"""The pages on the trail and on the registry have each field, where it stands."""

import ast
from collections.abc import Iterator
from typing import get_args

import msgspec
import pytest

from ecluse.domain.trail import EntryKind
from ecluse.packs.registry.facts import RegistryFile
from tests.docs.markdown import ROOT, code, headings, page, rows, section

TRAIL = "docs/reference/trail.md"
REGISTRY = "docs/reference/registry.md"
ON_EACH_FACT = {"source", "confidence", "note"}


def body_fields(kind: str) -> set[str]:
    """Return the fields that the function of this kind writes, read from passage/record/entry.py."""
    module = ast.parse((ROOT / "src/ecluse/passage/record/entry.py").read_text(encoding="utf-8"))
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    shared = {
        name
        for node in ast.walk(functions[kind])
        if isinstance(node, ast.Call) and (name := ast.unparse(node.func)) in functions and name.startswith("_")
    }
    return {
        key.value
        for name in (kind, *shared)
        for node in ast.walk(functions[name])
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


@pytest.mark.parametrize("kind", EntryKind)
def test_each_field_of_an_entry_has_its_row(kind: EntryKind) -> None:
    table = {code(row["field"]) for row in rows(section(page(TRAIL), kind.value, 3))}
    assert table == body_fields(kind.value)


def tables(struct: type[msgspec.Struct], prefix: str = "") -> Iterator[tuple[str, type[msgspec.Struct]]]:
    """Walk the tables of a registry file, each under its dotted name."""
    for field in msgspec.structs.fields(struct):
        for kind in (field.type, *get_args(field.type)):
            if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
                yield prefix + field.name, kind
                yield from tables(kind, f"{prefix}{field.name}.")


def test_each_field_of_the_registry_has_its_row() -> None:
    also = {"destinations.scope": "offers.scope", "destinations.terms": "offers.terms"}
    also |= {"destinations.keeps": "offers.keeps", "destinations.options": "offers.options"}
    also |= {"tools.scope": "offers.scope", "tools.terms": "offers.terms"}
    known = dict(tables(RegistryFile))
    assert {also.get(name, name) for name in known} == set(headings(page(REGISTRY), 2))
    for name, struct in known.items():
        table = {code(row["field"]): row["required"] for row in rows(section(page(REGISTRY), also.get(name, name)))}
        fields = {f.name: "yes" if f.required else "no" for f in msgspec.structs.fields(struct)}
        written = ON_EACH_FACT - (set() if name != "sources" else {"confidence", "note"})
        assert table == {field: required for field, required in fields.items() if field not in written}, name
