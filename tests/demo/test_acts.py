"""What the demo shows is what came back, and a difference shows."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from demo.acts import cells, failed_or_few, word
from demo.checks import Act, Check, among, equal, shown
from demo.show import Stage
from demo.trail import flip_bit
from demo.watching import found, kept
from demo.world import LOCAL, WORDS


def ruling(name: str, *, masked: bool, permitted: bool, rules: tuple[str, ...] = ()) -> dict[str, Any]:
    reasons = [{"rule": rule} for rule in rules]
    return {"destination": name, "masked": masked, "permitted": permitted, "reasons": reasons}


def test_a_cell_says_as_is_before_masked_before_refused() -> None:
    told = {
        "rulings": [
            ruling("open", masked=False, permitted=True),
            ruling("open", masked=True, permitted=True),
            ruling("half", masked=False, permitted=False, rules=("a.rule",)),
            ruling("half", masked=True, permitted=True),
            ruling("shut", masked=False, permitted=False, rules=("a.rule", "b.rule", "c.rule")),
            ruling("shut", masked=True, permitted=False, rules=("d.rule",)),
        ]
    }
    assert cells(told) == {"open": "as is", "half": "masked", "shut": "refused: a.rule, b.rule"}
    assert word("refused: a.rule, b.rule") == "refused"


def test_an_act_holds_only_when_every_check_does() -> None:
    good, bad = equal("status", 200, 200, "response"), equal("status", 403, 200, "response")
    assert Act(id="a", title="", checks=(good,)).held
    assert not Act(id="a", title="", checks=(good, bad)).held
    assert Act(id="a", title="", checks=(bad,)).document()["checks"][0]["expected"] == "200"


def test_what_is_expected_among_others_must_be_there() -> None:
    assert among("rules", ["a", "b"], ["a"], "response").held
    assert not among("rules", ["b"], ["a"], "response").held


def test_a_row_of_a_table_is_repeated_only_when_it_differs() -> None:
    right = Check(what=WORDS[LOCAL], seen="", where="", held=True)
    wrong = Check(what=WORDS[LOCAL], seen="", where="", held=False)
    other = shown("found", "personal", "/v1/explain")
    assert failed_or_few([right, wrong, other]) == (wrong, other)


def test_a_difference_is_written_in_words(capsys: Any) -> None:
    Stage().act(Act(id="a", title="An act", checks=(equal("status", 403, 200, "response"),)))
    assert "DIFFERS: expected 200" in capsys.readouterr().out


def test_brackets_in_an_answer_are_shown_as_they_are(capsys: Any) -> None:
    Stage().act(Act(id="a", title="An act", checks=(shown("answer", "[bold]not ours[/bold]", "response"),)))
    assert "[bold]not ours[/bold]" in capsys.readouterr().out


def test_values_are_found_where_they_stand(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"\x00...Dubois...")
    (tmp_path / "b.db").write_bytes(b"\x00")
    assert kept(["Dubois"], tmp_path) == ["a.db"]
    assert found(["Dubois", "Lefèvre"], ["M. Lefèvre"]) == ["Lefèvre"]


def test_one_bit_is_flipped_in_the_entry_that_is_named() -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE entries (idx INTEGER PRIMARY KEY, entry BLOB NOT NULL)")
        database.executemany("INSERT INTO entries VALUES (?, ?)", [(i, b"entry %d" % i) for i in range(5)])
        before = dict(database.execute("SELECT idx, entry FROM entries").fetchall())
        index = flip_bit(database)
        after = dict(database.execute("SELECT idx, entry FROM entries").fetchall())
    assert [i for i in before if before[i] != after[i]] == [index] == [2]
    changed = [a ^ b for a, b in zip(before[2], after[2], strict=True) if a != b]
    assert changed == [1]
