"""Long searches run beside the loop, and end when nobody waits for them."""

import asyncio
import time

import pytest

from ecluse.domain.errors import GatewayError
from ecluse.domain.request import Slot, SlotPath
from ecluse.edge.classifying import Classifying
from ecluse.packs import dictionaries
from ecluse.passage.classify import Engine, built_in, engine

HEAVY = (Slot(path=SlotPath("messages/0/parts/0"), text="M. Dupont Jean " * 40_000),)
LETTER = (Slot(path=SlotPath("messages/0/parts/0"), text="Bonjour Mme Marie Curie. " * 800),)


@pytest.fixture(scope="module")
def detector() -> Engine:
    return engine(built_in().values(), dictionaries.load())


def test_a_search_past_its_deadline_refuses_and_leaves_its_thread(detector: Engine) -> None:
    async def play() -> None:
        classifying = Classifying(workers=1, deadline=0.3)
        with pytest.raises(GatewayError, match="classification_unavailable"):
            await classifying.classify(detector, HEAVY, ())
        await _soon_free(classifying)

    asyncio.run(play())


def test_a_caller_who_leaves_does_not_keep_the_pool(detector: Engine) -> None:
    async def play() -> None:
        classifying = Classifying(workers=1)
        waiting = asyncio.ensure_future(classifying.classify(detector, HEAVY, ()))
        await asyncio.sleep(0.2)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        began = time.monotonic()
        found = await classifying.classify(detector, LETTER, ())
        assert found.findings
        assert time.monotonic() - began < 3
        classifying.close()

    asyncio.run(play())


async def _soon_free(classifying: Classifying) -> None:
    done = asyncio.get_running_loop().run_in_executor(classifying._pool, int)
    await asyncio.wait_for(done, 3)
    classifying.close()
