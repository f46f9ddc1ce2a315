"""What of the tagger's mentions the engine is told: persons and postal addresses, which are personal data.

Law: a place or an organisation alone is no personal data and no claim; a town after a street belongs to the address.
The tagger claims beside the recognisers, never instead of them.
"""

import re
from collections.abc import Iterator, Mapping

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.recogniser import Candidate, Recogniser
from ecluse.passage.classify.resolve import Claim
from ecluse.passage.classify.tagger.tagger import Mention, Tagger
from ecluse.passage.classify.tagger.weights import Kind

_BETWEEN = re.compile(r"[ \t\u00a0\u202f]{0,3}[,\u2013-]?[ \t\u00a0\u202f]{0,3}\n?[ \t\u00a0\u202f]{0,8}")
_NEVER = r"[^\s\S]"


def _nothing(_: Candidate) -> None:
    return None


def _source(name: str, kind: str) -> Recogniser:
    return Recogniser(name=name, kind=kind, data_class=DataClass.PERSONAL, patterns=(_NEVER,), verify=_nothing)


SOURCES: Mapping[Kind, Recogniser] = {
    Kind.PERSON: _source("tagger_person", "person"),
    Kind.ADDRESS: _source("tagger_address", "postal_address"),
}
"""In whose name claims are made. Their kinds are those of the recognisers, so that claims on one span become one."""
_EVIDENCE = {Kind.PERSON: "read as a person's name", Kind.ADDRESS: "read as a postal address"}


def claims(tagger: Tagger, text: str) -> Iterator[Claim]:
    """List what the tagger claims of a text."""
    for mention in whole_addresses(text, tagger.mentions(text)):
        if mention.kind in SOURCES:
            yield Claim(mention.start, mention.end, mention.confidence, SOURCES[mention.kind], _EVIDENCE[mention.kind])


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
        else:
            yield mention._replace(kind=Kind.PLACE)
    if held is not None:
        yield held


def _follows(text: str, held: Mention, mention: Mention) -> bool:
    return _BETWEEN.fullmatch(text, held.end, mention.start) is not None
