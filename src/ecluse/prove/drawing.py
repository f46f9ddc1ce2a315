"""The graph of an exposure as SVG: who is asked about at the bottom, holders above, each line with its share.

Law: a picture of the paths and of nothing else; what a colour says stands in words too.
"""

import math
from collections.abc import Iterable, Sequence
from html import escape

from ecluse.domain.party import EntityId, Stake, StakeKind
from ecluse.prove.exposure import Exposure
from ecluse.prove.exposure_words import said_share, said_stake
from ecluse.prove.holding import SHARES, Graph, Seat

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 196, 48, 24, 84, 8
FITS = 27
"""Letters of a name that a box has room for."""
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
    """Return an SVG document. Its colours are attributes, and its classes let a page that shows it have its own."""
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
    exposing, told = _exposing(exposure), dict[EntityId, int]()
    body = [
        _line(between, at, exposing & set(between), told.setdefault(holder, 0), fr=fr)
        for (holder, _), between in sorted(pairs.items(), key=lambda pair: bool(exposing & set(pair[1])))
        if told.update({holder: told.get(holder, -1) + 1}) is None
    ]
    body += [_box(graph, entity, at[entity], fr=fr) for entity in at]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" font-family="sans-serif" font-size="13" role="img"><title>{title}</title>'
        f"{''.join(body)}</svg>\n"
    )


def drawn(exposure: Exposure, graph: Graph, language: str) -> Sequence[tuple[str, bool]]:
    """Return every line of the picture in words, with its source, and whether it is of a path that exposes."""
    exposing = _exposing(exposure)
    found = [(said_stake(stake, graph, fr=language == "fr"), stake in exposing) for stake in _stakes(exposure, graph)]
    return sorted(found, key=lambda one: not one[1])


def _exposing(exposure: Exposure) -> set[Stake]:
    """Return the steps of the paths by which the law of a third country is established to reach."""
    return {
        stake
        for compulsion in exposure.compelled_by
        if compulsion.certain and not compulsion.inside
        for path in compulsion.paths
        for stake in path.stakes
    }


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
    name = known.name if len(known.name) <= FITS else f"{known.name[: FITS - 1]}…"
    where = f"{known.seat}, {_SEAT[seat][fr]}" if known.seat else _SEAT[seat][fr]
    middle = f'x="{x + WIDTH / 2:g}" text-anchor="middle"'
    return (
        f'<g><title>{escape(known.name)}</title><rect class="seat-{seat.value}" x="{x:g}" y="{y:g}" width="{WIDTH}" '
        f'height="{HEIGHT}" rx="6" fill="{_FILL[seat]}" stroke="#555"/>'
        f'<text class="who" {middle} y="{y + 20:g}" font-weight="600">{escape(name)}</text>'
        f'<text class="where" {middle} y="{y + 37:g}" fill="#444">{escape(where)}</text></g>'
    )


def _line(
    between: list[Stake], at: dict[EntityId, tuple[float, float]], exposing: set[Stake], above: int, *, fr: bool
) -> str:
    """Draw one line for everything by which one entity holds another; its words stand under the holder.

    `above` is how many lines of the same holder have their words there already.
    """
    (x1, y1), (x2, y2) = at[between[0].holder], at[between[0].held]
    x1, x2, y1 = x1 + WIDTH / 2, x2 + WIDTH / 2, y1 + HEIGHT
    bend, end = (y2 - 20, y2) if y2 > y1 else (y1 + 40, y2 + HEIGHT)
    said = ", ".join(dict.fromkeys(_label(stake, fr=fr) for stake in between))
    dash = "" if any(stake.kind in SHARES for stake in between) else ' stroke-dasharray="5 4"'
    way, colour = ("held exposes", "#a3262a") if exposing else ("held", "#777")
    return (
        f'<path class="{way}" d="M{x1:g} {y1:g}V{bend:g}H{x2:g}V{end:g}" fill="none" stroke="{colour}" '
        f'stroke-width="{2.5 if exposing else 1.2:g}"{dash}/>'
        f'<text class="share" x="{x1:g}" y="{y1 + 22 + 15 * above:g}" text-anchor="middle" fill="#222" stroke="#fff" '
        f'stroke-width="5" paint-order="stroke" stroke-linejoin="round">{escape(said)}</text>'
    )


def _label(stake: Stake, *, fr: bool) -> str:
    shared = stake.kind in {*SHARES, StakeKind.CONVERTIBLE}
    low, high = math.floor(stake.low * 100) / 100, math.ceil(stake.high * 100) / 100
    if stake.low == stake.high:
        low = high = round(stake.low, 3)
    return _KIND[stake.kind][fr] + (said_share(low, high, fr=fr) if shared else "")
