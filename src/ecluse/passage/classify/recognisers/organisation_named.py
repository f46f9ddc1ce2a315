"""Companies by what is said beside their name: *Martin Conseil SARL*, *Acme Ltd*, *chez Velours*.

A company names no person: `indirect`. What a person is called takes precedence (*chez Marie*).
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import one_of, words
from ecluse.passage.classify.recogniser import LIKELY, PLAUSIBLE, Candidate, Hit, Recogniser

_FORMS = one_of(
    "SARL|S\\.A\\.R\\.L\\.|SASU?|S\\.A\\.S\\.|EURL|SELARL|SCI|SCOP|SNC|GmbH|Ltd|Limited|LLC|LLP|Inc|Corp|Corporation|PLC|plc",
    "Sp\\. z o\\.o\\.|S\\.p\\.A\\.|S\\.r\\.l\\.|B\\.V\\.|Pty",
)
_NAME = r"[A-Z][A-Za-z0-9&'-]{1,24}(?: (?:(?:&|de|du|des|et|and|of) )?[A-Z][A-Za-z0-9&'-]{1,24}){0,3}"
_BESIDE = one_of(
    "[Cc]hez|(?:[Ll]a |[Uu]ne )?(?:[Ss]ociete|SARL|SASU?|[Ss]tart-up)|(?:[Ll]'|[Uu]ne )entreprise|[Ll]e groupe"
)
_LED = re.compile(rf"{_BESIDE} ")
_NO_COMPANY = words(
    "moi vous nous eux elle elles lui les des un une mme m mlle mr dr me monsieur madame maitre docteur"
)

_OPENS = words(
    "the a an at in from my our i for hi dear is does did was are and of by with to le la les chez pour bonjour de du"
    " des un une au aux notre votre mon ma why how what when where who which can could please hello between as on if"
)
_STILL_A_NAME = re.compile(rf"(?!{_FORMS}\b)[A-Z]")


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    if led := _LED.match(candidate.value):
        name = candidate.value[led.end() :]
        first = name.split()[0].lower()
        if first in _NO_COMPANY or (name.lower() == first and first in candidate.words["given_names"]):
            return None
        return Hit(start + led.end(), end, PLAUSIBLE, "a name after a word for a company")
    if text[max(0, start - 1) : start].isalnum() or text[end : end + 1].isalnum():
        return None
    first, _, rest = candidate.value.partition(" ")
    if first.lower() in _OPENS:
        start += len(first) + 1
        if not _STILL_A_NAME.match(rest):
            return None
    return Hit(start, end, LIKELY, "a name before a company's legal form")


RECOGNISER = Recogniser(
    name="organisation_named",
    kind="organisation",
    data_class=DataClass.PERSONAL,
    patterns=(
        rf"\b{_NAME},? {_FORMS}\b",
        rf"\b{_BESIDE} {_NAME}",
    ),
    verify=_verify,
    dictionaries=("given_names",),
    indirect=True,
)
