"""A console that listens on loopback, and a client with a session."""

import asyncio
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from ecluse.console.ground import Ground
from ecluse.console.serving import server
from ecluse.console.site import site

PATIENCE = 90
"""Seconds that a page may take on a machine that is busy with other things: how quick pages are is tested elsewhere."""


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
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
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
        until = time.monotonic() + PATIENCE
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
