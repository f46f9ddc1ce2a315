"""Code and English prose in which next to nobody is named: the standard library of the Python that runs this."""

import re
import sysconfig
import zlib
from collections.abc import Iterator
from pathlib import Path

from ecluse.passage.classify.tagger.features import ascii_lower, key_of
from training.document import Document
from training.names import GIVEN, Names

_LINES = 24
_ONE_IN = 9
_SAYS_WHO = re.compile(r"author|copyright|contribut|thanks|written|@|maintain|donat", re.IGNORECASE)
_TWO_CAPITALS = re.compile(r"\b([A-Z][a-z]+) [A-Z]")


def negatives(names: Names) -> Iterator[Document]:
    """Cut its files into pieces; leave out those that may name somebody."""
    root = Path(sysconfig.get_paths()["stdlib"])
    for file in sorted(root.glob("*.py")) + sorted(root.glob("[a-l]*/*.py")):
        if "site-packages" in file.parts or "test" in file.parts:
            continue
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        for at in range(0, len(lines), _LINES):
            text = "\n".join(lines[at : at + _LINES])
            if text.strip() and zlib.crc32(text.encode()) % _ONE_IN == 0 and not _may_name(text, names):
                yield Document(source="python_stdlib", lang="en", text=text, spans=())


def _may_name(text: str, names: Names) -> bool:
    given = (names.flags.get(key_of(ascii_lower(m.group(1))), 0) & GIVEN for m in _TWO_CAPITALS.finditer(text))
    return bool(_SAYS_WHO.search(text)) or any(given)
