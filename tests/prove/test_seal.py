"""The level of a service is its worst answer; a score says under which weights it was made, and lifts nothing."""

import pytest

from ecluse.prove.seal import WEIGHTS, Evaluation, Objective, score

SIX = (4,) * 6


def with_(**answers: tuple[int | None, ...]) -> Evaluation:
    return Evaluation(answers={objective: answers.get(objective, SIX) for objective in Objective})


def test_one_bad_answer_is_the_level_of_all() -> None:
    assert with_().seal == 4
    assert with_(sov_2=(4, 4, 1, 4, 4, 4)).seal == 1


def test_an_answer_that_is_missing_is_the_lowest() -> None:
    assert with_(sov_5=(4, 4, None, 4, 4, 4)).seal == 0
    assert with_(sov_5=(4,)).seal == 0
    assert Evaluation(answers={}).seal == 0


def test_a_score_differs_by_its_weights_and_lifts_no_level() -> None:
    weak = with_(sov_5=(0, 4, 4, 4, 4, 4))
    assert (score(weak, "framework_2025_10"), score(weak, "calculator_2026_06")) == (80.0, 90.0)
    assert weak.seal == 0
    assert {sum(weights.values()) for weights in WEIGHTS.values()} == {100}


def test_a_level_or_a_set_of_weights_that_is_none_refuses() -> None:
    with pytest.raises(ValueError, match="0 to 4"):
        with_(sov_1=(5,))
    with pytest.raises(KeyError):
        score(with_(), "mine")
