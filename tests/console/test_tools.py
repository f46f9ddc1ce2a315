"""Hosted tools in the console: who received what is named beside the destination, and counts as a reach of its law."""

from collections.abc import Iterator

import pytest

from ecluse.app import clock, grounds
from ecluse.console.ground import Ground
from ecluse.edge.config import load
from tests.cli.test_past import OWN, sent
from tests.cli.tools_world import called, world
from tests.console.running import Console, running


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    settings = load(world(tmp_path_factory.mktemp("tools"), [called(1, brought=("payment",)), sent(2, OWN, set())]))
    over = Ground(settings=settings, base=grounds(settings), clock=clock(settings))
    with running(over) as asked:
        yield asked


def test_the_flows_tell_what_a_tool_received_and_count_each_request_once(console: Console) -> None:
    page = console.get("/flows?period=all")
    assert "What hosted tools received" in page
    assert "acme/search" in page
    assert "2 requests." in page


def test_a_decision_names_who_else_received_and_what_they_may_bring(console: Console) -> None:
    page = console.get(f"/decisions/{called(1).passage}")
    assert "acme/search" in page
    assert "Classes that this tool may hand to the model" in page
    assert "acme/search" not in console.get(f"/decisions/{sent(2, OWN, set()).passage}")


def test_a_drill_stops_what_needs_the_tool(console: Console) -> None:
    page = console.settled("/drill?without=acme")
    assert "acme/search" in page
    assert '<span class="way refused">' in page
