"""Reads the few Markdown forms that our pages use: headings, tables, links and fences. No renderer is involved."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

_HEADING = re.compile(r"^(#{1,6}) +(.+?) *$")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`]+)`")


def page(path: str) -> str:
    """Read a page by its path from the root of the repository."""
    return (ROOT / path).read_text(encoding="utf-8")


def pages() -> tuple[Path, ...]:
    """List every page: those at the root and those under docs/."""
    return (*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md")))


def fences(text: str, language: str) -> tuple[str, ...]:
    """Return the bodies of the fenced blocks in `language`."""
    return tuple(re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL))


def prose(text: str) -> str:
    """Return the page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def headings(text: str, level: int) -> tuple[str, ...]:
    """Return the headings of one level, in order."""
    marks = (_HEADING.match(line) for line in prose(text).splitlines())
    return tuple(m.group(2) for m in marks if m and len(m.group(1)) == level)


def section(text: str, title: str, level: int = 2) -> str:
    """Return what stands under a heading, up to the next one of its level or above."""
    lines = iter(text.splitlines())
    for line in lines:
        mark = _HEADING.match(line)
        if mark and mark.group(2) == title and len(mark.group(1)) == level:
            break
    else:
        raise LookupError(f"no heading {title!r} of level {level}")
    kept: list[str] = []
    for line in lines:
        mark = _HEADING.match(line)
        if mark and len(mark.group(1)) <= level:
            break
        kept.append(line)
    return "\n".join(kept)


def rows(text: str) -> tuple[Mapping[str, str], ...]:
    """Return the rows of every table in `text`, each as column -> cell."""
    return tuple(_rows(prose(text).splitlines()))


def _rows(lines: Sequence[str]) -> Iterator[Mapping[str, str]]:
    columns: list[str] | None = None
    for line in lines:
        if not line.startswith("|"):
            columns = None
            continue
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
        if columns is None:
            columns = cells
        elif not all(set(cell) <= set(":- ") for cell in cells):
            if len(cells) != len(columns):
                raise ValueError(f"a row has {len(cells)} cells under {len(columns)} columns: {line}")
            yield dict(zip(columns, cells, strict=True))


def code(cell: str) -> str:
    """Return the one piece of code in a cell."""
    found: list[str] = _CODE.findall(cell)
    if len(found) != 1:
        raise ValueError(f"not one piece of code: {cell}")
    return found[0]


def codes(text: str) -> frozenset[str]:
    """Return every piece of inline code."""
    return frozenset(_CODE.findall(prose(text)))


def links(text: str) -> tuple[str, ...]:
    """Return the targets of every link."""
    return tuple(_LINK.findall(prose(text)))


def anchors(text: str) -> frozenset[str]:
    """Return the anchors that a heading makes: lower case, dashes for spaces, no other mark."""
    titles = (title for level in range(1, 7) for title in headings(text, level))
    return frozenset(re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles)
