"""A caller that never finishes its headers is cut off; one that takes its time over a body is not."""

import asyncio
import signal
import socket
import time
from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
import uvicorn

from ecluse.edge.http.asgi import answer
from ecluse.edge.http.patience import LAST_CALL, LastCalls, patient
from tests.edge.http.trail_site import served

SECONDS = 0.4


async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    del scope
    while (await receive()).get("more_body"):
        pass
    await answer(send, 200, b"done")


@pytest.fixture
def connection() -> Iterator[socket.socket]:
    with served(app, http=patient(SECONDS)) as url, socket.create_connection(("127.0.0.1", int(url[-5:]))) as made:
        made.settimeout(10)
        yield made


def seconds_until_closed(connection: socket.socket, trickle: bytes = b"") -> float:
    began = time.monotonic()
    connection.settimeout(0.05)
    while time.monotonic() - began < 10:
        try:
            if trickle:
                connection.sendall(trickle)
            if not connection.recv(100):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - began


@pytest.mark.parametrize("begin", [b"", b"\r\n", b"GET / HTTP/1.1\r\nhost: x\r\n"], ids=["nothing", "blank", "headers"])
def test_headers_that_do_not_end_are_refused_in_time(connection: socket.socket, begin: bytes) -> None:
    connection.sendall(begin)
    trickle = b"a: b\r\n" if begin.startswith(b"GET") else b""
    assert SECONDS * 0.8 < seconds_until_closed(connection, trickle) < SECONDS * 8


def test_the_second_request_of_a_connection_is_held_to_the_same_time(connection: socket.socket) -> None:
    connection.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    assert b"200" in connection.recv(1000)
    time.sleep(SECONDS * 1.5)  # idle between two requests is another limit
    connection.sendall(b"GET / HTTP/1.1\r\n")
    assert seconds_until_closed(connection) < SECONDS * 8


def test_a_slow_body_is_not_cut_off_by_the_time_for_headers(connection: socket.socket) -> None:
    connection.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\na")
    time.sleep(SECONDS * 2)
    connection.sendall(b"b")
    assert b"200" in connection.recv(1000)


async def _ending(begin: bytes, later: bytes) -> tuple[bytes, float]:
    """Return what a connection is answered that had sent `begin` when the server ended, and sends `later` then."""
    config = uvicorn.Config(app, http=patient(SECONDS * 10), lifespan="off", log_level="critical", ws="none")
    server = LastCalls(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        serving = asyncio.ensure_future(server.serve([listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begin)
        await asyncio.sleep(0.05)
        if begin:
            await reader.readuntil(b"done")
        server.should_exit = True
        began = time.monotonic()
        while not any(getattr(made, "_ending", False) for made in server.server_state.connections):
            await asyncio.sleep(0.005)
        writer.write(later)
        told = await reader.read()
        writer.close()
        await serving
        return told, time.monotonic() - began


@pytest.mark.parametrize("begin", [b"", b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"], ids=["first", "second"])
def test_a_request_that_was_on_its_way_when_the_server_ended_is_answered_and_the_connection_closed(
    begin: bytes,
) -> None:
    told, _ = asyncio.run(_ending(begin, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"))
    assert told.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in told.lower()


def test_a_connection_that_asks_nothing_does_not_hold_up_the_end() -> None:
    told, took = asyncio.run(_ending(b"", b""))
    assert told == b""
    assert took < LAST_CALL + 5


def test_a_signal_that_ends_the_server_is_not_raised_again_and_the_trail_can_be_closed() -> None:
    raised: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: raised.append(number))
    try:
        server = LastCalls(uvicorn.Config(app))
        with server.capture_signals():
            signal.raise_signal(signal.SIGTERM)
            assert (server.should_exit, server.force_exit) == (True, False)
        assert raised == []
    finally:
        signal.signal(signal.SIGTERM, before)
