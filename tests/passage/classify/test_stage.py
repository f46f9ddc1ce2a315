"""The stage's entry adds what the walk knows to be unreadable; recognisers are found by looking."""

import pytest

from ecluse.domain.finding import DataClass
from ecluse.domain.request import Slot, SlotPath
from ecluse.passage.classify import Engine, Recogniser, built_in, classify
from ecluse.passage.classify.recognisers import email


def test_unreadable_parts_are_added_once_and_never_dropped(detector: Engine) -> None:
    blob = SlotPath("messages/0/parts/1")
    found = classify(detector, [Slot(path=SlotPath("messages/0/parts/0"), text="bonjour")], (blob, blob))
    assert found.unreadable == (blob,)
    assert found.classes == {DataClass.UNREADABLE}
    assert found.detector == detector.version


def test_a_request_without_slots_is_classified(detector: Engine) -> None:
    assert classify(detector, []).classes == frozenset()


def test_every_recogniser_is_found_under_the_name_of_its_file() -> None:
    assert all(recogniser.name == name for name, recogniser in built_in().items())


def test_a_file_whose_recogniser_has_another_name_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email, "RECOGNISER", built_in()["phone"])
    with pytest.raises(TypeError, match="email"):
        built_in()


def test_a_recogniser_without_patterns_refuses() -> None:
    with pytest.raises(ValueError, match="has no pattern"):
        Recogniser(name="n", kind="n", data_class=DataClass.PERSONAL, patterns=(), verify=lambda _: None)
