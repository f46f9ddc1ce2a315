"""Addresses of tiles as https://c2sp.org/tlog-tiles spells them, and what a tile is made of."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.passage.record.merkle import Frontier, in_memory, leaf_hash
from ecluse.passage.record.tiles import Tile, bundle, node_at, parse_tile, tile_path

LEAVES = [leaf_hash(str(number).encode()) for number in range(70_000)]


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(level=0, index=1_234_067), "tile/0/x001/x234/067"),
        (Tile(level=None, index=0, width=1), "tile/entries/000.p/1"),
        (Tile(level=7, index=999), "tile/7/999"),
        (Tile(level=1, index=1000, width=255), "tile/1/x001/000.p/255"),
    ],
)
def test_an_address_is_spelt_in_groups_of_three(tile: Tile, path: str) -> None:
    assert tile_path(tile) == path
    assert parse_tile(path) == tile


@given(
    level=st.one_of(st.none(), st.integers(0, 7)),
    index=st.integers(0, 10**15),
    width=st.integers(1, 256),
)
def test_each_address_reads_back(level: int | None, index: int, width: int) -> None:
    tile = Tile(level=level, index=index, width=width)
    assert parse_tile(tile_path(tile)) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0", "tile/00/000", "tile/8/000", "tile/0/x000/001", "tile/0/001/x002", "tile/0/000.p/0",
        "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000/", "/tile/0/000", "tile/0/\u0660\u0660\u0660",
        "tile/entries/../../secrets", "tile/0/000.p/1\n",
    ],
)  # fmt: skip
def test_parse_refuses_every_other_spelling(path: str) -> None:
    assert parse_tile(path) is None


def test_the_example_of_the_specification_has_its_tiles_and_no_wider_ones() -> None:
    def widest(level: int, index: int) -> int:
        return max((w for w in range(1, 257) if Tile(level=level, index=index, width=w).covered(70_000)), default=0)

    assert [widest(0, 272), widest(0, 273), widest(0, 274)] == [256, 112, 0]
    assert [widest(1, 0), widest(1, 1), widest(2, 0), widest(3, 0)] == [256, 17, 1, 0]


def test_the_nodes_between_the_stored_levels_are_those_of_the_whole_tree() -> None:
    whole = in_memory(LEAVES)

    def hashes(level: int, first: int, count: int) -> list[bytes]:
        assert level % 8 == 0
        return [whole(level, index) for index in range(first, first + count)]

    node = node_at(hashes)
    assert all(node(level, index) == whole(level, index) for level in range(17) for index in {0, (70_000 >> level) - 1})
    with pytest.raises(LookupError):
        node_at(lambda *_: [])(1, 0)
    assert node(16, 0) == Frontier().extend(LEAVES[:65_536]).root()


def test_a_bundle_has_each_entry_behind_its_length() -> None:
    entries = [b"", b"a", b"x" * 65_535]
    assert bundle(entries) == b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)
