"""The rules as text: one schema, and one set of rules a file. Read here, understood in `passage/decide`."""

from ecluse.packs.policies.load import PolicySources, load
from ecluse.packs.policies.review import Review, review_of

__all__ = ["PolicySources", "Review", "load", "review_of"]
