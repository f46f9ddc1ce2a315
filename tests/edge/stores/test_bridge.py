"""The loop that speaks to PostgreSQL, in a thread of its own."""

import asyncio
import gc

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
            gc.collect()

    bridge = Bridge()
    bridge.wait(nobody_waits())
    bridge.stop()
    told = capfd.readouterr().err
    assert told.splitlines() == ["ecluse: PostgreSQL: Task exception was never retrieved (ConnectionResetError)"]
