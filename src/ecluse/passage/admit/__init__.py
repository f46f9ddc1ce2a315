"""Bytes to a neutral request, and events back to bytes: the caller's side of each dialect."""

from ecluse.passage.admit.dialects import DIALECTS

__all__ = ["DIALECTS"]
