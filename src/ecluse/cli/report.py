"""`ecluse report`: what a data protection officer files: register, impact assessment, transfers, DORA, AI Act, notice.

Law: it drafts from the record and the trail; what only the controller knows stays visibly to be completed.
"""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ecluse.app import clock as clock_of
from ecluse.app import grounds
from ecluse.cli.common import DEFAULT_CONFIG, Config, fail, fail_with, settings_of
from ecluse.cli.past import Since, State, Until, past_of
from ecluse.cli.prove import Language
from ecluse.domain.caller import OrganisationId
from ecluse.domain.errors import EcluseError
from ecluse.edge.clock import day_of
from ecluse.edge.config import Settings, SettingsError
from ecluse.edge.extras import ExtraMissing
from ecluse.edge.extras import load as load_extra
from ecluse.edge.reports import csv_of, gather, html_of
from ecluse.edge.snapshots import build
from ecluse.edge.stores.errors import StoreError
from ecluse.prove.reports import REPORTS, Report, written


class Form(StrEnum):
    """What a report can be."""

    HTML = "html"
    PDF = "pdf"
    CSV = "csv"


def report(
    kind: Annotated[str, typer.Argument(help=f"Which: {', '.join(REPORTS)}.")],
    *,
    form: Annotated[
        Form, typer.Option("--format", "-f", help="`html`, `csv`, or `pdf` (the extra `reports`).")
    ] = Form.HTML,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write to this file; standard output if absent.")
    ] = None,
    organisation: Annotated[
        str | None, typer.Option(help="For which organisation; needed when the settings have several.")
    ] = None,
    since: Since = None,
    until: Until = None,
    state_dir: State = None,
    language: Language = "en",
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Draft a report from the record and the trail of a period, in English or French."""
    settings = settings_of(config)
    if kind not in REPORTS:
        fail(f"no report {kind!r}; they are: {', '.join(REPORTS)}")
    try:
        base = grounds(settings)
        snapshot = build(base, day_of(clock_of(settings).now()))
        decisions = past_of(state_dir or Path(settings.gateway.state_dir), since, until)
        material = gather(
            base.registry, snapshot, base.applications, _which(settings, organisation), decisions, base.policies.reviews
        )
        material = replace(material, contact=settings.console.contact or "")
        made = _formed(written(kind, material, language), form)
        if out is not None:
            out.write_bytes(made)
    except (ValueError, SettingsError, EcluseError, StoreError, LookupError, ExtraMissing, OSError) as error:
        fail_with(error, config)
    if out is None:
        typer.echo(made, nl=False)
    else:
        typer.echo(f"{out}: {len(made)} bytes", err=True)


def _which(settings: Settings, stated: str | None) -> OrganisationId:
    names = [one.id for one in settings.organisations]
    if stated is not None and stated not in names:
        fail(f"no organisation {stated!r} in the settings; they have: {', '.join(names)}")
    if stated is None and len(names) != 1:
        fail(f"say --organisation; the settings have: {', '.join(names) or 'none'}")
    return OrganisationId(stated or names[0])


def _formed(report_: Report, form: Form) -> bytes:
    if form is Form.HTML:
        return html_of(report_).encode()
    if form is Form.CSV:
        return csv_of(report_).encode()
    made: bytes = load_extra("ecluse.edge.reports.pdf", "reports").pdf_of(report_)
    return made
