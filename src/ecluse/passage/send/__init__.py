"""A neutral request to bytes, and bytes back to events: the provider's side of each dialect."""

from ecluse.passage.send.dialects import DIALECTS

__all__ = ["DIALECTS"]
