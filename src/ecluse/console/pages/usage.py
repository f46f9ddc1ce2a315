"""Usage and budgets: who used what, where to and at what cost, and what is left of what may be used.

Law: sums of the trail alone. What nobody counted or priced is said to be so, and is in no sum: what is left is then at
most that. Limits by the minute are the gateway's own count, which is not kept.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ecluse.console.beside import beside
from ecluse.console.ground import Ground
from ecluse.console.page import Page
from ecluse.console.view import ground_of, render, said
from ecluse.edge.config import ApplicationSettings, OrganisationSettings
from ecluse.edge.footprint import Footprint, footprint
from ecluse.edge.keys import state as where
from ecluse.edge.roles import Act
from ecluse.edge.shared.allowances import Allowances
from ecluse.edge.shared.counters import MONEY, Measure
from ecluse.edge.stores.opening import open_reader
from ecluse.edge.usage import By, Line, Sums, UsageBook, regrouped
from ecluse.passage.cost import EURO

PERIODS: Mapping[str, int | None] = {"7": 7, "30": 30, "90": 90, "all": None}
FIRST_PERIOD = "30"


class Dimension(StrEnum):
    """By what sums are told apart."""

    DATA_CLASS = "data_class"
    DESTINATION = "destination"
    JURISDICTION = "jurisdiction"
    APPLICATION = "application"
    ORGANISATION = "organisation"
    KEY = "key"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """One limit: of whom, of what, how much, and what the trail says was spent (money in millionths of a euro).

    `spent` is None where nothing is kept that would say it; `unpriced` passages are in no sum.
    """

    level: str
    name: str
    measure: Measure
    limit: int
    spent: int | None = None
    unpriced: int = 0

    @property
    def left(self) -> int | None:
        """What is left, at most."""
        return None if self.spent is None else max(0, self.limit - self.spent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Sums under one name, with the cost in each currency (millionths)."""

    name: str
    sums: Sums
    costs: Mapping[str, int]


async def show(request: Request) -> Response:
    """Show usage and budgets."""
    ground, query = ground_of(request), request.query_params
    stated = query.get("by", "")
    by = Dimension(stated) if stated in set(Dimension) else Dimension.DATA_CLASS
    period = query.get("period", FIRST_PERIOD)
    period = period if period in PERIODS else FIRST_PERIOD
    organisation = query.get("organisation", "")
    organisation = organisation if organisation in ground.organisations() else ""
    trail = ground.trail()
    whole = trail.size() if trail else 0
    if whole:
        await beside(request, "usage", lambda: _caught_up(ground))
    lines, spent, budgets, taken = await asyncio.gather(
        beside(request, f"usage {by} {period} {organisation}", lambda: _lines(ground, by, period, organisation)),
        beside(request, f"footprint {period} {organisation}", lambda: _footprint(ground, period, organisation)),
        beside(request, "budgets", lambda: _budgets(ground)),
        beside(request, "taken", lambda: _taken(ground)),
    )
    made = lines is not None and budgets is not None and taken is not None
    lacking = max(0, whole - (taken or 0)) if made else True
    days = PERIODS[period]
    values = {
        "title": said(request)("usage.title"),
        "by": by,
        "dimensions": list(Dimension),
        "period": period,
        "periods": list(PERIODS),
        "organisation": organisation,
        "organisations": ground.organisations(),
        "applications": ground.applications(),
        "lines": lines,
        "spent": spent,
        "budgets": budgets,
        "teams": [(o, team, _members(o, team.id)) for o in ground.settings.organisations for team in o.teams],
        "lacking": lacking,
        "whole": whole,
        "since": (ground.today - timedelta(days=days - 1)).isoformat() if days else "",
    }
    return render(request, "usage.html", values)


def _caught_up(ground: Ground) -> bool:
    with closing(open_reader(ground.state)) as reader, closing(UsageBook(where.usage(ground.state))) as book:
        book.catch_up(reader)
    return True


def _taken(ground: Ground) -> int:
    """Return how many entries the sums hold."""
    if not where.usage(ground.state).exists():
        return 0
    with closing(UsageBook(where.usage(ground.state))) as book:
        return book.size


def _lines(ground: Ground, by: Dimension, period: str, organisation: str) -> Sequence[Row]:
    if not where.usage(ground.state).exists():
        return []
    lines = _sums(ground, By.DESTINATION if by is Dimension.JURISDICTION else By(by.value), period, organisation)
    if by is Dimension.JURISDICTION:
        names = {
            line.name: [ground.exposed(line.name, ground.today).word if line.name else "refused"] for line in lines
        }
        lines = regrouped(lines, names, "unknown")
    rows = _joined(lines)
    if by is Dimension.DAY:
        return rows[::-1]
    return sorted(rows, key=lambda row: -(row.sums.passages + row.sums.refused))


def _sums(ground: Ground, by: By, period: str, organisation: str) -> Sequence[Line]:
    days = PERIODS[period]
    with closing(UsageBook(where.usage(ground.state))) as book:
        return book.by(
            by,
            since=ground.today - timedelta(days=days - 1) if days else None,
            until=ground.today,
            organisation=organisation or None,
        )


def _footprint(ground: Ground, period: str, organisation: str) -> Footprint | None:
    """Return the estimate of energy and carbon, or None where nothing is counted yet.

    One's own machines are taken to stand where the gateway does.
    """
    if not where.usage(ground.state).exists():
        return None
    lines = _sums(ground, By.DESTINATION, period, organisation)
    return footprint(ground.base.registry, lines, own_country=ground.settings.gateway.country)


def _joined(lines: Sequence[Line]) -> Sequence[Row]:
    """Make one row of the lines of a name, which has a line for each currency."""
    names: dict[str, list[Line]] = {}
    for line in lines:
        names.setdefault(line.name, []).append(line)
    return [
        Row(
            name=name,
            sums=sum((line.sums for line in found), Sums()),
            costs={line.currency: line.sums.cost_micro for line in found if line.currency},
        )
        for name, found in names.items()
    ]


def _budgets(ground: Ground) -> Sequence[Budget]:
    """Return every limit of the settings, the widest first."""
    found = []
    for level in Allowances(ground.settings).every():
        kind, _, name = level.scope.partition(":")
        for measure, limit in level.limits.items():
            spent, unpriced = None, 0
            if measure in MONEY and where.usage(ground.state).exists():
                sums = _spent(ground, kind, name, measure)
                spent, unpriced = sums.cost_micro, sums.unpriced
            found.append(Budget(level=kind, name=name, measure=measure, limit=limit, spent=spent, unpriced=unpriced))
    return found


def _spent(ground: Ground, kind: str, name: str, measure: Measure) -> Sums:
    """Return what the trail says of a level this day or month: euros alone; other money counts as unpriced."""
    today = ground.today
    since = today.replace(day=1) if measure is Measure.MONTH else today
    with closing(UsageBook(where.usage(ground.state))) as book:
        lines = [
            line
            for application in _applications(ground, kind, name)
            for line in book.by(By.APPLICATION, since=since, until=today, application=application)
        ]
    total = Sums()
    for line in lines:
        priced = line.currency == EURO
        total += Sums(
            cost_micro=line.sums.cost_micro if priced else 0,
            unpriced=line.sums.unpriced if priced or not line.currency else line.sums.passages,
        )
    return total


def _applications(ground: Ground, kind: str, name: str) -> Sequence[str]:
    if kind == "application":
        return [name]
    organisation, _, team = name.partition("/")
    stated = next(o for o in ground.settings.organisations if o.id == organisation)
    return [one.id for one in (_members(stated, team) if kind == "team" else stated.applications)]


def _members(organisation: OrganisationSettings, team: str) -> Sequence[ApplicationSettings]:
    return [one for one in organisation.applications if one.team == team]


PAGE = Page(name="usage", path="/usage", routes=[Route("/usage", show)], act=Act.READ, group="run", order=72)
