"""Reports as PDF, by Typst (the extra `reports`): tagged, with its fonts inside, from no network.

Law: the text of a report is data of the document, never its code.
"""

from importlib.resources import files

import msgspec
import typst

from ecluse.prove.reports import Report


def pdf_of(report: Report) -> bytes:
    """Return a report as PDF. Raises ValueError when it cannot be set."""
    source = files("ecluse.edge.reports").joinpath("pages/report.typ").read_bytes()
    data = msgspec.json.encode(report).decode()
    try:
        made = typst.compile(source, format="pdf", sys_inputs={"report": data})
    except (typst.TypstError, RuntimeError) as error:
        raise ValueError(f"the PDF cannot be made: {error}") from error
    if not isinstance(made, bytes):
        raise TypeError("a report is one document")
    return made
