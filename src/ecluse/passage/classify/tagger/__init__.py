"""A text to mentions of persons, places, organisations and addresses, by trained weights."""

from ecluse.passage.classify.tagger.claims import NAME, NEEDS, SOURCES, claims, names_in, repeated
from ecluse.passage.classify.tagger.tagger import Mention, Tagger
from ecluse.passage.classify.tagger.weights import Kind, Weights

__all__ = ["NAME", "NEEDS", "SOURCES", "Kind", "Mention", "Tagger", "Weights", "claims", "names_in", "repeated"]
