"""Reports as HTML, one page that needs nothing else, and as CSV.

Law: every text of a report is text, whatever is in it: escaped in HTML, and never a formula in a spreadsheet.
"""

import csv
import io

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from ecluse.prove.reports import Report

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula."""

_PAGES = Environment(
    loader=PackageLoader("ecluse.edge.reports", "pages"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def html_of(report: Report) -> str:
    """Return a report as one page of HTML: no script, no address of elsewhere."""
    return _PAGES.get_template("report.html").render(report=report)


def csv_of(report: Report) -> str:
    """Return the tables of a report as CSV (RFC 4180), UTF-8 with a byte order mark so that spreadsheets see accents.

    Sections without a table are left out; raises ValueError when there is none at all.
    """
    tables = [section for section in report.sections if section.table is not None]
    if not tables:
        raise ValueError(f"the report {report.id!r} has no table here; ask for html or pdf")
    out = io.StringIO()
    writer = csv.writer(out)
    for section in tables:
        if len(tables) > 1:
            writer.writerow([section.title])
        if section.table is not None:
            writer.writerow(section.table.columns)
            writer.writerows([_plain(cell) for cell in row] for row in section.table.rows)
    return "\ufeff" + out.getvalue()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) and cell != "-" else cell
