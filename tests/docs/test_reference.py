"""Each reference table has one row for each thing in the code, and says the same of it."""

import ast
import re
from collections.abc import Iterator

import pytest
import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

from ecluse.cli.main import app
from ecluse.domain.errors import CODES
from ecluse.edge.admin.routes import ROUTES
from ecluse.edge.http.openapi import OPENAPI
from ecluse.edge.http.routes import CLASSIFY, CONTESTS, EXPLAIN, VERSION
from ecluse.edge.roles import MAY, Role
from ecluse.packs import policies
from ecluse.passage.admit import DIALECTS as INBOUND
from ecluse.passage.classify import built_in
from ecluse.passage.question import RAISABLE
from tests.docs.markdown import ROOT, code, codes, headings, page, rows, section

SOURCE = ROOT / "src" / "ecluse"
COMMANDS = "docs/reference/commands.md"
RULES = "docs/reference/rules.md"
HEADERS = "docs/reference/headers.md"


def test_each_error_code_has_its_row_with_its_status_and_blame() -> None:
    table = [(code(row["code"]), int(row["status"]), row["blame"]) for row in rows(page("docs/reference/errors.md"))]
    assert sorted(table) == sorted((name, c.status, str(c.blame)) for name, c in CODES.items())


def test_each_row_of_the_errors_says_what_to_do() -> None:
    assert all(row["meaning"] and row["what to do"] for row in rows(page("docs/reference/errors.md")))


# ------------------------------------------------------------------ headers
def headers_in_code() -> set[str]:
    """Return every `x-ecluse-` header that the code writes or reads."""
    strings = (
        node.value
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )
    texts = (s.decode("latin-1") if isinstance(s, bytes) else s for s in strings)
    return {text for text in texts if re.fullmatch(r"x-ecluse-[a-z-]+", text)}


def test_each_header_has_its_row() -> None:
    written = {code(row["header"]) for row in rows(page(HEADERS)) if "header" in row}
    assert {name for name in written if name.startswith("x-ecluse-")} == headers_in_code()


def test_each_path_has_its_row() -> None:
    gate = "".join(
        (SOURCE / "edge/http" / name).read_text(encoding="utf-8") for name in ("gate.py", "routes.py", "tiles.py")
    )
    posts = {path for dialect in INBOUND.values() for path in (*dialect.routes, *dialect.counts)}
    refused = {(path, c) for dialect in INBOUND.values() for path, c in dialect.refused.items()}
    table = [row for row in rows(page(HEADERS)) if "path" in row]
    served = {code(row["path"]): row["method"] for row in table if "does" in row}
    assert set(served) == posts | set(re.findall(r'"(/[a-z0-9/]+)"', gate)) - {VERSION} | {OPENAPI}
    assert {path for path, method in served.items() if method == "POST"} == posts | {CLASSIFY, CONTESTS, EXPLAIN}
    assert {(code(row["path"]), code(row["refused as"])) for row in table if "refused as" in row} == refused


# ------------------------------------------------------------------ commands
def commands() -> dict[str, TyperCommand]:
    """Return each command under its whole name."""
    return dict(_commands(typer.main.get_command(app), "ecluse"))


def _commands(command: object, name: str) -> Iterator[tuple[str, TyperCommand]]:
    if isinstance(command, TyperGroup):
        for sub, child in command.commands.items():
            yield from _commands(child, f"{name} {sub}")
    elif isinstance(command, TyperCommand):
        yield name, command


def options(command: TyperCommand) -> set[str]:
    """Return what can be written after the command: its arguments and its long options."""
    written: set[str] = set()
    for parameter in command.params:
        if isinstance(parameter, TyperArgument):
            written |= set() if parameter.hidden else {str(parameter.name).upper()}
        else:
            written |= {name for name in (*parameter.opts, *parameter.secondary_opts) if name.startswith("--")}
    return written - {"--help"}


def test_each_command_has_its_heading() -> None:
    assert set(headings(page(COMMANDS), 2)) - {"Exit codes"} == set(commands())


@pytest.mark.parametrize("name", commands())
def test_each_option_has_its_row(name: str) -> None:
    table = rows(section(page(COMMANDS), name))
    assert {code(row["option"]) for row in table} == options(commands()[name])
    assert all(row["meaning"] for row in table)


# ------------------------------------------------------------------ rules
def rules_in_packs() -> dict[tuple[str, str], dict[str, str]]:
    """Return the annotations of each rule by pack and id."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for path in sorted((SOURCE / "packs" / "policies").glob("*.cedar")):
        text = re.sub(r"^\s*//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for head in re.findall(r"((?:@\w+\(\"(?:[^\"\\]|\\.)*\"\)\s*)+)(?:permit|forbid)", text):
            notes = dict(re.findall(r"@(\w+)\(\"((?:[^\"\\]|\\.)*)\"\)", head))
            found[path.stem, notes["id"]] = notes
    return found


def test_each_rule_has_its_row_and_its_words() -> None:
    packs = headings(page(RULES), 2)
    table = {
        (pack, code(row["rule"])): (row["basis"], row["floor"] == "yes", row["sentence"], row["source"])
        for pack in packs
        for row in rows(section(page(RULES), pack))
    }
    assert table == {
        key: (notes["basis"], notes.get("floor") == "true", notes["reason"], notes["source"])
        for key, notes in rules_in_packs().items()
    }


def test_each_pack_says_who_reviewed_it() -> None:
    for name, review in policies.load().reviews.items():
        assert review.en in section(page(RULES), name), name


def test_only_base_has_a_rule_that_permits() -> None:
    table = {pack: {row["effect"] for row in rows(section(page(RULES), pack))} for pack in headings(page(RULES), 2)}
    assert {pack for pack, effects in table.items() if "permit" in effects} == {"base"}


# ------------------------------------------------------------------ recognisers
def test_each_recogniser_has_its_row() -> None:
    table = rows(page("docs/reference/recognisers.md"))
    assert [(code(row["recogniser"]), code(row["kind"]), code(row["data class"])) for row in table] == [
        (name, recogniser.kind, str(recogniser.data_class)) for name, recogniser in sorted(built_in().items())
    ]
    assert all(row["recognises"] for row in table)


def test_the_header_page_names_each_class_that_a_header_may_add() -> None:
    [cell] = [r["meaning"] for r in rows(page(HEADERS)) if r.get("header") == "`x-ecluse-sensitivity`"]
    assert codes(cell) == set(RAISABLE)


# ------------------------------------------------------------------ the admin API
def test_each_call_of_the_admin_api_has_its_row() -> None:
    table = [(code(row["call"]), codes(row["who may"]), row["does"]) for row in rows(page("docs/reference/admin.md"))]
    assert [(call, set(who), does) for call, who, does in table] == [
        (f"{route.method} {route.path}", {str(role) for role in Role if route.act in MAY[role]}, route.summary)
        for route in ROUTES
    ]
