"""Gives reports their material from settings, registry and trail, and a form: HTML, PDF, CSV."""

from ecluse.edge.reports.gather import gather
from ecluse.edge.reports.rendering import csv_of, html_of

__all__ = ["csv_of", "gather", "html_of"]
