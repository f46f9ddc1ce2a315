"""The graph of an exposure as SVG: who is asked about at the bottom, holders above, each line with its share.

Law: a picture of the paths and of nothing else; what a colour says stands in words too.
"""

from collections.abc import Iterable
from html import escape

from ecluse.domain.party import EntityId, Stake, StakeKind
from ecluse.prove.exposure import Exposure
from ecluse.prove.exposure_words import said_share
from ecluse.prove.holding import SHARES, Graph, Seat

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 230, 46, 30, 84, 24
_FILL = {Seat.INSIDE: "#dcefe2", Seat.OUTSIDE: "#f7dcd6", Seat.UNKNOWN: "#eeeeee"}
_SEAT = {
    Seat.INSIDE: ("European Union", "Union européenne"),
    Seat.OUTSIDE: ("third country", "pays tiers"),
    Seat.UNKNOWN: ("seat not established", "siège non établi"),
}
_KIND = {
    StakeKind.EQUITY: ("", ""),
    StakeKind.VOTES: ("votes ", "votes "),
    StakeKind.CONVERTIBLE: ("convertible ", "convertible "),
    StakeKind.TECHNOLOGY_LICENCE: ("technology", "technologie"),
    StakeKind.BOARD: ("board", "conseil"),
    StakeKind.SUB_PROCESSOR: ("sub-processor", "sous-traitant"),
}


def draw(exposure: Exposure, graph: Graph, language: str) -> str:
    """Return an SVG document."""
    fr = language == "fr"
    stakes = _stakes(exposure, graph)
    rows = _rows([party.entity for party in exposure.parties], stakes)
    widest = max((len(row) for row in rows), default=1)
    width = 2 * MARGIN + widest * WIDTH + (widest - 1) * GAP_X
    height = 2 * MARGIN + len(rows) * HEIGHT + (len(rows) - 1) * GAP_Y
    at: dict[EntityId, tuple[float, float]] = {}
    for depth, row in enumerate(reversed(rows)):
        left = (width - len(row) * WIDTH - (len(row) - 1) * GAP_X) / 2
        for index, entity in enumerate(row):
            at[entity] = (left + index * (WIDTH + GAP_X), MARGIN + depth * (HEIGHT + GAP_Y))
    title = "Exposition au droit de pays tiers" if fr else "Exposure to the law of third countries"
    pairs: dict[tuple[EntityId, EntityId], list[Stake]] = {}
    for stake in stakes:
        pairs.setdefault((stake.holder, stake.held), []).append(stake)
    body = [_line(between, at, fr=fr) for between in pairs.values()] + [
        _box(graph, entity, at[entity], fr=fr) for entity in at
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" font-family="sans-serif" font-size="12" role="img"><title>{title}</title>'
        f"{''.join(body)}</svg>\n"
    )


def _stakes(exposure: Exposure, graph: Graph) -> list[Stake]:
    """Return every stake of a path, and whoever else holds a company on one."""
    named = [path for finding in exposure.findings for path in finding.paths]
    named += [path for compulsion in exposure.compelled_by for path in compulsion.paths]
    stakes = dict.fromkeys(stake for path in named for stake in path.stakes)
    on_path = {party.entity for party in exposure.parties} | {s.held for s in stakes if s.kind in SHARES}
    stakes |= dict.fromkeys(stake for stake in graph.stakes if stake.held in on_path)
    return list(stakes)


def _rows(roots: Iterable[EntityId], stakes: Iterable[Stake]) -> list[list[EntityId]]:
    """Put each entity one row above the lowest that it holds; one that is held by it alone stands beside it."""
    depth = dict.fromkeys(roots, 0)
    known = list(stakes)
    for _ in known:
        for stake in known:
            if stake.held in depth and stake.holder not in depth:
                depth[stake.holder] = depth[stake.held] + 1
            elif stake.holder in depth and stake.held not in depth:
                depth[stake.held] = depth[stake.holder]
    rows: list[list[EntityId]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for entity, row in depth.items():
        rows[row].append(entity)
    return rows


def _box(graph: Graph, entity: EntityId, at: tuple[float, float], *, fr: bool) -> str:
    known, seat = graph.entities[entity], graph.seat(entity)
    x, y = at
    name = known.name if len(known.name) <= 34 else f"{known.name[:33]}…"  # noqa: PLR2004 - what fits the box
    where = f"{known.seat}, {_SEAT[seat][fr]}" if known.seat else _SEAT[seat][fr]
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="4" fill="{_FILL[seat]}" stroke="#555"/>'
        f'<text x="{x + WIDTH / 2:g}" y="{y + 19:g}" text-anchor="middle">{escape(name)}</text>'
        f'<text x="{x + WIDTH / 2:g}" y="{y + 36:g}" text-anchor="middle" fill="#444">{escape(where)}</text>'
    )


def _line(between: list[Stake], at: dict[EntityId, tuple[float, float]], *, fr: bool) -> str:
    """Draw one line for everything by which one entity holds another."""
    (x1, y1), (x2, y2) = at[between[0].holder], at[between[0].held]
    x1, x2, y1 = x1 + WIDTH / 2, x2 + WIDTH / 2, y1 + HEIGHT
    said = ", ".join(dict.fromkeys(_label(stake, fr=fr) for stake in between))
    dash = "" if any(stake.kind in SHARES for stake in between) else ' stroke-dasharray="5 4"'
    return (
        f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="#555"{dash}/>'
        f'<text x="{(x1 + x2) / 2 + 4:g}" y="{(y1 + y2) / 2:g}">{escape(said)}</text>'
    )


def _label(stake: Stake, *, fr: bool) -> str:
    shared = stake.kind in {*SHARES, StakeKind.CONVERTIBLE}
    return _KIND[stake.kind][fr] + (said_share(stake.low, stake.high, fr=fr) if shared else "")
