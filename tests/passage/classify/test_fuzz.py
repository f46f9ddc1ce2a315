"""No text crashes the search, hangs it, or gets an offset that lies outside: hostile texts by the minute."""

import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from ecluse.passage.classify import Engine
from tests.passage.classify.hostile import Law, made
from tests.passage.classify.texts import fixtures

MOST = 1_000_000


def seconds(otherwise: float) -> float:
    return float(os.environ.get("ECLUSE_FUZZ_SECONDS", str(otherwise)))


def test_some_hostile_texts_are_searched_within_the_law(cascade: Engine) -> None:
    law = Law(cascade)
    for seed in range(300):
        law(made(seed))


@pytest.mark.long
def test_hostile_texts_by_the_minute(cascade: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """By chance, from a seed: as many as there is time for, at most a million."""
    law, ends, first = Law(cascade), time.monotonic() + seconds(60), int(os.environ.get("ECLUSE_FUZZ_SEED", "0"))
    done = 0
    while done < MOST and time.monotonic() < ends:
        try:
            law(made(first + done))
        except Exception as error:
            raise AssertionError(f"the text of seed {first + done}: {error}") from error
        done += 1
    with capsys.disabled():
        sys.stdout.write(f"\n{done} hostile texts\n")
    assert done


@pytest.mark.long
@pytest.mark.skipif(find_spec("atheris") is None, reason="NO ATHERIS HERE: pip install atheris")
def test_a_million_texts_that_look_for_new_paths(tmp_path: Path) -> None:
    """Guided by coverage: at most a million."""
    corpus, bounds = tmp_path / "corpus", [f"-runs={MOST}", f"-max_total_time={seconds(60):.0f}", "-timeout=20"]
    corpus.mkdir()
    for n, text in enumerate(fixtures()):
        (corpus / str(n)).write_text(text, encoding="utf-8")
    run = subprocess.run(
        [
            *(sys.executable, "-m", "tests.passage.classify.fuzzing", *bounds, "-rss_limit_mb=3000", "-max_len=4000"),
            *(f"-artifact_prefix={tmp_path}/", str(corpus)),
        ],
        capture_output=True,
        text=True,
        timeout=seconds(60) + 180,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
