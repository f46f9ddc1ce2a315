"""Postal addresses as English writes them: number, name and kind of way, flat, town, American or British postcode.

An address that a public body or a company is said to have is seen and not believed. Kinds of way that are also other
words (*Way*, *Court*, *Park*) ask for a flat, a town with its postcode, or a word for an address before them.
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import before, one_of
from ecluse.passage.classify.recogniser import DOUBTFUL, LIKELY, PLAUSIBLE, Candidate, Hit, Recogniser

_SURE = one_of(
    "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Boulevard|Blvd|Crescent|Cres|Terrace|Parkway|Pkwy|Highway|Hwy|Turnpike",
    "STREET|ST|ROAD|RD|AVENUE|AVE|LANE|LN|DRIVE|BOULEVARD|BLVD",
)
_UNSURE = one_of(
    "Dr|Close|Way|Court|Ct|Place|Pl|Square|Sq|Circle|Cir|Trail|Gardens|Grove|Hill|Mews|Row|Walk|Alley|Plaza|Park|Quay|Loop",
    "View|Gate|Green|Wharf|Yard|WAY|COURT|CLOSE|PLACE|DR|CT",
)
_UNIT = re.compile(r",?[ \n]{1,2}(?:(?i:apt|apartment|suite|ste|unit|flat|floor|room)\.? ?#?|#)[A-Za-z0-9-]{1,6}\b")
_STATES = one_of(
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
_UK = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"
_TOWN = re.compile(
    r",?[ \n]{1,3}[A-Z][A-Za-z.'-]{1,30}(?: (?:[A-Z][A-Za-z.'-]{1,30}|of|on|upon|under|the)){0,3}"
    rf"(?:,?[ \n]{{1,3}}(?:{_STATES}[ ,]{{1,2}}\d{{5}}(?:-\d{{4}})?\b|{_UK})|,[ \n]{{1,2}}{_STATES}\b|,? \d{{5}}\b)"
)
_OF_A_BODY = re.compile(
    r"\b(?:headquarter(?:s|ed)|head office|registered office|offices?|embassy|consulate|museum|court|city hall|store"
    r"|branch|restaurant|school|university|hospital|library|shop|station|theat(?:re|er)|department)\b[^\n]{0,60}$"
)
_ASKED = re.compile(
    r"\b(?:addresse?s?|adresse|lives?|living|lived|resid(?:es?|ing|ed)|home|deliver(?:ed|y)?|ship(?:ped|ping)?|send|moved"
    r"|house|flat|care of)\b[^\n]{0,40}$"
)
_YEAR = re.compile(r"(?:19|20)\d\d(?!\d)")


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    way = _WAY.match(text, start)
    if way is None or text[way.end() : way.end() + 1].isalnum():
        return None
    value, end = way.group(), way.end()
    said = before(text, start, 80)
    if said[-1:].isalnum() or said.endswith(("-", "/", "$", ".")):
        return None
    asked = bool(_ASKED.search(said))
    sure = _ENDS_SURELY.search(value) is not None
    end += text[end : end + 1] == "." and len(value.rpartition(" ")[2]) <= _ABBREVIATED
    unit = _UNIT.match(text, end)
    end = unit.end() if unit else end
    town = _TOWN.match(text, end)
    end = town.end() if town else end
    if not (unit or town or asked or (sure and not _YEAR.match(value))):
        return None
    if _OF_A_BODY.search(said) and not asked:
        return Hit(start, end, DOUBTFUL, "the address of a body, not of a person")
    return Hit(start, end, LIKELY if unit or town or asked else PLAUSIBLE, "a number, a way and what stands around")


_ABBREVIATED = 4
_WAY = re.compile(
    r"\d{1,5}[A-Za-z]?,? (?:[NSEW]\.? |North |South |East |West )?"
    r"(?:(?:[A-Z][A-Za-z'.-]{0,24}|\d{1,3}(?:st|nd|rd|th)) ){1,3}?"
    rf"(?:{_SURE}|{_UNSURE})\b"
)
_ENDS_SURELY = re.compile(rf" {_SURE}\Z")

RECOGNISER = Recogniser(
    name="postal_address_en",
    kind="postal_address",
    data_class=DataClass.PERSONAL,
    patterns=(rf"\b\d{{1,5}}[A-Za-z]?,? [A-Z0-9][A-Za-z0-9 .'-]{{1,40}} (?:{_SURE}|{_UNSURE})\b",),
    verify=_verify,
)
