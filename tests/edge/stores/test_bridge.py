"""The loop that speaks to PostgreSQL, in a thread of its own."""

import asyncio
import gc
import logging

import pytest

from ecluse.edge.stores.postgres.bridge import Bridge


def test_what_goes_wrong_with_nobody_waiting_is_one_line_told_once(capfd: pytest.CaptureFixture[str]) -> None:
    async def lost() -> None:
        raise ConnectionResetError("10.0.0.7:5432")

    async def nobody_waits() -> None:
        loop = asyncio.get_running_loop()
        for _ in range(3):
            task = loop.create_task(lost())
            await asyncio.sleep(0.01)
            del task
            gc.collect(1)  # the young only: a whole look takes seconds where many tests have left much

    bridge = Bridge()
    bridge.wait(nobody_waits())
    bridge.stop()
    told = capfd.readouterr().err
    assert told.splitlines() == ["ecluse: PostgreSQL: Task exception was never retrieved (ConnectionResetError)"]


def test_what_asyncpg_says_by_itself_is_one_line_told_once(capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        Bridge().stop()
        try:
            raise ConnectionRefusedError("10.0.0.7:5432")  # noqa: TRY301 - as a pool meets it
        except ConnectionRefusedError:
            logging.getLogger("asyncpg.pool").exception("Failed to restore; retrying")
    assert capfd.readouterr().err.splitlines() == [
        "ecluse: PostgreSQL: Failed to restore; retrying (ConnectionRefusedError)"
    ]
