"""A request's text to findings."""

from ecluse.passage.classify.engine import Engine
from ecluse.passage.classify.entries import Entry, EntryError
from ecluse.passage.classify.own import OwnDetector
from ecluse.passage.classify.recogniser import Candidate, Hit, Recogniser
from ecluse.passage.classify.stage import built_in, classify, engine

__all__ = [
    "Candidate",
    "Engine",
    "Entry",
    "EntryError",
    "Hit",
    "OwnDetector",
    "Recogniser",
    "built_in",
    "classify",
    "engine",
]
