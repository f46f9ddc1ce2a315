"""A flow drawing: columns of nodes, bands between them, as numbers for a template. Pure arithmetic.

Law: a band is as thick as its count, and never thinner than what can be seen and pressed; nothing overlaps.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

WIDTH = 1080.0
LEFT, RIGHT = 190.0, 190.0
"""Room for the names of the first and the last column."""
NODE = 12.0
GAP = 26.0
"""Between two nodes, so that their names do not touch."""
THIN = 2.5
TALL = 300.0
"""Height of all nodes of a column together, when its bands are as thick as their counts."""
TOP = 34.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """How much goes from one node to another. `tone` is a class of the style sheet, `key` what it stands for."""

    start: str
    end: str
    tone: str
    count: int
    key: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A drawn node."""

    name: str
    column: int
    x: float
    y: float
    height: float
    count: int

    @property
    def middle(self) -> float:
        """Where its name stands."""
        return round(self.y + self.height / 2, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A drawn band: `path` is the `d` of an SVG path."""

    band: Band
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The whole drawing."""

    nodes: Sequence[Node]
    bands: Sequence[Drawn]
    columns: Sequence[float]
    width: float
    height: float


def draw(columns: Sequence[Sequence[str]], bands: Iterable[Band]) -> Flow:
    """Lay out the columns from left to right, their nodes in the order given."""
    bands = [band for band in bands if band.count > 0]
    whole = max(sum(band.count for band in bands if band.start in columns[0]), 1)
    scale = TALL / whole

    def thick(band: Band) -> float:
        return max(THIN, band.count * scale)

    xs = [LEFT + i * (WIDTH - LEFT - RIGHT - NODE) / (len(columns) - 1) for i in range(len(columns))]
    nodes: dict[str, Node] = {}
    deepest = 0.0
    for index, names in enumerate(columns):
        y = TOP
        for name in names:
            into = [band for band in bands if band.end == name]
            out = [band for band in bands if band.start == name]
            height = max(sum(map(thick, into)), sum(map(thick, out)))
            if not height:
                continue
            count = max(sum(band.count for band in into), sum(band.count for band in out))
            nodes[name] = Node(
                name=name, column=index, x=round(xs[index], 1), y=round(y, 1), height=round(height, 1), count=count
            )
            y += max(height, 8.0) + GAP
        deepest = max(deepest, y - GAP)
    return Flow(
        nodes=list(nodes.values()),
        bands=_drawn(columns, bands, nodes, thick),
        columns=[round(x, 1) for x in xs],
        width=WIDTH,
        height=round(deepest + 14, 1),
    )


def _drawn(
    columns: Sequence[Sequence[str]],
    bands: Sequence[Band],
    nodes: Mapping[str, Node],
    thick: Callable[[Band], float],
) -> list[Drawn]:
    """Stack the bands at each node in the order of the nodes at their other end, so that few cross."""
    order = {name: place for names in columns for place, name in enumerate(names)}
    left = {name: node.y for name, node in nodes.items()}
    right = dict(left)
    starts: dict[int, float] = {}
    ends: dict[int, float] = {}
    for band in sorted(bands, key=lambda b: (order[b.start], order[b.end], b.tone)):
        starts[id(band)] = right[band.start]
        right[band.start] += thick(band)
    for band in sorted(bands, key=lambda b: (order[b.end], order[b.start], b.tone)):
        ends[id(band)] = left[band.end]
        left[band.end] += thick(band)
    return [
        Drawn(
            band=band,
            path=_path(nodes[band.start].x + NODE, starts[id(band)], nodes[band.end].x, ends[id(band)], thick(band)),
        )
        for band in sorted(bands, key=lambda b: -b.count)
    ]


def _path(x0: float, y0: float, x1: float, y1: float, thick: float) -> str:
    """Return a closed band between two vertical edges."""
    middle = (x0 + x1) / 2
    return (
        f"M{x0:.1f} {y0:.1f}C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
        f"V{y1 + thick:.1f}C{middle:.1f} {y1 + thick:.1f} {middle:.1f} {y0 + thick:.1f} {x0:.1f} {y0 + thick:.1f}Z"
    )
