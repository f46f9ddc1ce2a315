"""Numbers and dates as each language writes them."""

import pytest

from ecluse.console.numbers import between, bytes_of, day, moment, money, number, percent, short_moment


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (number(1234567, "fr"), "1\u202f234\u202f567"),
        (number(1234567, "en"), "1,234,567"),
        (number(3.25, "fr"), "3,2"),
        (percent(1, 3, "fr"), "33\u202f%"),
        (percent(1, 40, "en"), "2.5%"),
        (percent(0, 0, "en"), "\u2013"),
        (between(0.0123, 4.56, "Wh", "fr"), "0,012 à 4,6\u00a0Wh"),
        (between(0.0, 1234.0, "g", "en"), "0 to 1,234\u00a0g"),
        (money(1234.5, "EUR", "fr"), "1\u202f234\u00a0€"),
        (money(2.5, "USD", "en"), "$2.50"),
        (day("2026-12-01", "fr"), "1er\u00a0décembre 2026"),
        (day("2026-12-01", "en"), "1\u00a0December 2026"),
        (moment("2026-11-24T08:12:05.000Z", "fr"), "24\u00a0novembre 2026 à 08:12:05 UTC"),
        (short_moment("2026-11-24T08:12:05.000Z", "en"), "2026-11-24 08:12"),
        (bytes_of(2048, "fr"), "2\u00a0Kio".replace("2", "2,0", 1)),
    ],
)
def test_a_value_is_written_as_its_language_does(said: str, expected: str) -> None:
    assert said == expected
