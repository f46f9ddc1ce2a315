"""How much of a tagger's confidence stays where one word alone was read as a person.

Law: what surrounds the word on its line, and the gazetteers, only lower a confidence; two words or more are not asked.
A word so doubted is still told as a name (`indirect`): it decides nothing, and it is not lost.
"""

import re

from ecluse.passage.classify.code import is_code

UNKNOWN, CAPITALS, ORDINARY = 0.9, 0.7, 0.3
"""What a lone word that no dictionary has keeps of its confidence, one in capitals, one that is no person's name."""
_AROUND = 160
_ACRONYM = 4
"""Letters up to which an unknown word in capitals is taken for an abbreviation: EKS, GPO, SNI."""
_THING_BEFORE = re.compile(
    r"\b(?:class|interface|module|package|function|library|framework|plugin|command|tool|server|software|app|project"
    r"|classe|paquet|fonction|biblioth[e\u00e8]que|logiciel|progiciel|application|commande|outil|serveur|portail"
    r"|cam[e\u00e9]ra|copieur|commutateur|pare-feu|base|langage|language|salle|site|march[e\u00e9])s? \Z",
    re.IGNORECASE,
)
_THING_AFTER = re.compile(
    r" (?:class(?:es)?|interface|module|package|library|framework|plugin|API|SDK|CLI|patterns?)\b"
)
_DECLARED = re.compile(r"\b(?:import|class|new|extends|implements|struct|enum|impl|return|raise|throw|type|as) \Z")
_USED = re.compile(r"\(|\[|<|::| [|&]{1,2} ")
_SMALL = re.compile(r"[^\W\d_]+(?![\w.(=/])")
_LEAST_WORDS = 5
_QUOTES = frozenset("\"'`\u201c\u00ab")


def kept(text: str, start: int, end: int, *, known: bool) -> float:
    """Return the share of a confidence that `text[start:end]` keeps; `known`: a gazetteer of names has it."""
    word = text[start:end]
    before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    if word[0].islower():
        if _in_code(text, start, end) or not (known or (before[-1:] not in _QUOTES and _is_small(before + after))):
            return ORDINARY
        return 1.0 if known else UNKNOWN
    last = before.rfind(" ", 0, -1) + 1  # from here on stands the last word before
    if not known and (_is_abbreviation(word) or _THING_BEFORE.search(before, last)):
        return ORDINARY
    if _THING_AFTER.match(after):
        return ORDINARY
    used = not known or _DECLARED.search(before, last) or _USED.match(after)
    if used and before[-1:] not in _QUOTES and _in_code(text, start, end):
        return ORDINARY
    return 1.0 if known else CAPITALS if word.isupper() else UNKNOWN


def _is_small(around: str) -> bool:
    """Say whether what is around are sentences in small letters throughout, in which names are too."""
    return around == around.lower() and len(_SMALL.findall(around)) >= _LEAST_WORDS


def _is_abbreviation(word: str) -> bool:
    capitals = len(word) - len(word.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    return (capitals == len(word) <= _ACRONYM) or 1 < capitals - 1 < len(word) - 1


def _in_code(text: str, start: int, end: int) -> bool:
    """Say whether the word stands on a line of a program."""
    begins = text.rfind("\n", max(0, start - _AROUND), start) + 1
    if not begins and start > _AROUND:
        return False  # so long a line is not looked at
    ends = text.find("\n", end, end + _AROUND)
    return is_code(text[begins : ends if ends >= 0 else end + _AROUND])
