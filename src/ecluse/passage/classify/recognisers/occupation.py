"""Trades, said of somebody: *profession : infirmière*, *travaille comme soudeur*, *works as a nurse*.

A trade tells people apart in a small town, and names nobody by itself: `indirect`. No list of trades is needed: the
words before it say that it is one.
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import one_of, words
from ecluse.passage.classify.recogniser import LIKELY, PLAUSIBLE, Candidate, Hit, Recogniser

_FIELD = re.compile(r"(?:profession|metier|occupation|job title|poste occupe)[ ]?[:=][ ]?", re.IGNORECASE)
_LED = re.compile(
    r".*\b(?:as an?|comme|en tant que?|en qualite de?|profession de?|metier de?|former|retired)[ ']", re.IGNORECASE
)
_NO_TRADES = words(
    "team group result whole function service way pair unit couple family reference source"
    " proxy server gateway rule last means matter consequence prevu si ca cela avant un une le la les convenu"
    " state city student version name owner"
)
_GOES_ON = re.compile(
    r" (?:(?:in|at|for|of|on|by|with|and|or|to|from|who|since|until|dans|chez|pour|a|au|et|ou|depuis)\b.*)?\Z"
)


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    if field := _FIELD.match(candidate.value):
        return Hit(start + field.end(), end, LIKELY, "a word where a form asks for a trade")
    led = _LED.match(candidate.value)
    if led is None:
        return None
    said = _GOES_ON.sub("", candidate.value[led.end() :])
    if not said or said.split()[0].lower() in _NO_TRADES or text[end : end + 1] in {"'", "_", "("}:
        return None
    return Hit(start + led.end(), start + led.end() + len(said), PLAUSIBLE, "a trade, said of somebody")


RECOGNISER = Recogniser(
    name="occupation",
    kind="occupation",
    data_class=DataClass.PERSONAL,
    patterns=(
        r"(?i)\b(?:work(?:s|ed|ing)|employed|practising|practiced) as an? [a-z-]{3,16}(?: [a-z]{3,12})?",
        r"(?i)\ba (?:former|retired) [a-z-]{4,16}(?: (?:officer|driver|worker|guard|servant|agent))?",
        (
            r"(?i)\b(?:travaill[a-z]{1,6}|exerc[a-z]{1,5}|embauchee?|employee?) "
            r"(?:comme|en tant qu[e']|en qualite d[e'])"
            r" ?[a-z'-]{3,16}"
        ),
        r"(?i)\b(?:la profession|le metier) d[e'] ?[a-z'-]{4,16}",
        r"(?i)\b"
        + one_of("profession|metier|occupation|job title|poste occupe")
        + r"[ ]?[:=][ ]?[a-z][a-z'-]{2,20}(?: [a-z'-]{2,16}){0,2}",
    ),
    verify=_verify,
    indirect=True,
)
