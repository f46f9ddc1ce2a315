"""Laws of a conversation that its provider keeps: classes only grow, and a later turn never tells an earlier one's."""

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.api import detector
from ecluse.domain.destination import DestinationId
from ecluse.domain.errors import ProviderError
from ecluse.domain.finding import MASKED_FORM, DataClass
from ecluse.domain.kept import Kept
from ecluse.domain.request import BlobPart, Message, Request, Retention, Role, Surface, TextPart, slots
from ecluse.domain.snapshot import Detector, Instant
from ecluse.domain.vault import Vault, stem
from ecluse.passage.mask import mask
from ecluse.passage.mask.spelling import compact
from ecluse.passage.retained import named, sent_on, unnamed, with_kept
from tests.passage.decide.world import caller, question

CLASSES = st.frozensets(st.sampled_from([c for c in DataClass if c not in MASKED_FORM.values()]), max_size=5)
MASKABLE = st.frozensets(st.sampled_from(sorted(MASKED_FORM)), max_size=3)
KEY = b"k" * 32
COVER = frozenset(MASKED_FORM)
STORES = Request(surface=Surface.CHAT, model="m", retention=Retention(store=True))
VALUES = [
    "Mme Camille Lefèvre",
    "Lefèvre",
    "camille lefevre",
    "M. Paul Durand",
    "Durand",
    "camille.lefevre@mairie-exemple.fr",
    "FR7630004008210001234567849",
]


@cache
def searching() -> Detector:
    return detector(tagger=False)


def kept(clear: frozenset[DataClass], covered: frozenset[DataClass]) -> Kept:
    return Kept(
        destination=DestinationId("keeper/eu/keeper-1"),
        upstream="u",
        model="m",
        created=0,
        ends=Instant(1),
        clear=clear,
        covered=covered,
        key=KEY,
    )


@given(CLASSES, MASKABLE, CLASSES, MASKABLE)
def test_no_class_of_what_lies_there_is_lost_nor_taken_for_masked(
    new: frozenset[DataClass],
    coverable: frozenset[DataClass],
    clear: frozenset[DataClass],
    covered: frozenset[DataClass],
) -> None:
    asked = replace(question(caller("company"), *new), covered=coverable & new)
    joined = with_kept(asked, STORES, kept(clear, covered - clear))
    assert joined.classes == new | clear | covered
    assert joined.keeps
    assert not joined.covered & clear
    assert not joined.covered & (new - coverable)
    assert joined.covered <= (coverable & new) | covered


@given(CLASSES, MASKABLE, MASKABLE)
def test_a_file_in_a_later_turn_is_not_taken_to_be_without_what_earlier_turns_hid(
    new: frozenset[DataClass], coverable: frozenset[DataClass], covered: frozenset[DataClass]
) -> None:
    asked = replace(question(caller("company"), *new), covered=coverable & new)
    file = BlobPart(media="file", wire={"type": "file", "file": {"file_data": "data:application/pdf;base64,QQ=="}})
    request = replace(STORES, messages=(Message(role=Role.USER, parts=(file,)),))
    joined = with_kept(asked, request, kept(frozenset(), covered))
    assert not joined.covered & covered
    assert joined.covered <= coverable & new


def test_a_call_that_keeps_nothing_is_asked_as_before() -> None:
    asked = question(caller("company"), DataClass.HEALTH)
    assert with_kept(asked, replace(STORES, retention=None), None) is asked


def turn(text: str) -> Request:
    return replace(STORES, messages=(Message(role=Role.USER, parts=(TextPart(text=text),)),))


def told(request: Request) -> str:
    return "\n".join(slot.text for slot in slots(request))


@given(st.lists(st.lists(st.sampled_from(VALUES), min_size=1, max_size=3), min_size=2, max_size=4))
def test_a_chain_of_turns_has_one_surrogate_a_value_and_brings_each_back(turns: list[list[str]]) -> None:
    search = searching()
    vault = Vault.empty()
    shown: dict[str, str] = {}
    for values in turns:
        request = turn(" et ".join(values))
        found = search.classify(slots(request))
        masked = mask(request, found, cover=COVER, key=KEY, before=vault)
        assert vault.originals.items() <= masked.vault.originals.items()
        for original in vault.originals.values():
            assert original not in told(masked.request)
        if any("Lefèvre" in original for original in masked.vault.originals.values()):
            assert "lefevre" not in compact(told(masked.request))
        for surrogate, original in masked.vault.originals.items():
            assert shown.setdefault(original, surrogate) == surrogate
        vault = masked.vault
    assert len(set(vault.originals.values())) == len(vault.originals)


def test_another_value_never_takes_an_earlier_surrogate_and_a_typed_one_brings_nothing_back() -> None:
    search = searching()
    request = turn("camille.lefevre@mairie-exemple.fr")
    found = search.classify(slots(request))
    first = mask(request, found, cover=found.coverable, key=KEY)
    (surrogate,) = first.vault.originals
    claimed = Vault(originals={surrogate: "someone.else@mairie-exemple.fr"})
    second = mask(request, found, cover=found.coverable, key=KEY, before=claimed)
    assert second.vault.originals[surrogate] == "someone.else@mairie-exemple.fr"
    assert len({stem(one) for one in second.vault.originals}) == 2
    typed = turn(f"{surrogate} et paul.durand@mairie-exemple.fr")
    again = mask(
        typed, search.classify(slots(typed)), cover=frozenset({DataClass.PERSONAL}), key=KEY, before=first.vault
    )
    assert surrogate not in again.vault.originals
    later = mask(request, found, cover=found.coverable, key=KEY, before=again.vault)  # the address is said once more
    assert surrogate not in told(later.request)
    assert any(shown in told(later.request) for shown in later.vault.originals)


@pytest.mark.parametrize(
    ("instructed", "opening", "apart"), [(True, False, True), (False, True, True), (False, False, False)]
)
def test_a_provider_is_told_its_own_name_and_what_holds_for_one_turn(
    *, instructed: bool, opening: bool, apart: bool
) -> None:
    request = replace(STORES, retention=Retention(store=True, previous="ours", instructed=instructed))
    sent = sent_on(request, kept(frozenset(), frozenset()), opening=opening).retention
    assert sent is not None
    assert (sent.previous, sent.instructed) == ("u", apart)


def test_what_is_sealed_before_a_call_has_nothing_of_what_was_said_nor_of_its_key() -> None:
    said = ((Role.USER, "Mme Camille Lefèvre"),)
    whole = replace(
        kept(frozenset(), frozenset({DataClass.PERSONAL})),
        said=said,
        vault=Vault(originals={"PERSON_7QZK2A": VALUES[0]}),
    )
    first = unnamed(whole)
    assert (first.upstream, first.key, first.said, first.vault.surrogates) == ("", b"", (), 0)
    assert (first.classes, first.ends, first.destination) == (whole.classes, whole.ends, whole.destination)
    assert VALUES[0] not in repr(whole)


@pytest.mark.parametrize("name", ["", "../../admin/keys", "é", "a/b", "a" * 257, "a\n"])
def test_a_providers_name_that_could_not_stand_in_a_path_is_refused(name: str) -> None:
    with pytest.raises(ProviderError):
        named(kept(frozenset(), frozenset()), name)
