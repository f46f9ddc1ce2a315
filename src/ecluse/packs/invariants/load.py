"""Reads the text of the invariants, and of folders with an organisation's own.

Law: text only; what an invariant says is checked where it is proven. A file is a set of invariants; two of one name are
an error.
"""

from collections.abc import Mapping
from pathlib import Path

from ecluse.packs.errors import PackError

BUILT_IN = Path(__file__).parent


def load(*folders: Path) -> Mapping[str, str]:
    """Return the built-in invariants and those of the folders, text by name. Raises PackError."""
    found: dict[str, str] = {}
    for folder in (BUILT_IN, *folders):
        for path in sorted(folder.glob("*.cedar")):
            if path.stem in found:
                raise PackError(path.name, "", "a set of invariants of this name is loaded already; rename the file")
            try:
                found[path.stem] = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise PackError(path.name, "", f"cannot be read: {error}") from error
    return found
