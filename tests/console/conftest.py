"""A console that listens on loopback over an invented month, and a browser that is already on the machine."""

import asyncio
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from ecluse.app import grounds, program
from ecluse.console.ground import Ground
from ecluse.console.serving import server
from ecluse.console.site import site
from ecluse.edge.docket import Kind, Step
from ecluse.edge.keys import Secrets
from ecluse.edge.stores.beside import docket_of
from tests.console.browser import Readers
from tests.console.running import Console, running
from tests.console.world import CLAIRE, HTML, ground, settings, write_trail

CHROMIUM = "/usr/bin/chromium"
PASSAGES = 900
LABEL = "2096f6a2-d2f7-48be-b329-b73aaa526e5d"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium, started once for a file of tests; not for longer: while it runs, no other loop may here."""
    if not Path(CHROMIUM).exists():
        pytest.skip("chromium is not here (apt-get install chromium): the pages are NOT looked at")
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--force-color-profile=srgb"])
        yield one
        one.close()


@pytest.fixture(scope="module")
def readers(browser: Browser) -> Iterator[Readers]:
    """Pages that are kept open while a file of tests looks at them."""
    kept = Readers(browser)
    yield kept
    kept.close()


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory with a month in it. Copied, never written, by who needs another."""
    state = tmp_path_factory.mktemp("month") / "state"
    over = ground(state)
    write_trail(over, PASSAGES)
    over.close()
    return state


@pytest.fixture(scope="session")
def console(month: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console over the month."""
    state = tmp_path_factory.mktemp("console") / "state"
    shutil.copytree(month, state)
    over = ground(state, console={"contact": "delegue.donnees@exemple.fr"})
    while over.digest()[1]:
        time.sleep(0.02)
    with running(over) as one:
        yield one


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console where nothing has passed yet."""
    with running(ground(tmp_path_factory.mktemp("empty") / "state")) as one:
        yield one


@contextmanager
def waiting(month: Path, state: Path) -> Iterator[Console]:
    """Run a console over a docket in which a contest waits, with markup in its ground."""
    shutil.copytree(month, state)
    over = ground(state)
    contest = Step(
        kind=Kind.CONTEST, name=CLAIRE, role="metier", application="hospital-care", ground=HTML, marks=("a" * 64,),
        counts={"health.condition": 2},
    )  # fmt: skip
    docket_of(state, Secrets.open(state)).ask(contest, over.clock.now())
    with running(over) as one:
        yield one


@pytest.fixture
def docketed(month: Path, tmp_path: Path) -> Iterator[Console]:
    """A console of its own, for a test that decides something or has names shown."""
    with waiting(month, tmp_path / "state") as one:
        yield one


@pytest.fixture(scope="session")
def untouched(month: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """One console for all tests in which nothing is decided and no name is shown: each says that nothing was."""
    with waiting(month, tmp_path_factory.mktemp("untouched") / "state") as one:
        yield one


@pytest.fixture(scope="session")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console beside a gateway whose providers cannot be reached: what is refused is refused before."""
    labels = {"labels": {LABEL: "restricted"}}
    contact = {"contact": "delegue.donnees@exemple.fr"}
    state = tmp_path_factory.mktemp("chat") / "state"
    stated = settings(state, modes={"base.impact_assessment": "warn"}, console=contact, classification=labels)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    started, stop = threading.Event(), threading.Event()
    consoles: list[Console] = []

    async def serve() -> None:
        async with program(stated) as running:
            over = Ground(settings=stated, base=grounds(stated), clock=running.live.clock, gate=running.gate)
            console = Console(over=over, port=port)
            serving = server(
                site(over, address=f"127.0.0.1:{port}", tell=console.tokens.append), "127.0.0.1", port, beside=True
            )
            consoles.append(console)
            async with asyncio.TaskGroup() as group:
                group.create_task(serving.serve())
                while not serving.started:
                    await asyncio.sleep(0.01)
                started.set()
                while not stop.is_set():
                    await asyncio.sleep(0.05)
                serving.should_exit = True
            over.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert started.wait(30)
    consoles[0].enter()
    try:
        yield consoles[0]
    finally:
        stop.set()
        thread.join(timeout=30)
