"""Where in a settings file the trouble is that a message quotes.

Law: the line is of a name that the message quotes; without one the file alone is said.
"""

import re
from pathlib import Path

_QUOTED = re.compile(r"'([^']+)'")


def located(said: str, path: Path) -> str:
    """Put the file, and the line of the last quoted name that stands there, before a message about settings."""
    if said.startswith((f"{path}:", f"{path} ")):
        return said
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return said
    for word in reversed(_QUOTED.findall(said)):
        for number, line in enumerate(lines, 1):
            if f'"{word}"' in line:
                return f"{path}:{number}: {said}"
    return said
