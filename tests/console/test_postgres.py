"""A console over a trail that is on a real PostgreSQL shows what it shows over the file that the trail came from."""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecluse.edge.keys import Secrets
from ecluse.edge.keys import state as where
from ecluse.edge.stores.postgres.carry import carry
from tests.console.running import Console, running
from tests.console.world import ground
from tests.edge.stores.postgres_server import Server, postgres_server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres_server() as made:
        yield made


@pytest.fixture(scope="module")
def moved(month: Path, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console whose trail was carried to PostgreSQL."""
    state = tmp_path_factory.mktemp("moved") / "state"
    shutil.copytree(month, state)
    carry(where.trail(state), server.url, "console", Secrets.open(state).signer())
    where.store(state).write_text(f'url = "{server.url}"\nschema = "console"\n', encoding="utf-8")
    over = ground(state)
    while over.digest()[1]:
        time.sleep(0.02)
    with running(over) as one:
        yield one


def _main(page: str) -> str:
    return re.sub(r'name="csrf" (content|value)="[^"]*"', "", page.split("<main", 1)[1])


@pytest.mark.parametrize("path", ["/flows?period=all", "/decisions", "/rules", "/applications/hospital-care"])
def test_a_page_is_the_same_wherever_the_trail_is_kept(moved: Console, console: Console, path: str) -> None:
    assert not where.trail(moved.over.state).exists()
    assert _main(moved.settled(path)) == _main(console.settled(path))


def test_a_decision_is_proven_and_the_whole_is_verified(moved: Console) -> None:
    address = re.findall(r'href="(/decisions/[0-9a-f]+)"', moved.get("/decisions?way=masked"))[0]
    assert '"path"' in moved.get(f"{address}/proof.json")
    moved.ask("/trail/verify", {"csrf": moved.csrf()})
    assert "The trail holds." in moved.settled("/trail?lang=en")
