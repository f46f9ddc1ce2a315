"""What must hold whatever the packs say: each invariant is a forbid that the rules must never permit past."""

from ecluse.packs.invariants.load import load

__all__ = ["load"]
