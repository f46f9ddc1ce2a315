"""The drawing keeps its counts and overlaps nothing."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ecluse.console.sankey import Band, draw

COLUMNS = [["c:a", "c:b", "c:c"], ["w:x", "w:y"], ["d:1", "d:2", "d:3", "d:4"]]
COUNTS = st.integers(0, 100_000)


@given(st.lists(COUNTS, min_size=6, max_size=6), st.lists(COUNTS, min_size=8, max_size=8))
def test_nodes_of_a_column_never_touch_and_keep_their_counts(first: list[int], second: list[int]) -> None:
    pairs = [(a, b) for a in COLUMNS[0] for b in COLUMNS[1]], [(a, b) for a in COLUMNS[1] for b in COLUMNS[2]]
    bands = [
        Band(start=a, end=b, tone="as_is", count=n, key={})
        for some, counts in zip(pairs, (first, second), strict=True)
        for (a, b), n in zip(some, counts, strict=True)
    ]
    flow = draw(COLUMNS, bands)
    assert len(flow.bands) == sum(band.count > 0 for band in bands)
    for column in range(3):
        nodes = sorted((node for node in flow.nodes if node.column == column), key=lambda node: node.y)
        for above, below in pairwise(nodes):
            assert above.y + above.height + 20 <= below.y
        assert all(node.y + node.height <= flow.height for node in nodes)
    for node in flow.nodes:
        out = sum(band.count for band in bands if band.start == node.name)
        into = sum(band.count for band in bands if band.end == node.name)
        assert node.count == max(out, into)


def test_nothing_is_drawn_of_nothing() -> None:
    assert draw(COLUMNS, []).nodes == []
