"""Bytes to a neutral request, and events back to bytes: the caller's side of each dialect."""
