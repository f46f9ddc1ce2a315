"""`ecluse trail`: the record, verified, read, proven, exported, and what may be erased beside it."""

from ecluse.cli.trail.group import app

__all__ = ["app"]
