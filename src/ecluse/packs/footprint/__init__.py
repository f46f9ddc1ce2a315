"""How energy and carbon are estimated: the figures, each with its source and date, and what follows for one token."""

from ecluse.packs.footprint.load import Method, load
from ecluse.packs.footprint.token import Interval, PerToken, per_token

__all__ = ["Interval", "Method", "PerToken", "load", "per_token"]
