"""What the trail says, in a form that can be searched and summed: derived from it, and rebuilt whenever in doubt."""

from ecluse.console.digest.digest import Digest
from ecluse.console.digest.passages import Filter, Passed, Way

__all__ = ["Digest", "Filter", "Passed", "Way"]
