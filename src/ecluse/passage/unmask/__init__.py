"""Events to events, with the originals put back."""

from ecluse.passage.unmask.restorer import Restorer

__all__ = ["Restorer"]
