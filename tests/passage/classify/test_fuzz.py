"""No text crashes the search, hangs it, or gets an offset that lies outside: hostile texts by the minute."""

import sys
import time
from pathlib import Path

import pytest

from ecluse.passage.classify import Engine
from tests.apart import guided
from tests.passage.classify.hostile import Law, made
from tests.passage.classify.million import MOST, go_on, reached, seconds
from tests.passage.classify.texts import fixtures


def test_some_hostile_texts_are_searched_within_the_law(cascade: Engine) -> None:
    law = Law(cascade)
    for seed in range(300):
        law(made(seed))


def test_the_million_goes_on_where_it_ended_and_begins_anew_with_another_detector(
    cascade: Engine, tmp_path: Path
) -> None:
    count, law, ever = tmp_path / "count.json", Law(cascade), float("inf")
    assert go_on(law, "a", ends=0.0, count=count, most=3) == reached("a", count) == 0
    assert go_on(law, "a", ever, count, most=3) == reached("a", count) == 3
    assert go_on(law, "a", ever, count, most=5) == 5
    assert reached("b", count) == 0


def test_a_text_that_breaks_the_law_is_named_by_its_seed(cascade: Engine, tmp_path: Path) -> None:
    class Broken(Law):
        def __call__(self, text: str) -> None:
            assert text != made(2), "it takes too long"

    with pytest.raises(AssertionError, match="the text of seed 2: it takes too long"):
        go_on(Broken(cascade), "a", float("inf"), tmp_path / "count.json", most=4)


@pytest.mark.long
def test_hostile_texts_by_the_minute(cascade: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """A piece of `make million`: as many as there is time for."""
    done = go_on(Law(cascade), cascade.version, time.monotonic() + seconds(60))
    with capsys.disabled():
        sys.stdout.write(f"\n{done:,} of {MOST:,} hostile texts\n")
    assert done


@pytest.mark.long
def test_a_million_texts_that_look_for_new_paths(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Guided by coverage: at most a million."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for n, text in enumerate(fixtures()):
        (corpus / str(n)).write_text(text, encoding="utf-8")
    ran = guided("tests.passage.classify.fuzzing", corpus, seconds=seconds(60), most=MOST, longest=4000)
    with capsys.disabled():
        sys.stdout.write(f"\n{ran:,} guided texts\n")
    assert ran
