"""Who read a pack of rules, and when: what its first comment says, as a field.

Law: a pack that says nothing was reviewed by nobody; what it says in another form than this one is refused, and so is
a review older than the text.
"""

import re
from dataclasses import dataclass
from datetime import date

from ecluse.packs.errors import PackError

_REVIEWED = re.compile(r"\bReviewed: by (?P<by>.+?)(?: on (?P<on>\d{4}-\d{2}-\d{2}))?\.(?:\s|$)")
_WRITTEN = re.compile(r"\bWritten on (?P<on>\d{4}-\d{2}-\d{2})\b")
NOBODY = "nobody"
WRITE = "write `// Reviewed: by nobody.`, or `// Reviewed: by NAME, PROFESSION on 2026-12-03.`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Who reviewed a pack and on which day, both None if nobody did, and the day that it was written, if it says."""

    by: str | None = None
    on: date | None = None
    written: date | None = None

    @property
    def told(self) -> dict[str, str | None]:
        """The field as words."""
        on, written = (day.isoformat() if day else None for day in (self.on, self.written))
        return {"by": self.by, "on": on, "written": written}

    @property
    def en(self) -> str:
        """A sentence."""
        written = f"; written on {self.written}" if self.written else ""
        return f"Reviewed by {self.by} on {self.on}{written}." if self.by else f"Reviewed by nobody{written}."

    @property
    def fr(self) -> str:
        """Une phrase."""
        written = f" ; écrit le {self.written}" if self.written else ""
        return f"Relu par {self.by} le {self.on}{written}." if self.by else f"Personne ne l'a relu{written}."


def review_of(file: str, text: str) -> Review:
    """Return what the first comment of a pack says. Raises PackError with the line and what to write."""
    head = _head(text)
    written = next((day for _, day in _days(file, head, _WRITTEN)), None)
    stated = [(line, words) for line, words in head if "Reviewed" in words]
    if not stated:
        return Review(written=written)
    line, words = stated[0]
    found = _REVIEWED.search(words)
    on = next((day for _, day in _days(file, [(line, words)], _REVIEWED)), None)
    if found is None or (found["by"] == NOBODY) is not (on is None):
        raise _refused(file, line, WRITE)
    if on is None:
        return Review(written=written)
    if written is not None and on < written:
        raise _refused(file, line, f"the text was written on {written}, after its review on {on}; have it reviewed")
    return Review(by=found["by"], on=on, written=written)


def _head(text: str) -> list[tuple[int, str]]:
    """Return the lines of the comments before the first rule, numbered."""
    head: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("//"):
            break
        head.append((number, line.strip().removeprefix("//").strip()))
    return head


def _days(file: str, lines: list[tuple[int, str]], pattern: re.Pattern[str]) -> list[tuple[int, date]]:
    days: list[tuple[int, date]] = []
    for line, words in lines:
        found = pattern.search(words)
        if found is not None and found["on"]:
            try:
                days.append((line, date.fromisoformat(found["on"])))
            except ValueError:
                raise _refused(file, line, f"{found['on']} is no day; {WRITE}") from None
    return days


def _refused(file: str, line: int, what: str) -> PackError:
    return PackError(f"{file}:{line}", "", what)
