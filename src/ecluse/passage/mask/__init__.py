"""Text to text without what was found, and the vault that brings it back."""

from ecluse.passage.mask.conversation import conversation_key
from ecluse.passage.mask.masking import Masked, mask, values_of

__all__ = ["Masked", "conversation_key", "mask", "values_of"]
