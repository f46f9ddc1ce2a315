"""What of the tagger's mentions the engine is told, once what stands around them was looked at.

Law: persons and postal addresses are personal data; a place or an organisation alone names nobody (`indirect`). The
tagger claims beside the recognisers, never instead of them: where one of another kind has read a value, it is silent.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.names import DICTIONARIES, NEVER, names_a_place
from ecluse.passage.classify.recogniser import PLAUSIBLE, WEAK, Candidate, Recogniser, Words
from ecluse.passage.classify.resolve import Claim
from ecluse.passage.classify.tagger.features import ascii_lower, fold, plain_of
from ecluse.passage.classify.tagger.lone import ORDINARY, kept
from ecluse.passage.classify.tagger.tagger import Mention, Tagger
from ecluse.passage.classify.tagger.weights import Kind

NEEDS = DICTIONARIES
"""The dictionaries that confirm or doubt a person's name."""
_BETWEEN = re.compile(r"[ \t\u00a0\u202f]{0,3}[,\u2013-]?[ \t\u00a0\u202f]{0,3}\n?[ \t\u00a0\u202f]{0,8}")
_NEVER = r"[^\s\S]"
_CUT = re.compile(r"[\n\r()\[\]{}<>|:;=\"\u00ab\u00bb]+")
"""Signs that no name goes over: a mention that does is several."""
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019\u00ad\u200b\u0300-\u036f-]+[^\W\d_]+)*")
_GLUED_BEFORE = re.compile(r"(?:[@/\\_=#$%&]|[\w-]{3,}\.|://\S*)$")
_GLUED_AFTER = re.compile(r"[@/\\_=]|\(\)|\.[a-z]|::")
_GLUE, _APART = frozenset("@/\\_=(.:"), frozenset(("", " ", "\u00a0", "\u202f"))
"""What `_GLUED_AFTER` begins with, and what `_GLUED_BEFORE` never ends with."""
_CAMEL = re.compile(r"[a-z]{3}[A-Z]|[A-Z][a-z]+[A-Z][a-z]*[A-Z]|\A[a-z]+[A-Z]")
"""Capitals inside a word, as programs write them; *McDonald* and *DiCaprio* are names."""
_LOWER_FIRST = re.compile(r"[a-z\u00e9\u00e8\u00ea\u00e2]{2,} (?=[A-Z\u00c0-\u00dd])")
"""A word in small letters before a name: *salle Mansart*."""
_NUMBER = re.compile(r"(?<!\w)[^\W\d_]{0,3}\d")
"""A number as addresses have it: *14*, *B12*, *CS40001*; *FILE1* is a program's word."""
_NAMES = re.compile(r"[^\W\d_]|\A\d{2} ?\d{3}\Z")
"""What every name has: a letter, unless it is a postcode. Rows of figures are read as addresses at times."""
_MEASURE = re.compile(r"\d[\d., \u00a0\u202f]*[a-z\u00b5%]{1,3}\Z")
"""A number with its unit, *349 cm*, which names nothing either."""
_LEAST_SURE, _SURELY, _NAMED = 0.2, 0.4, 0.6
"""From where a mention is claimed as a name, from where a place or an organisation as such; how sure the former is."""


def _nothing(_: Candidate) -> None:
    return None


def _source(name: str, kind: str, *, indirect: bool = False) -> Recogniser:
    return Recogniser(
        name=name, kind=kind, data_class=DataClass.PERSONAL, patterns=(_NEVER,), verify=_nothing, indirect=indirect
    )


SOURCES: Mapping[Kind, Recogniser] = {
    Kind.PERSON: _source("tagger_person", "person"),
    Kind.ADDRESS: _source("tagger_address", "postal_address"),
    Kind.PLACE: _source("tagger_place", "place", indirect=True),
    Kind.ORGANISATION: _source("tagger_organisation", "organisation", indirect=True),
}
"""In whose name claims are made. Kinds that recognisers have too make one of two claims on one span."""
NAME = _source("tagger_name", "name", indirect=True)
"""Something is named, and it is not sure what: mostly a name all the same, seldom of the kind that is likeliest."""
_EVIDENCE = {
    Kind.PERSON: "read as a person's name",
    Kind.ADDRESS: "read as a postal address",
    Kind.PLACE: "read as a place",
    Kind.ORGANISATION: "read as an organisation",
}


def claims(
    tagger: Tagger, text: str, words: Words, beside: Iterable[Claim] = (), between: Callable[[], None] | None = None
) -> Iterator[Claim]:
    """List what the tagger claims of a text; `beside` are the recognisers' claims, those not believed too."""
    beside = tuple(beside)
    taken = _Taken(claim for claim in beside if _forbids(claim))
    of_bodies = _Taken(c for c in beside if c.recogniser.kind == _ADDRESS and c.confidence < WEAK)
    mentions = tagger.mentions(text, between) if between else tagger.mentions(text)
    for mention in whole_addresses(text, mentions):
        if mention.kind not in SOURCES or taken.touches(mention.start, mention.end):
            continue
        named = text[mention.start : mention.end]
        if not _NAMES.search(named) or _MEASURE.match(named):
            continue
        yield from map(_claim, _judged(text, mention, words, of_bodies))


def _claim(mention: Mention) -> Claim:
    """Claim a mention; one too doubtful for its kind is claimed as a name, of what is not said."""
    surely = WEAK if mention.kind in {Kind.PERSON, Kind.ADDRESS} else _SURELY
    if _LEAST_SURE <= mention.confidence < surely:
        return Claim(mention.start, mention.end, _NAMED, NAME, "read as a name, of what is not sure")
    return Claim(mention.start, mention.end, mention.confidence, SOURCES[mention.kind], _EVIDENCE[mention.kind])


def names_in(text: str, found: Iterable[Claim], words: Words) -> frozenset[str]:
    """Return the words, but for the first of each, of the names that were surely found in a text."""
    surely = [c for c in found if c.recogniser.kind == SOURCES[Kind.PERSON].kind and c.confidence >= PLAUSIBLE]
    names: set[str] = set()
    for claim in surely:
        said = _WORD.findall(text[claim.start : claim.end])
        names.update(plain_of(word) for word in said[1:] if len(word) >= _LEAST_REPEATED and word[0].isupper())
    return frozenset(name for name in names if name not in words["not_names"] and name not in NEVER)


def repeated(text: str, found: Iterable[Claim], names: frozenset[str]) -> Iterator[Claim]:
    """List where a word of a name that was found stands once more, alone: *Marie Keller* ... *Keller*."""
    person = SOURCES[Kind.PERSON]
    taken = _Taken(c for c in found if not (c.recogniser.of_document or (_is_own(c) and c.confidence < WEAK)))
    for word in _WORD.finditer(text):
        said = word[0]
        if not (said[0].isupper() and plain_of(said) in names):
            continue
        start, end = word.span()
        if not (taken.touches(start, end) or _is_glued(text, start, end)):
            yield Claim(start, end, PLAUSIBLE, person, "a word of a name that the text has elsewhere")


def _is_own(claim: Claim) -> bool:
    return claim.recogniser.kind == SOURCES[Kind.PERSON].kind or claim.recogniser.name.startswith("tagger_")


_BEFORE = 32
_LEAST_REPEATED = 4
"""Letters of a word that is looked for again."""
_ADDRESS = SOURCES[Kind.ADDRESS].kind
_OWN = frozenset({"person", _ADDRESS, "date"})


def _judged(text: str, mention: Mention, words: Words, of_bodies: "_Taken") -> Iterable[Mention]:
    if mention.kind is Kind.PERSON:
        first = _LOWER_FIRST.match(text, mention.start, mention.end)
        named_from = first.end() if first else mention.start
        if _is_a_place(text[max(0, named_from - _BEFORE) : named_from]):
            return (mention._replace(kind=Kind.PLACE),)
        return persons(text, mention, words)
    if mention.kind is Kind.ADDRESS:
        numbered = _NUMBER.search(text[mention.start : mention.end])
        if numbered is None or of_bodies.touches(mention.start, mention.end):
            return (mention._replace(kind=Kind.PLACE),)
    return (mention,)


def _is_a_place(said: str) -> bool:
    """Say whether what stands before makes a name a street's, a school's or a prize's."""
    if said[-3:].isascii() and not said[-3:].removesuffix("\n").removesuffix(" ")[-1:].isalpha():
        return False  # no word stands there
    if said.isascii() or fold(said) is said:
        said = said[said.removesuffix("\n").removesuffix(" ").rfind(" ") + 1 :]  # each letter is read by itself
        return _ends_as_a_place(said)
    return names_a_place(ascii_lower(fold(said)), _BEFORE)


@lru_cache(maxsize=4096)
def _ends_as_a_place(said: str) -> bool:
    return names_a_place(ascii_lower(said), _BEFORE)


def _forbids(claim: Claim) -> bool:
    """Say whether a recogniser read something else there, believed or not."""
    if claim.recogniser.of_document:
        return False
    return claim.recogniser.kind not in _OWN


class _Taken:
    """The spans that recognisers have read."""

    def __init__(self, claims_made: Iterable[Claim]) -> None:
        self._ends: list[int] = []
        self._starts: list[int] = []
        for start, end in sorted((claim.start, claim.end) for claim in claims_made):
            if self._ends and start < self._ends[-1]:
                self._ends[-1] = max(end, self._ends[-1])
            else:
                self._starts.append(start)
                self._ends.append(end)

    def touches(self, start: int, end: int) -> bool:
        at = bisect_right(self._ends, start)
        return at < len(self._starts) and self._starts[at] < end


def persons(text: str, mention: Mention, words: Words) -> Iterator[Mention]:
    """Cut a mention where no name goes on, and judge each piece by its words and by what touches it."""
    at = mention.start
    cuts: Sequence[tuple[int, int]] = [m.span() for m in _CUT.finditer(text, mention.start, mention.end)]
    for stop, after in (*cuts, (mention.end, mention.end)):
        piece = text[at:stop]
        start, end = at + len(piece) - len(piece.lstrip(" \t,.-")), at + len(piece.rstrip(" \t,-"))
        written = list(_WORD.finditer(text, start, end))
        first, last = _bare(text, written, words)
        if first:
            start = written[first].start()
        if last < len(written):
            end = written[last - 1].end()
        at = after
        if start < end and not _is_glued(text, start, end):
            share = _share(text, start, end, [word[0] for word in written[first:last]], words)
            yield mention._replace(start=start, end=end, confidence=round(mention.confidence * share, 3))


def _bare(text: str, found: Sequence[re.Match[str]], words: Words) -> tuple[int, int]:
    """Leave out ordinary words at the ends: *père Bernard Meyer*, *Olivia Née*; and the *N* of *N°*."""
    first, last = 0, len(found)
    while last - first > 1 and _is_ordinary(found[first][0], words):
        first += 1
    while last - first > 1 and (
        _is_ordinary(found[last - 1][0], words) or text[found[last - 1].end() : found[last - 1].end() + 1] == "\u00b0"
    ):
        last -= 1
    return first, last


def _is_ordinary(word: str, words: Words) -> bool:
    plain = plain_of(word)
    if plain not in words["not_names"]:
        return plain in NEVER
    return plain in NEVER or not (plain in words["given_names"] or plain in words["surnames"])


def _is_glued(text: str, start: int, end: int) -> bool:
    """Say whether a piece is part of an address of the network, a path or a name of a program."""
    after = text[end : end + 1]
    if after and after in _GLUE and _GLUED_AFTER.match(text, end):
        return True
    return text[start - 1 : start] not in _APART and bool(_GLUED_BEFORE.search(text[max(0, start - 40) : start]))


def _share(text: str, start: int, end: int, written: Sequence[str], words: Words) -> float:
    """Return what a name's words leave of its confidence."""
    given, surnames, not_names = words["given_names"], words["surnames"], words["not_names"]
    name = text[start:end]
    said = list(map(plain_of, written))
    if max(map(len, said), default=0) < _SHORTEST or any(map(str.isdigit, name)):
        return ORDINARY
    if any(map(_is_camel, written)):
        return ORDINARY
    known = any(
        part not in not_names and (part in given or part in surnames)
        for word in said
        for part in ((word, *word.split("-")) if "-" in word else (word,))
    )
    if not known and not_names.issuperset(said):
        return ORDINARY
    return kept(text, start, end, known=known) if len(said) == 1 else 1.0


@lru_cache(maxsize=1 << 14)
def _is_camel(word: str) -> bool:
    return _CAMEL.search(fold(word)) is not None


_SHORTEST = 2


def whole_addresses(text: str, mentions: Iterator[Mention]) -> Iterator[Mention]:
    """Make one of a street, a postcode and a town that follow each other; a postcode without a street is a place."""
    held: Mention | None = None
    for mention in mentions:
        if held is not None and mention.kind in {Kind.ADDRESS, Kind.PLACE} and _follows(text, held, mention):
            held = held._replace(end=mention.end, confidence=max(held.confidence, mention.confidence))
            continue
        if held is not None:
            yield held
            held = None
        if mention.kind is not Kind.ADDRESS:
            yield mention
        elif any(character.isalpha() for character in text[mention.start : mention.end]):
            held = mention
        elif mention.end - mention.start >= _LEAST_POSTCODE:
            yield mention._replace(kind=Kind.PLACE)
    if held is not None:
        yield held


_LEAST_POSTCODE = 3


def _follows(text: str, held: Mention, mention: Mention) -> bool:
    return _BETWEEN.fullmatch(text, held.end, mention.start) is not None
