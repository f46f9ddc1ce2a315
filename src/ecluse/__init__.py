"""Ecluse, a sovereign AI gateway: a request leaves only for a destination that the rules permit."""

from ecluse.api import classify

__all__ = ["classify"]
