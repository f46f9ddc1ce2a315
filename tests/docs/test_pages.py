"""The pages hold together: links lead somewhere, code compiles, no dependency lacks its reason."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, anchors, code, fences, headings, links, page, pages, rows

PAGES = pages()
NAMES = [path.relative_to(ROOT).as_posix() for path in PAGES]


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_each_link_leads_to_a_file_or_a_heading(path: Path) -> None:
    for target in links(path.read_text(encoding="utf-8")):
        if re.match(r"https?://", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), target
        assert not anchor or anchor in anchors(there.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_each_python_example_compiles_and_each_toml_example_reads(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for example in fences(text, "python"):
        compile(example, path.name, "exec")
    for example in fences(text, "toml"):
        assert tomllib.loads(example)


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_a_page_has_one_title_and_whole_tables(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(headings(text, 1)) == 1
    assert all(any(row.values()) for row in rows(text))


def test_each_page_under_docs_is_linked_from_another() -> None:
    linked = {
        (path.parent / target.partition("#")[0]).resolve()
        for path in PAGES
        for target in links(path.read_text(encoding="utf-8"))
    }
    assert {p.as_posix() for p in PAGES if p.is_relative_to(ROOT / "docs") and p not in linked} == set()


def test_each_dependency_has_its_reason() -> None:
    project = tomllib.loads(page("pyproject.toml"))
    declared = [
        *project["project"]["dependencies"],
        *(name for extra in project["project"]["optional-dependencies"].values() for name in extra),
        *(name for group in project["dependency-groups"].values() for name in group),
    ]
    table = rows(page("docs/explanation/dependencies.md"))
    assert all(row["why this one"] for row in table)
    wheels = set(re.findall(r"^([\w.-]+)==", page("requirements/model.lock"), flags=re.MULTILINE))
    names = {re.split(r"[^\w.-]", requirement)[0] for requirement in declared}
    assert sorted(code(row["package"]) for row in table) == sorted(names | wheels)


def test_the_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs/adr").glob("[0-9]*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
