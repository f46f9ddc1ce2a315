"""The official clients, sync and async, streamed and whole, on every surface; the page says what ran here."""

from collections.abc import Iterator

import pytest

from simulators.brain import Canned
from tests.edge.gateway import (
    AZURE,
    CLAUDE,
    CODESTRAL,
    MODERATION,
    OWN,
    RERANKER,
    SCALEWAY,
    SMALL,
    TTS,
    WHISPER,
    gateway,
)
from tests.edge.proofs.page import PAGE, table
from tests.edge.proofs.world import ANSWER, PROOFS, Proof, World

ORDER = (SCALEWAY, CLAUDE, AZURE, CODESTRAL, MODERATION, OWN, SMALL, RERANKER, WHISPER, TTS)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with gateway(tmp_path_factory.mktemp("clients"), ORDER, brain=Canned(text=ANSWER)) as made:
        yield World(made=made, key=made.key("mail"))


@pytest.mark.parametrize("proof", PROOFS, ids=[proof.name for proof in PROOFS])
def test_a_client_cannot_tell_the_difference(world: World, proof: Proof) -> None:
    proof.run(world)


def test_the_page_of_compatibility_is_what_runs_here() -> None:
    assert PAGE.read_text(encoding="utf-8") == table()
