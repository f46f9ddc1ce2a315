"""Fills the slots of a text: names, numbers that pass their check digits, dates, amounts, secrets.

Law: everything is drawn from the chance that is handed in; a number has the form and the check digits of a real one and
belongs to nobody on purpose.
"""

import random
import re
import string
from collections.abc import Callable, Mapping
from typing import Any

SLOT = re.compile(r"\{([a-z_]+)\}")
IBAN_FRANCE = "1527"
"""`FR` in digits, as the check of an IBAN reads letters."""

Draw = Callable[[random.Random, Mapping[str, Any]], str]


def filled(text: str, chance: random.Random, words: Mapping[str, Any]) -> str:
    """Fill a text. The same slot twice in a text is filled the same. Raises KeyError for a slot that there is not."""
    known: dict[str, str] = {}

    def fill(found: re.Match[str]) -> str:
        name = found[1]
        if name not in known:
            known[name] = DRAWS[name](chance, words)
        return known[name]

    return SLOT.sub(fill, text)


def slots(text: str) -> set[str]:
    """Name the slots of a text."""
    return set(SLOT.findall(text))


def _of(list_: str) -> Draw:
    return lambda chance, words: str(chance.choice(words[list_]))


def _digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choices(string.digits, k=count))


def _person(chance: random.Random, words: Mapping[str, Any]) -> str:
    return f"{chance.choice(words['given'])} {chance.choice(words['family'])}"


def _phone(chance: random.Random, _words: Mapping[str, Any]) -> str:
    return "06 39 98 " + " ".join((_digits(chance, 2), _digits(chance, 2)))  # 06 39 98: kept by the ARCEP for fiction


def _mail(chance: random.Random, words: Mapping[str, Any]) -> str:
    local = f"{chance.choice(words['given'])}.{chance.choice(words['family'])}".lower()
    plain = local.translate(str.maketrans("éèêëàâïîôùûç", "eeeeaaiioauc"))
    return f"{plain}@{chance.choice(words['mail'])}"


def _address(chance: random.Random, words: Mapping[str, Any]) -> str:
    return f"{chance.randrange(1, 120)} {chance.choice(words['street'])}, {chance.choice(words['town'])}"


def _iban(chance: random.Random, _words: Mapping[str, Any]) -> str:
    account = _digits(chance, 21)
    bank = account + f"{97 - int(account + '00') % 97:02d}"
    check = 98 - int(f"{bank}{IBAN_FRANCE}00") % 97
    whole = f"FR{check:02d}{bank}"
    return " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def _nir(chance: random.Random, _words: Mapping[str, Any]) -> str:
    sex, year, month = chance.choice("12"), chance.randrange(40, 99), chance.randrange(1, 13)
    number = f"{sex}{year:02d}{month:02d}{chance.choice(('35', '44', '59', '69', '75'))}{_digits(chance, 6)}"
    parts = (number[0], number[1:3], number[3:5], number[5:7], number[7:10], number[10:13])
    return " ".join((*parts, f"{97 - int(number) % 97:02d}"))


def _card(chance: random.Random, _words: Mapping[str, Any]) -> str:
    body = "4970" + _digits(chance, 11)
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(body))
    total = sum(value - 9 if value > 9 else value for value in doubled)  # noqa: PLR2004 - Luhn adds the two digits
    whole = body + str(-total % 10)
    return " ".join(whole[at : at + 4] for at in range(0, 16, 4))


def _date(chance: random.Random, words: Mapping[str, Any]) -> str:
    return f"{chance.randrange(2, 28)} {chance.choice(words['month'])} 2026"


def _birth(chance: random.Random, words: Mapping[str, Any]) -> str:
    return f"{chance.randrange(2, 28)} {chance.choice(words['month'])} {chance.randrange(1940, 2004)}"


def _amount(chance: random.Random, _words: Mapping[str, Any]) -> str:
    return f"{chance.randrange(12, 4800)},{chance.randrange(100):02d} euros"


def _file(chance: random.Random, _words: Mapping[str, Any]) -> str:
    return f"dossier n° {chance.choice('ABCD')}-{chance.randrange(1000, 9999)}"


def _cloud_key(chance: random.Random, _words: Mapping[str, Any]) -> str:
    return "AKIA" + "".join(chance.choices(string.ascii_uppercase + "234567", k=16))


def _cloud_secret(chance: random.Random, _words: Mapping[str, Any]) -> str:
    return "".join(chance.choices(string.ascii_letters + string.digits + "/+", k=40))


def _password(chance: random.Random, _words: Mapping[str, Any]) -> str:
    return "".join(chance.choices(string.ascii_letters + string.digits, k=9)) + chance.choice("!%#-") + "7q"


def _number(chance: random.Random, _words: Mapping[str, Any]) -> str:
    return str(chance.randrange(2, 400))


DRAWS: Mapping[str, Draw] = {
    "personne": _person,
    "collegue": _person,
    "telephone": _phone,
    "courriel": _mail,
    "adresse": _address,
    "iban": _iban,
    "nir": _nir,
    "carte": _card,
    "date": _date,
    "naissance": _birth,
    "montant": _amount,
    "dossier": _file,
    "nombre": _number,
    "objet": _of("subject"),
    "projet": _of("project"),
    "module": _of("module"),
    "cle_nuage": _cloud_key,
    "secret_nuage": _cloud_secret,
    "mot_de_passe": _password,
}
"""Every slot by its name."""
