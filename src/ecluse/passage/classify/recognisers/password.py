"""Passwords, tokens and keys under a word that says so: `password=`, `mot de passe :`, `MISTRAL_API_KEY=`.

A word or a stand-in after the colon is no secret: a password mixes letters with digits or signs, a token is long and
without order (three bits a character by Shannon's measure).
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import entropy, one_of
from ecluse.passage.classify.recogniser import LIKELY, PLAUSIBLE, Candidate, Hit, Recogniser
from ecluse.passage.classify.secrets_of import is_stand_in

_NAMES = one_of(
    "pass(?:word|wd|phrase)?|pwd|mots? de passe|mdp|code (?:secret|confidentiel)|kennwort|passwort|contrasena"
)
_KEYS = one_of(
    "secret|token|jeton|api[ _-]?key|access[ _-]?key|secret[ _-]?key|client[ _-]?secret|private[ _-]?key",
    "cle (?:d'?api|api|secrete|privee|d'acces)|bearer|authorization",
)
_LINK = r"(?:=>|:=|=|:|\best\b|\bis\b|\bvaut\b)"
_PARTS = re.compile(
    rf"(?P<name>{_NAMES})?[^:=]*?(?P<link>{_LINK})[ \t]{{0,3}}(?:bearer |basic )?(?P<quote>[\"'`]?)(?P<value>\S+)$",
    re.IGNORECASE | re.DOTALL,
)
_COMMON = re.compile(
    r"azerty\w{0,8}|qwert[yz]\w{0,8}|q?wxcvbn|(?:0?12345)[0-9]{0,7}|([0-9])\1{5,9}|iloveyou|je?taime|letmein|doudou|loulou"
    r"|chouchou|soleil|marseille|nicolas|princesse|football|monkey|dragon|sunshine|trustno1",
    re.IGNORECASE,
)
"""Passwords of words or digits alone, as lists of the most used ones have them."""
_SIGNS = frozenset("!@#$%^&*?+=/~|;")
_SHORT, _LONG, _RANDOM = 6, 16, 3.0
_PATHS = ("/", "~", "./", "http://", "https://", "C:\\")


def _verify(candidate: Candidate) -> Hit | None:
    parts = _PARTS.match(candidate.value)
    if parts is None:
        return None
    value = parts["value"]
    value = value.split(parts["quote"])[0] if parts["quote"] else value.rstrip(".,;:)]}\"'`")
    start = candidate.start + parts.start("value")
    if not value or value.startswith(_PATHS) or is_stand_in(value):
        return None
    hit = Hit(start, start + len(value), LIKELY, "a value without order after a word for a secret")
    if parts["name"]:
        if parts["link"].isalpha() and not parts["quote"]:
            return hit._replace(confidence=PLAUSIBLE) if _is_password(value) and _mixes_three(value) else None
        return hit if _is_password(value) or _COMMON.fullmatch(value) else None
    return hit if _is_token(value) else None


def _is_password(value: str) -> bool:
    letters = any(c.isalpha() for c in value)
    return len(value) >= _SHORT and letters and any(c.isdigit() or c in _SIGNS for c in value)


def _mixes_three(value: str) -> bool:
    kinds = (str.islower, str.isupper, str.isdigit, _SIGNS.__contains__)
    return sum(any(kind(c) for c in value) for kind in kinds) >= 3  # noqa: PLR2004 - three of four kinds of characters


def _is_token(value: str) -> bool:
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return len(value) >= _LONG and mixed and entropy(value) >= _RANDOM


RECOGNISER = Recogniser(
    name="password",
    kind="password",
    data_class=DataClass.CREDENTIAL,
    patterns=(
        (
            rf"(?i)(?:{_NAMES}|{_KEYS})[\"'`]?[ \t]{{0,3}}{_LINK}[ \t]{{0,3}}"
            r"(?:bearer |basic )?[\"'`]?[^\s\"'`<>]{4,400}"
        ),
    ),
    verify=_verify,
    revision=3,
)
