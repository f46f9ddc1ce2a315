"""What was expected and what was seen, side by side, with where it was seen.

Law: a check is made of what came from outside; nothing is printed that was not checked or read there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing seen. `where` is the response, the trail or a simulator's journal."""

    what: str
    seen: str
    where: str
    held: bool
    expected: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Verdicts of several callers: one column each, one row for each destination."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act of the demo: what it shows, and whether every expectation held."""

    id: str
    title: str
    said: tuple[str, ...] = ()
    table: Table | None = None
    checks: tuple[Check, ...] = field(default=())

    @property
    def held(self) -> bool:
        """Whether everything was as expected."""
        return all(check.held for check in self.checks)

    def document(self) -> dict[str, Any]:
        """Write the act for a program."""
        table = None
        if self.table:
            table = {"columns": list(self.table.columns), "rows": [list(row) for row in self.table.rows]}
        checks = [
            {"what": c.what, "seen": c.seen, "where": c.where, "expected": c.expected, "held": c.held}
            for c in self.checks
        ]
        return {"id": self.id, "title": self.title, "held": self.held, "table": table, "checks": checks}


def equal(what: str, seen: object, expected: object, where: str) -> Check:
    """Check that what was seen is what was expected."""
    return Check(what=what, seen=str(seen), where=where, held=seen == expected, expected=str(expected))


def among(what: str, seen: Sequence[str], expected: Sequence[str], where: str) -> Check:
    """Check that everything expected is among what was seen."""
    held = set(expected) <= set(seen)
    return Check(what=what, seen=", ".join(seen) or "none", where=where, held=held, expected=", ".join(expected))


def shown(what: str, seen: object, where: str) -> Check:
    """Show something on which nothing is expected."""
    return Check(what=what, seen=str(seen), where=where, held=True)
