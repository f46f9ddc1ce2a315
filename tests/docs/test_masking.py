"""The page on surrogates has each type, each form that can be asked for, and the bound that the code keeps."""

from ecluse.domain.masking import FORMS, Quasi
from ecluse.domain.vault import MAX_FORMAT, MAX_SURROGATE
from tests.docs.markdown import code, page, rows, section

PAGE = "docs/reference/masking.md"
BOUND = "held back at most"


def test_each_type_has_its_row_with_its_bound() -> None:
    table = {code(row["type"]): int(row[BOUND]) for row in rows(section(page(PAGE), "Typed"))}
    assert table == dict(MAX_SURROGATE)


def test_each_form_has_its_row_with_its_setting_and_its_bound() -> None:
    table = {
        code(row["type"]): (code(row["setting"]), int(row[BOUND])) for row in rows(section(page(PAGE), "Format-valid"))
    }
    assert table == {
        word: (f'{setting} = "{form}"', MAX_FORMAT[word])
        for setting, (form, word) in FORMS.items()
        if word in MAX_FORMAT
    }
    assert set(MAX_FORMAT) == {word for _, word in FORMS.values()}


def test_each_thing_that_can_be_made_coarser_has_its_row() -> None:
    assert {code(row["word"]) for row in rows(section(page(PAGE), "Made coarser"))} == set(Quasi)
