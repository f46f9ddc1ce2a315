"""A console that listens on loopback over an invented month, and a browser that is already on the machine."""

import asyncio
import http.client
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, sync_playwright

from ecluse.app import grounds, program
from ecluse.console.ground import Ground
from ecluse.console.serving import server
from ecluse.console.site import site
from tests.console.world import ground, settings, write_trail

CHROMIUM = "/usr/bin/chromium"
PASSAGES = 900
LABEL = "2096f6a2-d2f7-48be-b329-b73aaa526e5d"


@dataclass(kw_only=True)
class Console:
    """A running console, and a client with a session."""

    over: Ground
    port: int
    tokens: list[str] = field(default_factory=list)
    cookie: str = ""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, path: str, form: dict[str, str] | None = None, body: str | None = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, str]:
        """Send one request; `form` makes it a POST. Header names have `_` for `-`; an empty one is left out."""
        sent = {"host": f"127.0.0.1:{self.port}", "cookie": self.cookie, "accept-language": "en"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if form is not None:
            body = urlencode(form)
            sent.setdefault("content-type", "application/x-www-form-urlencoded")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            method = "GET" if body is None else "POST"
            connection.request(method, path, body, {name: value for name, value in sent.items() if value})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> str:
        """Return a page that must be there."""
        status, _, text = self.ask(path, None, None, **headers)
        assert status == 200, (path, status)
        return text

    def settled(self, path: str) -> str:
        """Return a page once what is made beside it is there."""
        until = time.monotonic() + 30
        while "data-again" in (page := self.get(path)) and time.monotonic() < until:
            time.sleep(0.1)
        assert "data-again" not in page
        return page

    def send(self, path: str, body: str, **headers: str) -> tuple[int, str]:
        """Send JSON as a page's script does."""
        status, _, text = self.ask(
            path, None, body, **({"x_csrf_token": self.csrf(), "content_type": "application/json"} | headers)
        )
        return status, text

    def csrf(self) -> str:
        """Return the mark of this session's changes."""
        return self.get("/").split('name="csrf" content="')[1].split('"')[0]

    def enter(self) -> None:
        """Open a session."""
        status, headers, _ = self.ask("/login", {"token": self.tokens[-1]}, cookie="")
        assert status == 303
        self.cookie = headers["set-cookie"].split(";")[0]


@contextmanager
def running(over: Ground) -> Iterator[Console]:
    """Run a console on a free port until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    console = Console(over=over, port=port)
    pages = site(over, address=f"127.0.0.1:{port}", tell=console.tokens.append)
    serving = server(pages, "127.0.0.1", port, beside=True)
    thread = threading.Thread(target=lambda: asyncio.run(serving.serve()), daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not serving.started and time.monotonic() < until:
        time.sleep(0.01)
    assert serving.started
    console.enter()
    try:
        yield console
    finally:
        serving.should_exit = True
        thread.join(timeout=20)
        over.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium, started once for a file of tests; not for longer: while it runs, no other loop may here."""
    if not Path(CHROMIUM).exists():
        pytest.skip("chromium is not here (apt-get install chromium): the pages are NOT looked at")
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--force-color-profile=srgb"])
        yield one
        one.close()


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


@pytest.fixture(scope="session")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console beside a gateway whose providers cannot be reached: what is refused is refused before."""
    labels = {"labels": {LABEL: "restricted"}}
    contact = {"contact": "delegue.donnees@exemple.fr"}
    stated = settings(tmp_path_factory.mktemp("chat") / "state", console=contact, classification=labels)
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
