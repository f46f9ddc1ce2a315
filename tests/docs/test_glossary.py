"""Each public class of the domain has its heading in the glossary, and each closed list its rows."""

import ast

from ecluse.domain.finding import MASKED_FORM, DataClass
from tests.docs.markdown import ROOT, code, headings, page, rows, section

GLOSSARY = "docs/glossary.md"
WORDS = "Words without a class"


def classes() -> set[str]:
    """Return the public classes of src/ecluse/domain."""
    modules = (ast.parse(p.read_text(encoding="utf-8")) for p in (ROOT / "src/ecluse/domain").glob("*.py"))
    return {
        node.name
        for module in modules
        for node in module.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    }


def test_each_class_has_one_heading_and_each_heading_its_class() -> None:
    text = page(GLOSSARY)
    titles = headings(text, 3)
    words = headings(section(text, WORDS), 3)
    assert len(titles) == len(set(titles))
    assert set(titles) - set(words) == classes()
    assert not set(words) & classes()


def test_each_heading_says_something() -> None:
    text = page(GLOSSARY)
    assert [title for title in headings(text, 3) if len(section(text, title, 3).split()) < 3] == []


def test_each_data_class_has_its_row_and_its_masked_form() -> None:
    table = {code(row["value"]): row["masked form"] for row in rows(section(page(GLOSSARY), "DataClass", 3))}
    assert set(table) == {str(c) for c in DataClass}
    assert {c: code(form) for c, form in table.items() if "`" in form} == {
        str(c): str(form) for c, form in MASKED_FORM.items()
    }
