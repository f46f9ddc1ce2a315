"""Surrogates are stable, their own, and never like what the request holds."""

import re

import pytest

from ecluse.domain.vault import ALPHABET, CORE_LENGTH, MAX_SURROGATE, SurrogateType, Vault, stem
from ecluse.passage.mask import mint as minting
from ecluse.passage.mask.mint import Mint, look_alikes
from ecluse.passage.mask.spelling import compact

KEY = b"k" * 32
NONE: frozenset[str] = frozenset()


def test_the_same_value_has_the_same_surrogate_in_every_turn_whatever_stands_beside_it() -> None:
    alone = Mint(KEY, NONE).surrogate(SurrogateType.PERSON, "Jean")
    mint = Mint(KEY, NONE)
    mint.surrogate(SurrogateType.EMAIL, "marie@exemple.fr")
    assert mint.surrogate(SurrogateType.PERSON, "Jean") == alone
    assert mint.surrogate(SurrogateType.PERSON, "Jean") == alone


def test_two_keys_give_no_common_surrogate() -> None:
    names = [f"Jean {i}" for i in range(1_000)]
    one, other = ({Mint(key, NONE).surrogate(SurrogateType.PERSON, name) for name in names} for key in (KEY, b"o" * 32))
    assert not one & other
    assert len(one) == len(other) == 1_000


def test_a_surrogate_has_the_form_that_is_promised() -> None:
    for i in range(500):
        surrogate = Mint(KEY, NONE).surrogate(SurrogateType.ADDRESS, f"{i} rue de la Paix")
        word, core = surrogate.split("_")
        assert word == "ADDRESS"
        assert len(core) == CORE_LENGTH
        assert set(core) <= set(ALPHABET)
        assert re.search("[0-9]", core)
        assert len(surrogate) <= MAX_SURROGATE[SurrogateType.ADDRESS]


def test_values_that_meet_are_drawn_anew_in_a_fixed_order(monkeypatch: pytest.MonkeyPatch) -> None:
    def core(_mint: Mint, _word: SurrogateType, value: str, attempt: int) -> str:
        return "AAAAA1" if attempt == 0 else f"BBBB{len(value)}{attempt}"

    monkeypatch.setattr(minting.Mint, "_core", core)
    mint = Mint(KEY, NONE)
    assert [mint.surrogate(SurrogateType.PERSON, name) for name in ("a", "ab", "abc", "xy")] == [
        "PERSON_AAAAA1",
        "PERSON_BBBB21",
        "PERSON_BBBB31",
        "PERSON_BBBB22",
    ]


def test_a_core_without_a_digit_is_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minting.Mint, "_core", lambda _m, _w, _v, attempt: ("SMARTY", "AAAAA1")[attempt])
    assert Mint(KEY, NONE).surrogate(SurrogateType.PERSON, "a") == "PERSON_AAAAA1"


def test_an_excluded_surrogate_is_never_made() -> None:
    first = Mint(KEY, NONE).surrogate(SurrogateType.PERSON, "Jean")
    mint = Mint(KEY, frozenset({first}))
    assert stem(mint.surrogate(SurrogateType.PERSON, "Jean")) != first
    assert mint.vault().excluded == {first}


@pytest.mark.parametrize(
    "text",
    [
        "PERSON_7K2Q9F",
        "person-7k2q9f",
        "xPERSON\\_7K2Q9F2y",
        "Person 7K2 Q9F",
        "car PERSON_7K2Q9F",
        "PERSONPERSON_7K2Q9F",
    ],
)
def test_a_look_alike_is_seen_however_it_is_written(text: str) -> None:
    assert "PERSON_7K2Q9F" in look_alikes([compact(text)])


def test_a_look_alike_inside_another_is_seen() -> None:
    assert {"CARD_ATE7K2", "DATE_7K2Q9F"} <= look_alikes([compact("CAR DATE_7K2Q9F")])


def test_a_word_is_no_look_alike() -> None:
    assert look_alikes([compact("personne parmi les personnels PERSON_NAME")]) == NONE


@pytest.mark.parametrize("surrogate", ["PERSON_ABCDEF", "NOBODY_7K2Q9F", "PERSON_7K2Q9FX", "person_7k2q9f", ""])
def test_a_vault_refuses_what_is_no_surrogate(surrogate: str) -> None:
    with pytest.raises(ValueError, match="not a surrogate"):
        Vault(originals={surrogate: "Jean"})


def test_a_vault_refuses_an_empty_original() -> None:
    with pytest.raises(ValueError, match="nothing behind"):
        Vault(originals={"PERSON_7K2Q9F": ""})


def test_a_vault_refuses_a_surrogate_that_the_request_held() -> None:
    with pytest.raises(ValueError, match="look-alike"):
        Vault(originals={"PERSON_7K2Q9F2": "Jean"}, excluded=frozenset({"PERSON_7K2Q9F"}))
