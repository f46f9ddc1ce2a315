"""A passage to entries, entries to a tree, a tree to a signed head."""

from ecluse.passage.record.canonical import EntryRefused, canonical, parse
from ecluse.passage.record.entry import admin, intent, outcome, refusal, timestamp
from ecluse.passage.record.seal import commitment, derive, entry_id

__all__ = [
    "EntryRefused",
    "admin",
    "canonical",
    "commitment",
    "derive",
    "entry_id",
    "intent",
    "outcome",
    "parse",
    "refusal",
    "timestamp",
]
