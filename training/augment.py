"""What people and machines do to text: no capitals, only capitals, no accents, other names in the same place.

Law: a mention stays where it was said to be; every draw comes from the generator handed in.
"""

# ruff: noqa: PLR2004 - shares of draws

import random
from collections.abc import Callable

from ecluse.passage.classify.tagger.features import ascii_lower
from ecluse.passage.classify.tagger.weights import Kind
from training.document import Document, Span
from training.synthesis import Synthesis

_OCR = {"e": "c", "c": "e", "l": "1", "i": "l", "n": "u", "u": "n", "m": "rn", "a": "o", "s": "f", "é": "e", "t": "l"}


def augmented(document: Document, draw: random.Random, made: Synthesis) -> Document:
    """Return the document as it is half of the time, else changed in one or two ways."""
    if draw.random() < 0.3:
        document = _with_other_names(document, draw, made)
    turn = draw.random()
    if turn < 0.08:
        return _mapped(document, str.lower)
    if turn < 0.13:
        return _mapped(document, str.upper)
    if turn < 0.2:
        return _mapped(document, _without_accents)
    if turn < 0.23:
        return _mapped(document, lambda c: _OCR.get(c, c) if draw.random() < 0.04 else c)
    return document


def _without_accents(character: str) -> str:
    plain = ascii_lower(character)
    return plain.upper() if character.isupper() else plain


def _mapped(document: Document, change: Callable[[str], str]) -> Document:
    """Change a text character by character, and move its spans along."""
    at, places = 0, []
    parts = []
    for character in document.text:
        places.append(at)
        part = change(character)
        parts.append(part)
        at += len(part)
    places.append(at)
    return _moved(document, "".join(parts), tuple(Span(places[s.start], places[s.end], s.kind) for s in document.spans))


def _with_other_names(document: Document, draw: random.Random, made: Synthesis) -> Document:
    text, spans, at = "", [], 0
    for span in document.spans:
        text += document.text[at : span.start]
        said = document.text[span.start : span.end]
        if span.kind is Kind.PERSON and draw.random() < 0.6 and said[:1].isupper():
            words = said.split()
            said = made.person() if len(words) > 1 else made.person().split()[-1]
            said = said[0].upper() + said[1:]
        elif span.kind is Kind.PLACE and draw.random() < 0.4 and said[:1].isupper():
            said = made.place()
        spans.append(Span(len(text), len(text) + len(said), span.kind))
        text += said
        at = span.end
    return _moved(document, text + document.text[at:], tuple(spans))


def _moved(document: Document, text: str, spans: tuple[Span, ...]) -> Document:
    return Document(source=document.source, lang=document.lang, text=text, spans=spans)
