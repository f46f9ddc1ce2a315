"""The rules as text: one schema, and one set of rules a file. Read here, understood in `passage/decide`."""

from ecluse.packs.policies.load import PolicySources, load

__all__ = ["PolicySources", "load"]
