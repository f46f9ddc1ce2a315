"""Every class and every analysis has a name for a reader, in both languages."""

import pytest

from ecluse.domain.caller import AnalysisKind
from ecluse.domain.finding import DataClass
from ecluse.passage.decide.words import ANALYSIS_NAMES, CLASS_NAMES, joined


def test_each_word_has_its_names() -> None:
    assert set(CLASS_NAMES) == set(DataClass)
    assert set(ANALYSIS_NAMES) == set(AnalysisKind)
    for en, fr in [*CLASS_NAMES.values(), *ANALYSIS_NAMES.values()]:
        assert en != fr


@pytest.mark.parametrize(("names", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_a_list_reads_as_a_sentence(names: list[str], text: str) -> None:
    assert joined(names, "and") == text
