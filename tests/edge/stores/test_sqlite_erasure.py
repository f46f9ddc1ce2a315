"""What is erased from a file is nowhere in it."""

from pathlib import Path

from tests.edge.stores.contract import OPENING, run
from tests.edge.stores.test_sqlite import store_at
from tests.passage.record import samples


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_an_erased_opening_is_nowhere_on_the_disk(tmp_path: Path) -> None:
    async def work() -> None:
        store = store_at(tmp_path)
        await store.start()
        await store.append(samples.intent(1), OPENING)
        assert OPENING.salt in everything_in(tmp_path)
        await store.erase_opening(samples.intent(1).id, samples.admin(1))
        assert OPENING.salt not in everything_in(tmp_path)
        await store.close()

    run(work())
