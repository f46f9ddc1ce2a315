"""Flat OpenDocument (.fodt, .fods, .fodp): one XML file with what a package has in several.

Law: it is cut at its top level into the parts that a package has, which are read as those are; what cannot be cut so is
read whole, as text and as properties. Nothing between the parts is dropped; blanks for the eye are one blank.
"""

import re
from functools import partial

from ecluse.scan.office import read_part
from ecluse.scan.opening import Item, Opening

_ROOT = re.compile(rb"<office:document[\s>][^<>]*+>?")
_SECTION = re.compile(
    rb"\s*+<office:(meta|settings|scripts|font-face-decls|styles|automatic-styles|master-styles|body)(?:\s[^<>]*+)?"
    rb"(?:(?<=/)>|>.*?</office:\1\s*>)",
    re.DOTALL,
)
_END = b"</office:document>"
_BETWEEN = re.compile(rb">[ \t\r\n]*\n[ \t\r\n]*<")
_MOST = 16
_PARTS = {b"meta": "meta.xml", b"settings": "settings.xml", b"body": "content.xml", b"master-styles": "styles.xml"}


def read_flat(opening: Opening, item: Item) -> None:
    """Read a flat document. Raises Hostile and expat's errors."""
    for name, data in _cut(item.data):
        part = Item(path=f"{item.path}/{name}", name=name, data=data, depth=item.depth + 1)
        opening.attempt(part.path, partial(read_part, opening, item, part))


def _cut(data: bytes) -> list[tuple[str, bytes]]:
    root = _ROOT.search(data)
    at = root.end() if root else 0
    parts: list[tuple[str, bytes]] = []
    while root and len(parts) < _MOST and (section := _SECTION.match(data, at)):
        name = _PARTS.get(section[1], f"{section[1].decode()}.xml")
        parts.append((name, data[: root.end()] + _BETWEEN.sub(b"> <", section[0]) + _END))
        at = section.end()
    return parts if parts and data[at:].strip() == _END else [("meta.xml", data), ("content.xml", data)]
