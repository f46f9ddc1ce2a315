"""A report before it has a form: titles, sentences and tables, in one language.

Law: what nobody put on record is said to be missing, never filled in; each figure comes from the record or the trail.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Columns and rows of text; each row has as many cells as there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        """Refuse a row that does not fit."""
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("a row has another number of cells than there are columns")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One heading with sentences, and a table if there is one."""

    title: str
    says: tuple[str, ...] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report. `language` is `en` or `fr`; `intro` says what it is and what it is not."""

    id: str
    title: str
    language: str
    intro: tuple[str, ...]
    sections: tuple[Section, ...]


def missing(*, fr: bool) -> str:
    """Say that the owner has to fill something in."""
    return "à compléter par le responsable" if fr else "to be completed by the controller"


def unknown(*, fr: bool) -> str:
    """Say that the record leaves something open."""
    return "inconnu" if fr else "unknown"


def punctuated(report: Report) -> Report:
    """Return a report with the punctuation of its language: French puts a space before a colon or a semicolon."""
    if report.language == "fr":
        return report

    def mend(text: str) -> str:
        return text.replace(" : ", ": ").replace(" ; ", "; ")

    def table(one: Table | None) -> Table | None:
        if one is None:
            return None
        return Table(columns=tuple(map(mend, one.columns)), rows=tuple(tuple(map(mend, row)) for row in one.rows))

    sections = (
        replace(one, title=mend(one.title), says=tuple(map(mend, one.says)), table=table(one.table))
        for one in report.sections
    )
    return replace(report, title=mend(report.title), intro=tuple(map(mend, report.intro)), sections=tuple(sections))
