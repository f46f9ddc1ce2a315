"""Each type of document has its words in both languages."""

from ecluse.scan.assess.types import TYPES
from ecluse.scan.kinds import Kind


def test_each_kind_has_its_words() -> None:
    assert set(TYPES) == set(Kind)
    assert all(english and french for english, french in TYPES.values())
