"""The form of a key is checked before anything is looked up (siege 31)."""

from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.edge.keys.api_key import ALPHABET, LENGTH, PREFIX, mint, well_formed

KEYS = [mint().reveal() for _ in range(20)]


def test_a_key_has_its_prefix_256_bits_and_its_checksum() -> None:
    for key in KEYS:
        assert (len(key), key[: len(PREFIX)]) == (LENGTH, "ecl_live_")
        number = 0
        for digit in key[-6:]:
            number = number * 62 + ALPHABET.index(digit)
        assert number == crc32(key[:-6].encode())
        assert well_formed(key) == key.encode()
    assert len(set(KEYS)) == len(KEYS)


@given(st.sampled_from(KEYS), st.integers(0, LENGTH - 1), st.characters())
def test_form_refuses_a_key_with_any_character_changed(key: str, at: int, other: str) -> None:
    if key[at] != other:
        assert well_formed(key[:at] + other + key[at + 1 :]) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ecl_live_",
        "ecl_test_" + KEYS[0][9:],
        KEYS[0][:-1],
        KEYS[0] + "0",
        KEYS[0].lower(),
        KEYS[0] + "\n",
        " " + KEYS[0][1:],
        "' OR 1=1--",
        "ecl_live_' OR 1=1--" + "0" * 39,
        "\u0661" * LENGTH,
        "ecl_live_" + "é" * 49,
        "\ud800" * LENGTH,
        "x" * 1_000_000,
    ],
    ids=range(14),
)
def test_form_refuses_what_is_no_key(text: str) -> None:
    assert well_formed(text) is None
