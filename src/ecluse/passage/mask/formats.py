"""Surrogates that a program accepts for what they stand for: an IBAN, a phone number, an e-mail address.

Law: drawn under the conversation's key, never by encrypting the value in its format (FF3-1 was withdrawn). None can
reach anybody: addresses at example.org (RFC 2606), numbers kept for fiction, IBANs of the bank 00000. Each is written
as its original is, separators and all, so that spellings of one value stay spellings of one surrogate.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from ecluse.domain.vault import ALPHABET, CORE_LENGTH, SPELLINGS, SurrogateType

FORMATS = frozenset({SurrogateType.EMAIL, SurrogateType.PHONE, SurrogateType.IBAN})
FIXED, MOBILE = "19900", "63998"
"""What ARCEP keeps for fiction, 01 99 00 and 06 39 98, without the 0. Unverified: its decision was not opened."""
BANK = "00000"
_SUBSCRIBER = 10_000
_SIGNIFICANT = 9
_PHONE = re.compile(r"(?:\+33|0033|33)?0?([1-9][0-9]{8})")
_MOBILE = ("6", "7")
_PHONE_SIGNS = re.compile(r"[0-9 ().+/\-\u00a0\u202f]+")
_IBAN_SIGNS = re.compile(r"[0-9A-Za-z .\-\u00a0\u202f]+")
_SIGNS = re.compile(r"[^0-9A-Za-z]+")
_FRENCH_IBAN = re.compile(r"(?:FR|MC)[0-9]{12}[0-9A-Z]{11}[0-9]{2}")
_GERMAN_IBAN = re.compile(r"DE[0-9]{20}")
_RIB_LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")


class Candidate(NamedTuple):
    """A surrogate that might do: what it says, how it is written here, how else it may be written."""

    core: str
    shown: str
    aliases: tuple[str, ...] = ()


def candidates(word: SurrogateType, original: str, draw: int) -> Iterator[Candidate]:
    """Yield the surrogates of one draw, the best first; none for what has no format that we know."""
    if word is SurrogateType.EMAIL:
        yield from _email(draw)
    elif word is SurrogateType.PHONE:
        yield from _phone(original, draw)
    elif word is SurrogateType.IBAN:
        yield from _iban(original, draw)


def sameness(word: SurrogateType, original: str) -> str | None:
    """Return what the spellings of a value have in common, where that is more than letters and digits."""
    number = _significant(original) if word is SurrogateType.PHONE else None
    return number or None


def in_json(shown: str) -> tuple[str, ...]:
    """Return how a JSON string in ASCII writes it, if that is another way."""
    escaped = json.dumps(shown)[1:-1]
    return () if escaped == shown else (escaped,)


def _email(draw: int) -> Iterator[Candidate]:
    core = "".join(ALPHABET[draw >> 5 * i & 31] for i in range(CORE_LENGTH)).lower()
    for spelling in ("", *SPELLINGS):
        yield Candidate(core, f"contact.{core}{spelling}@example.org")


def _significant(original: str) -> str | None:
    """Return the nine digits of a French number."""
    digits = _SIGNS.sub("", original)
    match = _PHONE.fullmatch(digits if not original.startswith("+") else f"+{digits}")
    return match[1] if match and _PHONE_SIGNS.fullmatch(original) else None


def _phone(original: str, draw: int) -> Iterator[Candidate]:
    significant = _significant(original)
    if significant is None:
        return
    number = f"{MOBILE if significant[0] in _MOBILE else FIXED}{draw % _SUBSCRIBER:04}"
    pairs = " ".join(number[i : i + 2] for i in range(1, _SIGNIFICANT, 2))
    spelt = (f"0{number[0]} {pairs}", f"+33 {number[0]} {pairs}")
    aliases = tuple(w for s in spelt for w in (s, s.replace(" ", ""), s.replace(" ", "."), s.replace(" ", "-")))
    yield Candidate(number, _written_like(original, number), aliases)


def _written_like(original: str, characters: str) -> str:
    """Put `characters` in the place of the last letters and digits of `original`."""
    out = list(original)
    left = len(characters)
    for at in range(len(out) - 1, -1, -1):
        if out[at].isalnum() and left:
            left -= 1
            out[at] = characters[left]
    return "".join(out)


def _iban(original: str, draw: int) -> Iterator[Candidate]:
    plain = _SIGNS.sub("", original).upper()
    if _IBAN_SIGNS.fullmatch(original) is None:
        return
    if _FRENCH_IBAN.fullmatch(plain):
        rest = f"{draw % 10**16:016}"
        bban = BANK + rest
        bban += f"{97 - int(bban.translate(_RIB_LETTERS) + '00') % 97:02}"
    elif _GERMAN_IBAN.fullmatch(plain):
        bban = f"{BANK}000{draw % 10**10:010}"
    else:
        return
    country = plain[:2]
    iban = f"{country}{check_digits(country, bban)}{bban}"
    groups = " ".join(iban[i : i + 4] for i in range(0, len(iban), 4))
    yield Candidate(iban, _written_like(original, iban), (groups, iban))


def check_digits(country: str, bban: str) -> str:
    """Return the two check digits of an IBAN (ISO 13616, mod 97-10)."""
    number = "".join(str(int(c, 36)) for c in f"{bban}{country}00".upper())
    return f"{98 - int(number) % 97:02}"
