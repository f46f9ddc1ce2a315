"""Reports for those who answer for the data: pure, in French and English; `edge/reports` gives them a form."""

from ecluse.prove.reports.catalogue import REPORTS, written
from ecluse.prove.reports.document import Report, Section, Table
from ecluse.prove.reports.material import Below, Material, Part, Recipient, Use

__all__ = ["REPORTS", "Below", "Material", "Part", "Recipient", "Report", "Section", "Table", "Use", "written"]
