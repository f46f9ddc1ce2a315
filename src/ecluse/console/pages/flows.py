"""Flows: what moved, from data class through verdict to destination and to the law that reaches it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ecluse.console.digest import Digest, Filter, Way
from ecluse.console.digest.passages import NOTHING, SENSITIVITY
from ecluse.console.ground import Ground
from ecluse.console.page import Page
from ecluse.console.sankey import Band, Flow, draw
from ecluse.console.view import ground_of, render, said
from ecluse.edge.roles import Act

PERIODS = {"7": 7, "30": 30, "90": 90, "all": None}
FIRST_PERIOD = "30"
WAYS = (Way.AS_IS, Way.MASKED, Way.REFUSED, Way.UNANSWERED)
SENT = (Way.AS_IS, Way.MASKED)
RULES = 9
Sum: TypeAlias = tuple[str, str, str, int, str, str, int, int, int, int]
"""Class, way, destination, watched, currency, recipients; passages, tokens in, tokens out, cost in millionths."""
REACHES = ("own", "union", "possible", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What a period comes to. `costs` are by currency; `unpriced` passages have no price on record."""

    passages: int
    by_way: Mapping[str, int]
    watched: int
    exposed: int
    doubtful: int
    costs: Mapping[str, float]
    unpriced: int

    @property
    def sent(self) -> int:
        """How many left."""
        return self.by_way[Way.AS_IS] + self.by_way[Way.MASKED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day: counts by way, and where its pieces stand in the drawing (percent)."""

    day: str
    count: int
    pieces: Sequence[tuple[str, float, float]]
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What the recipient of a hosted tool received through one destination: passages as they are, and masked."""

    recipient: str
    destination: str
    as_is: int
    masked: int


def show(request: Request) -> Response:
    """Show the flows of a period."""
    ground, t = ground_of(request), said(request)
    query = request.query_params
    period = query.get("period", FIRST_PERIOD)
    period = period if period in PERIODS else FIRST_PERIOD
    asked = Filter(
        first_day=_first_day(ground.today, PERIODS[period]),
        last_day=ground.today.isoformat(),
        organisation=query.get("organisation", ""),
        application=query.get("application", ""),
    )
    digest, lacking = ground.digest()
    values: dict[str, object] = {
        "title": t("flows.title"),
        "asked": asked,
        "period": period,
        "periods": list(PERIODS),
        "organisations": ground.organisations(),
        "applications": ground.applications(),
        "lacking": lacking,
        "whole": digest.size + lacking if digest else 0,
        "totals": None,
    }
    if digest is not None and digest.days():
        values |= _values(ground, digest, asked)
    return render(request, "flows.html", values)


def _first_day(today: date, days: int | None) -> str:
    return (today - timedelta(days=days - 1)).isoformat() if days else ""


def _values(ground: Ground, digest: Digest, asked: Filter) -> dict[str, object]:
    rows = digest.sums(asked, "principal", "way", "destination", "watched", "currency", "recipients")
    reach = {row[2]: ground.exposed(row[2], ground.today).word for row in rows if row[2]}
    tools = {name: ground.exposed(name, ground.today).word for row in rows for name in row[5].split()}
    return {
        "totals": _totals(rows, {**reach, **tools}),
        "flow": _flow(rows, reach, asked),
        "names": {name: ground.destination(name) for name in (*reach, *tools)},
        "reach": {**reach, **tools},
        "received": _received(rows),
        "bars": _bars(digest, asked),
        "ways": WAYS,
        "refusing": digest.fired(asked, "refused", RULES),
        "observing": digest.fired(asked, "observed", RULES),
        "rules": ground.rules(),
    }


def _totals(rows: Sequence[Sum], reach: Mapping[str, str]) -> Totals:
    by_way = Counter({way.value: 0 for way in WAYS})
    costs: dict[str, float] = {}
    watched = exposed = doubtful = unpriced = 0
    for _, way, destination, seen, currency, recipients, count, _, _, cost in rows:
        by_way[way] += count
        watched += count if seen else 0
        if way not in SENT:
            continue
        words = {reach[name] for name in (destination, *recipients.split())}
        if words <= set(REACHES):
            doubtful += count if words & {"possible", "unknown"} else 0
        else:
            exposed += count
        if currency:
            costs[currency] = costs.get(currency, 0.0) + cost / 1e6
        else:
            unpriced += count
    return Totals(
        passages=by_way.total(),
        by_way=by_way,
        watched=watched,
        exposed=exposed,
        doubtful=doubtful,
        costs=costs,
        unpriced=unpriced,
    )


def _flow(rows: Sequence[Sum], reach: Mapping[str, str], asked: Filter) -> Flow:
    by_class: Counter[tuple[str, str]] = Counter()
    by_place: Counter[tuple[str, str]] = Counter()
    for principal, way, destination, _, _, _, count, *_ in rows:
        by_class[principal, way] += count
        if destination:
            by_place[way, destination] += count
    shared = {name: getattr(asked, name) for name in ("first_day", "last_day", "organisation", "application")}
    bands = [
        Band(start=f"c:{c}", end=f"w:{way}", tone=way, count=n, key=shared | {"principal": c, "way": way})
        for (c, way), n in by_class.items()
    ]
    for (way, destination), n in by_place.items():
        key = shared | {"way": way, "destination": destination}
        bands.append(Band(start=f"w:{way}", end=f"d:{destination}", tone=way, count=n, key=key))
        bands.append(Band(start=f"d:{destination}", end=f"r:{reach[destination]}", tone=way, count=n, key=key))
    classes = [c for c in (NOTHING, *reversed(SENSITIVITY)) if any(key[0] == c for key in by_class)]
    words = [*(w for w in ("own", "union") if w in reach.values()), *sorted(set(reach.values()) - {"own", "union"})]
    places = sorted(reach, key=lambda name: (words.index(reach[name]), name))
    columns = [
        [f"c:{c}" for c in classes],
        [f"w:{way}" for way in WAYS],
        [f"d:{name}" for name in places],
        [f"r:{word}" for word in words],
    ]
    return draw(columns, bands)


def _received(rows: Sequence[Sum]) -> Sequence[Received]:
    """Return who received what hosted tools were sent, the most first."""
    found: Counter[tuple[str, str, str]] = Counter()
    for _, way, destination, _, _, recipients, count, *_ in rows:
        if way in SENT:
            found.update({(name, destination, way): count for name in recipients.split()})
    pairs = dict.fromkeys((name, destination) for (name, destination, _), _ in found.most_common())
    return [
        Received(
            recipient=name,
            destination=destination,
            as_is=found[name, destination, Way.AS_IS],
            masked=found[name, destination, Way.MASKED],
        )
        for name, destination in pairs
    ]


def _bars(digest: Digest, asked: Filter) -> Sequence[Bar]:
    by_day: dict[str, Counter[str]] = {}
    for day, way, count, *_ in digest.sums(asked, "day", "way"):
        by_day.setdefault(day, Counter())[way] += count
    if not by_day:
        return []
    first, last = date.fromisoformat(min(by_day)), date.fromisoformat(asked.last_day)
    days = [(first + timedelta(days=i)).isoformat() for i in range((last - first).days + 1)][-366:]
    most = max(counts.total() for counts in by_day.values())
    step = 100 / len(days)
    bars = []
    for i, day in enumerate(days):
        counts = by_day.get(day, Counter())
        top, pieces = 100.0, []
        for way in WAYS:
            if counts[way]:
                height = 100 * counts[way] / most
                top -= height
                pieces.append((way.value, round(top, 2), round(height, 2)))
        bars.append(
            Bar(day=day, count=counts.total(), pieces=pieces, x=round(i * step, 3), width=round(step * 0.74, 3))
        )
    return bars


PAGE = Page(name="flows", act=Act.LOOK, path="/flows", routes=[Route("/flows", show)], group="see", order=10)
