"""Section 3.3.1 of ANSSI's catalogue (services qualified SecNumCloud), from the text of its PDF in the page's layout.

Law: a table that is not read whole is refused whole. A catalogue without date or section, with too few services, with a
service that had ended before the catalogue's day, or with a row that does not fit its columns is one that this reading
does not follow, and nothing of it counts.
Source of the layout: ANSSI, catalogue of certified and qualified products and services, section 3.3.1, as read in
September 2026; a service stands in a block of lines, its provider, marks, dates and decision on one of them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ecluse.packs.errors import PackError

KINDS = ("SaaS", "PaaS", "CaaS", "IaaS")
FEWEST = 15
"""Fewer services than this: the layout has changed. The catalogue of 15 September 2026 has more."""
SECTION, NEXT = "3.3.1", "3.3.2"
MARGIN = 2
"""Columns by which a mark may stand left of its heading."""

_DATE = re.compile(r"\b(\d{2}/\d{2}/\d{4})\b")
_UPDATED = re.compile(r"mis à jour le\s+(\d{2}/\d{2}/\d{4})", re.IGNORECASE)
_DECISION = re.compile(r"(\d+)\s*$")
_GAP = re.compile(r"\s{2,}")
_MARK = re.compile(r"(?<!\S)X(?!\S)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualified:
    """One qualified service. `decision` is None when the table has no number for it."""

    provider: str
    service: str
    kinds: tuple[str, ...]
    valid_from: date
    valid_until: date
    decision: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The section, on the day printed on the catalogue."""

    updated: date
    services: tuple[Qualified, ...]


def read_catalogue(name: str, text: str) -> Catalogue:
    """Read the text of a catalogue. Raises PackError naming what does not look right."""
    found = _UPDATED.search(text)
    if found is None:
        raise PackError(name, "", "has no `mis à jour le DD/MM/YYYY`; is it ANSSI's catalogue of qualified services?")
    updated = _day(name, found[1])
    services = tuple(_services(name, _section(name, text)))
    if len(services) < FEWEST:
        raise PackError(name, SECTION, f"only {len(services)} services could be read; the layout must have changed")
    if ended := [one for one in services if one.valid_until < updated]:
        raise PackError(name, SECTION, f"{ended[0].service} had ended before the catalogue's day, {updated}")
    return Catalogue(updated=updated, services=services)


def _section(name: str, text: str) -> Sequence[str]:
    lines = [line.replace("\f", "") for line in text.splitlines()]
    start = next((i for i, line in enumerate(lines) if _opens(line)), None)
    if start is None:
        raise PackError(name, SECTION, "the section is not there; is it the whole catalogue?")
    end = next((i for i in range(start + 1, len(lines)) if lines[i].strip().startswith(NEXT)), None)
    if end is None:
        raise PackError(name, NEXT, "the section after it is not there; is it the whole catalogue?")
    return lines[start + 1 : end]


def _opens(line: str) -> bool:
    """Say whether a line is the section's heading, and not its line in the table of contents."""
    text = line.strip()
    return text.startswith(SECTION) and "services qualifiés" in text.lower() and "..." not in text


def _services(name: str, lines: Sequence[str]) -> Iterator[Qualified]:
    columns: tuple[int, ...] = ()
    block: list[str] = []
    for line in [*lines, ""]:
        heading = "Nom du service" in line and all(kind in line for kind in KINDS)
        if line.strip() and not heading:
            block.append(line)
            continue
        if (one := _service(name, block, columns)) is not None:
            yield one
        block = []
        if heading:
            columns = tuple(line.index(kind) for kind in KINDS)


def _service(name: str, block: Sequence[str], columns: tuple[int, ...]) -> Qualified | None:
    """Read a block of lines; None for one without dates or marks (page numbers, titles)."""
    dated = [i for i, line in enumerate(block) if len(_DATE.findall(line)) > 1]
    marked = [i for i, line in enumerate(block) if columns and _MARK.search(line, max(0, columns[0] - MARGIN))]
    if not dated and not marked:
        return None
    line = block[(dated or marked)[0]]
    gap = _GAP.search(line.lstrip())
    if not dated or len(dated) > 1 or not set(marked) <= set(dated) or not columns or gap is None:
        raise PackError(name, SECTION, f"a service that does not fit the columns: {' '.join(line.split())[:120]!r}")
    at = len(line) - len(line.lstrip()) + gap.end()
    begin, end = list(_DATE.finditer(line))[:2]
    provider, first = line[:at].strip(), begin.start()
    named = [line[at : max(at, columns[0] - MARGIN)] if i == dated[0] else other for i, other in enumerate(block)]
    kinds = {_nearest(columns, i) for i in range(columns[0] - MARGIN, first) if line[i : i + 1] == "X"}
    decision = _DECISION.search(line[end.end() :])
    one = Qualified(
        provider=provider,
        service=_joined(part.strip() for part in named),
        kinds=tuple(kind for i, kind in enumerate(KINDS) if i in kinds),
        valid_from=_day(name, begin[1]),
        valid_until=_day(name, end[1]),
        decision=decision[1] if decision else None,
    )
    if not one.service or not one.kinds or one.valid_from >= one.valid_until:
        raise PackError(name, SECTION, f"a service that is not whole: {' '.join(line.split())[:120]!r}")
    return one


def _nearest(columns: tuple[int, ...], at: int) -> int:
    return min(range(len(columns)), key=lambda i: abs(at - columns[i] - MARGIN))


def _joined(parts: Iterator[str]) -> str:
    """Put the lines of a name together; a hyphen that breaks a word is closed."""
    text = ""
    for part in parts:
        glued = text.endswith("-") and not text.endswith(" -")
        text += part if glued or not text else f" {part}" if part else ""
    return text


def _day(name: str, text: str) -> date:
    try:
        return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise PackError(name, "", f"{text!r} is no day") from None
