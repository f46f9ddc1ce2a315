"""One letter, four callers, four tables: what a data protection officer is shown first."""

import tomllib
from pathlib import Path

import pytest

from ecluse.domain.destination import DestinationId
from ecluse.domain.finding import DataClass
from ecluse.domain.verdict import Permit
from ecluse.passage.decide import decide
from tests.passage.decide.world import NOW, caller, question, snapshot

TABLE = tomllib.loads(Path(__file__).with_name("letter.toml").read_text(encoding="utf-8"))
LETTER = tuple(DataClass(name) for name in TABLE.pop("classes")["letter"])


@pytest.mark.parametrize("name", TABLE)
def test_the_letter_of_each_caller_has_its_table(name: str) -> None:
    found: dict[str, str] = {}
    for destination in TABLE[name]:
        verdict = decide(snapshot(), question(caller(name), *LETTER), [DestinationId(destination)], now=NOW)
        if isinstance(verdict, Permit):
            found[destination] = "masked" if verdict.choices[0].masked else "as is"
        else:
            found[destination] = " ".join(sorted(reason.rule for reason in verdict.reasons))
    assert found == TABLE[name]


def test_the_four_tables_differ() -> None:
    shapes = [
        tuple(table[key] if table[key] in {"as is", "masked"} else "-" for key in table) for table in TABLE.values()
    ]
    assert len(set(shapes)) == len(TABLE) == 4
