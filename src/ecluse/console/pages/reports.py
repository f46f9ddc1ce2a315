"""Reports: what a data protection officer files, drafted from the record and the trail of a period.

Law: it drafts; what only the controller knows stays visibly to be completed. A file leaves as a download, never as a
page of the console.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ecluse.console.beside import beside
from ecluse.console.ground import Ground
from ecluse.console.page import Page
from ecluse.console.view import ground_of, reader_of, render, said
from ecluse.domain.caller import OrganisationId
from ecluse.domain.errors import EcluseError
from ecluse.edge.extras import ExtraMissing, load
from ecluse.edge.reports import csv_of, gather, html_of
from ecluse.edge.roles import Act
from ecluse.prove.reports import REPORTS, Report, written

DAYS = 30
TYPES: Mapping[str, str] = {"html": "text/html", "csv": "text/csv", "pdf": "application/pdf"}
WRONG = (ValueError, LookupError, EcluseError, ExtraMissing)


async def show(request: Request) -> Response:
    """Show the reports, and the one that is asked for."""
    ground, t = ground_of(request), said(request)
    stated = _stated(request)
    report, problem = None, ""
    if stated["report"]:
        try:
            language = reader_of(request).language
            name = " ".join(("report", language, *stated.values()))
            report = await beside(request, name, partial(_written, ground, stated, language))
        except WRONG as error:
            problem = str(error)
    values = {
        "title": t("reports.title"),
        "stated": stated,
        "kinds": list(REPORTS),
        "organisations": ground.organisations(),
        "report": report,
        "drafting": bool(stated["report"]) and report is None and not problem,
        "problem": problem,
        "forms": list(TYPES),
    }
    return render(request, "reports.html", values)


async def file(request: Request) -> Response:
    """Return one report as a file."""
    form = request.path_params["form"]
    stated = _stated(request) | {"report": request.path_params["name"]}
    if form not in TYPES or stated["report"] not in REPORTS:
        return render(request, "missing.html", {"title": said(request)("frame.missing")}, status=404)
    language = reader_of(request).language
    try:
        made = await run_in_threadpool(_made, ground_of(request), stated, language, form)
    except WRONG as error:
        return PlainTextResponse(f"{error}\n", 400)
    name = f"ecluse-{stated['report']}-{stated['organisation']}-{stated['until']}.{form}"
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-._") else "_" for c in name)
    return Response(made, media_type=TYPES[form], headers={"Content-Disposition": f'attachment; filename="{plain}"'})


def _made(ground: Ground, stated: Mapping[str, str], language: str, form: str) -> bytes:
    report = _written(ground, stated, language)
    if form == "html":
        return html_of(report).encode()
    if form == "csv":
        return csv_of(report).encode()
    made: bytes = load("ecluse.edge.reports.pdf", "reports").pdf_of(report)
    return made


def _written(ground: Ground, stated: Mapping[str, str], language: str) -> Report:
    """Write a report. Raises ValueError, LookupError or GatewayError."""
    past = ground.past(stated["since"], stated["until"])
    organisation = OrganisationId(stated["organisation"])
    material = gather(
        ground.base.registry,
        ground.snapshot,
        ground.base.applications,
        organisation,
        past,
        ground.base.policies.reviews,
    )
    material = replace(material, contact=ground.settings.console.contact or "")
    return written(stated["report"], material, language)


def _stated(request: Request) -> dict[str, str]:
    """Return what is asked for, each value checked: an unknown one is the default."""
    ground, query = ground_of(request), request.query_params
    organisations = list(ground.organisations())
    organisation, report = query.get("organisation", ""), query.get("report", "")
    since = _day(query.get("since", ""), ground.today - timedelta(days=DAYS - 1))
    until = _day(query.get("until", ""), ground.today)
    return {
        "organisation": organisation if organisation in organisations else next(iter(organisations), ""),
        "report": report if report in REPORTS else "",
        "since": since.isoformat(),
        "until": until.isoformat(),
    }


def _day(stated: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(stated)
    except ValueError:
        return otherwise


PAGE = Page(
    name="reports",
    act=Act.REPORT,
    path="/reports",
    routes=[Route("/reports", show), Route("/reports/{name}/{form}", file)],
    group="account",
    order=48,
)
