"""Decimals as each language writes them, from the one place that writes them."""

import pytest

from ecluse.prove.exposure_words import said_share
from ecluse.prove.figures import said_number


@pytest.mark.parametrize(
    ("value", "digits", "en", "fr"), [(0.075, None, "0.075", "0,075"), (79, None, "79", "79"), (9, 2, "9.00", "9,00")]
)
def test_a_decimal_has_the_sign_of_its_language(value: float, digits: int | None, en: str, fr: str) -> None:
    assert said_number(value, fr=False, digits=digits) == en
    assert said_number(value, fr=True, digits=digits) == fr


def test_a_share_between_bounds_is_said_in_both() -> None:
    assert said_share(10.99, 11.19, fr=True) == "de 10,99 à 11,19 %"
    assert said_share(10.99, 11.19, fr=False) == "10.99 to 11.19 %"
