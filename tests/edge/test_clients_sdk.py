"""The official clients, sync and async, streamed and whole, on every surface; the page says what ran here."""

import pytest

from tests.edge.proofs import wire
from tests.edge.proofs.page import PAGE, table
from tests.edge.proofs.world import PROOFS, Proof, World


@pytest.mark.parametrize("proof", PROOFS, ids=[proof.name for proof in PROOFS])
def test_a_client_cannot_tell_the_difference(world: World, proof: Proof) -> None:
    proof.run(world)


def test_the_page_of_compatibility_is_what_runs_here() -> None:
    assert PAGE.read_text(encoding="utf-8") == table()


def test_each_point_of_the_wire_names_tests_that_are_there() -> None:
    assert wire.absent() == []
    assert len(wire.POINTS) == 33
