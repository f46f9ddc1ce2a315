"""Text to text without what was found, and the vault that brings it back."""
