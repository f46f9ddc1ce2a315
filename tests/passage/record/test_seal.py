"""Ids, salts and commitments from one draw."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.passage.record import commitment, derive, entry_id

draws = st.binary(min_size=32, max_size=32)


@given(draws, st.binary(max_size=200))
def test_a_commitment_is_hmac_sha256(salt: bytes, content: bytes) -> None:
    assert commitment(salt, content) == hmac.new(salt, content, hashlib.sha256).hexdigest()


@given(draws, st.text(max_size=20), st.text(max_size=20))
def test_each_label_draws_something_else(seed: bytes, one: str, other: str) -> None:
    assert (derive(seed, one) == derive(seed, other)) is (one == other)
    assert (entry_id(seed, one) == entry_id(seed, other)) is (one == other)


@given(draws)
def test_an_id_has_32_hexadecimal_digits_and_does_not_tell_the_salt(seed: bytes) -> None:
    id_ = entry_id(seed, "attempt-1")
    assert len(bytes.fromhex(id_)) == 16
    assert bytes.fromhex(id_) not in derive(seed, "attempt-1")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_seal_refuses_a_draw_of_another_length(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        derive(bytes(length), "label")
    with pytest.raises(ValueError, match="32 bytes"):
        commitment(bytes(length), b"content")
