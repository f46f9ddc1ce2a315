"""Text to text without what was found, and the vault that brings it back."""

from ecluse.passage.mask.conversation import conversation_key
from ecluse.passage.mask.masking import Masked, mask

__all__ = ["Masked", "conversation_key", "mask"]
