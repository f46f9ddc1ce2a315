"""A training text with its mentions, and how both become tokens with labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ecluse.passage.classify.tagger.tokens import tokens
from ecluse.passage.classify.tagger.weights import KINDS, Kind


class Span(NamedTuple):
    """`text[start:end]` names something of a kind."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text from a source. `spans` stand in order and do not overlap."""

    source: str
    lang: str
    text: str
    spans: tuple[Span, ...]


class Labelled(NamedTuple):
    """Consecutive tokens and the label of each."""

    words: tuple[str, ...]
    labels: tuple[int, ...]


LONGEST = 96
"""Tokens of a training sequence."""


def ordered(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Put spans in order; of two that overlap the longer stays."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start - s.end, s.start)):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return tuple(sorted(kept))


def sequences(document: Document) -> list[Labelled]:
    """Label the tokens of a document, and cut them into sequences where no mention is cut."""
    words: list[str] = []
    labels: list[int] = []
    spans = iter(document.spans)
    span = next(spans, None)
    begun = False
    for token in tokens(document.text):
        while span is not None and token.start >= span.end:
            span, begun = next(spans, None), False
        words.append(token.text)
        if span is not None and token.start < span.end and token.end > span.start:
            labels.append(2 * KINDS.index(span.kind) + (2 if begun else 1))
            begun = True
        else:
            labels.append(0)
    return _cut(words, labels)


def _cut(words: list[str], labels: list[int]) -> list[Labelled]:
    found = []
    start = 0
    while start < len(words):
        end = min(len(words), start + LONGEST)
        while start + 1 < end < len(words) and labels[end] and labels[end] % 2 == 0:
            end -= 1
        found.append(Labelled(tuple(words[start:end]), tuple(labels[start:end])))
        start = end
    return found
