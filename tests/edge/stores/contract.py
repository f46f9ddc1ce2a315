"""What every store of the trail must do, whatever it is made of. A store's tests inherit these.

A subclass gives `make`: a store that is not started yet, on the same place for the same path.
"""

import asyncio
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from ecluse.domain.errors import GatewayError
from ecluse.domain.ports import Store
from ecluse.domain.trail import Entry, EntryId, EntryKind, Opening, PassageId
from ecluse.edge.keys import Ed25519Signer
from ecluse.passage.record import canonical, parse
from ecluse.passage.record.checkpoint import key_of, verify
from ecluse.passage.record.merkle import inclusion, leaf_hash, verify_inclusion
from ecluse.passage.record.tiles import node_at
from tests.passage.record import samples

T = TypeVar("T")
SIGNER = Ed25519Signer("ecluse.local/test", bytes(32))
KEY = key_of(SIGNER)
OPENING = Opening(salt=bytes(range(32)))


class TestedStore(Store, Protocol):
    """A store with what tests and commands need beyond the port."""

    async def start(self) -> int: ...
    async def close(self) -> None: ...
    async def integrated(self) -> None: ...
    async def erase_opening(self, entry: EntryId, record: Entry) -> None: ...
    def opening(self, entry: EntryId) -> Opening | None: ...
    def orphans(self) -> Iterable[PassageId]: ...
    def checkpoint(self) -> str | None: ...
    def hashes(self, level: int, first: int, count: int) -> list[bytes]: ...


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


async def refused(work: Coroutine[Any, Any, object]) -> None:
    with pytest.raises(GatewayError) as error:
        await work
    assert error.value.code == "trail_unavailable"


class StoreContract:
    """Inherit, and give `make`."""

    def make(self, path: Path) -> TestedStore:
        raise AssertionError(f"a subclass makes the store at {path}")

    def test_what_was_appended_is_there_in_order_and_after_a_restart(self, tmp_path: Path) -> None:
        entries = samples.passages(3)

        async def write() -> None:
            store = self.make(tmp_path)
            await store.start()
            for entry in entries:
                await store.append(entry)
            await store.integrated()
            assert store.size() == len(entries)
            assert list(store.rows(0, store.size())) == list(map(canonical, entries))
            await store.close()

        async def read() -> None:
            store = self.make(tmp_path)
            assert await store.start() == 0
            assert [parse(row) for row in store.rows(0, 100)] == entries
            assert list(store.rows(2, 3)) == [canonical(entries[2])]
            assert [store.index_of(entry.id) for entry in entries] == list(range(len(entries)))
            await store.close()

        run(write())
        run(read())

    def test_an_entry_that_is_not_there_has_no_index(self, tmp_path: Path) -> None:
        async def work() -> None:
            store = self.make(tmp_path)
            await store.start()
            assert store.index_of(samples.id_of(1)) is None
            assert store.index_of(EntryId("no id")) is None
            assert (store.size(), store.checkpoint(), list(store.rows(0, 10))) == (0, None, [])
            await store.close()

        run(work())

    def test_many_waiters_are_all_answered_and_all_there(self, tmp_path: Path) -> None:
        async def work() -> None:
            store = self.make(tmp_path)
            await store.start()
            entries = [samples.intent(number) for number in range(300)]
            await asyncio.gather(*(store.append(entry, OPENING) for entry in entries))
            await store.integrated()
            assert {store.index_of(entry.id) for entry in entries} == set(range(300))
            await store.close()

        run(work())

    def test_the_same_entry_twice_is_one_entry(self, tmp_path: Path) -> None:
        async def work() -> None:
            store = self.make(tmp_path)
            await store.start()
            for entry in (samples.intent(1), samples.intent(1), samples.outcome(1), samples.outcome(1)):
                await store.append(entry)
            await asyncio.gather(*(store.append(samples.admin(1)) for _ in range(5)))
            await store.integrated()
            assert store.size() == 3
            await store.close()

        run(work())

    def test_append_refuses_what_verification_would_call_wrong(self, tmp_path: Path) -> None:
        async def work() -> None:
            store = self.make(tmp_path)
            await store.start()
            await refused(store.append(samples.outcome(1)))
            await store.append(samples.intent(1))
            await refused(store.append(samples.outcome(1, destination=samples.THERE)))
            await store.append(samples.outcome(1))
            await refused(store.append(samples.outcome(1, label="again")))
            await refused(store.append(samples.intent(1, attempt=2)))
            await refused(store.append(samples.intent(1, model="auto")))
            await store.append(samples.outcome(2, destination=None))
            await store.integrated()
            assert store.size() == 3
            await store.close()

        run(work())

    def test_one_refused_entry_does_not_take_its_batch_with_it(self, tmp_path: Path) -> None:
        async def work() -> None:
            store = self.make(tmp_path)
            await store.start()
            wrong = samples.outcome(50)
            entries = [samples.intent(number) for number in range(20)]
            done = await asyncio.gather(
                *(store.append(entry) for entry in [*entries[:10], wrong, *entries[10:]]), return_exceptions=True
            )
            assert [type(answer).__name__ for answer in done if answer is not None] == ["GatewayError"]
            await store.integrated()
            assert store.size() == 20
            assert store.index_of(wrong.id) is None
            await store.close()

        run(work())

    def test_append_refuses_an_entry_that_the_schema_cannot_hold(self, tmp_path: Path) -> None:
        async def work() -> None:
            store = self.make(tmp_path)
            await store.start()
            bad = Entry(
                kind=EntryKind.ADMIN,
                id=samples.id_of(1),
                passage=samples.passage_of(1),
                at="2026-11-24T12:00:00.000Z",
                body={"field": "a\nb"},
            )
            await refused(store.append(bad))
            assert store.size() == 0
            await store.close()

        run(work())

    def test_append_refuses_before_the_start_and_after_the_end(self, tmp_path: Path) -> None:
        async def work() -> None:
            store = self.make(tmp_path)
            await refused(store.append(samples.intent(1)))
            await store.start()
            await store.close()
            await store.close()
            await refused(store.append(samples.intent(1)))

        run(work())

    def test_a_waiter_that_leaves_does_not_take_the_entry_back(self, tmp_path: Path) -> None:
        async def work() -> None:
            store = self.make(tmp_path)
            await store.start()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(store.append(samples.intent(1)), 0)
            await store.append(samples.intent(2))
            await store.close()

        async def read() -> None:
            store = self.make(tmp_path)
            assert await store.start() in {1, 2}
            await store.close()

        run(work())
        run(read())

    def test_passages_that_a_crash_cut_off_are_settled_as_interrupted(self, tmp_path: Path) -> None:
        async def cut_off() -> None:
            store = self.make(tmp_path)
            await store.start()
            for entry in (
                samples.intent(1),
                samples.intent(2),
                samples.intent(2, attempt=2, choice=samples.MASKED),
                samples.intent(3),
                samples.outcome(3),
            ):
                await store.append(entry)
            assert list(store.orphans()) == [samples.passage_of(1), samples.passage_of(2)]
            await store.close()

        async def settled() -> None:
            store = self.make(tmp_path)
            assert await store.start() == 2
            assert list(store.orphans()) == []
            ends = [parse(row) for row in store.rows(5, 100)]
            assert [(end.kind, end.passage, end.body["status"], end.body["destination"]) for end in ends] == [
                (EntryKind.OUTCOME, samples.passage_of(1), "interrupted", samples.HERE),
                (EntryKind.OUTCOME, samples.passage_of(2), "interrupted", samples.THERE),
            ]
            assert {end.at for end in ends} == {"2026-11-24T12:00:00.000Z"}
            await store.close()

        run(cut_off())
        run(settled())

    def test_the_newest_head_covers_everything_once_the_store_is_closed(self, tmp_path: Path) -> None:
        async def write() -> None:
            store = self.make(tmp_path)
            await store.start()
            for entry in samples.passages(3):
                await store.append(entry)
            await store.close()

        async def read() -> None:
            store = self.make(tmp_path)
            await store.start()
            assert verify(store.checkpoint() or "", KEY).size == store.size() == 8
            await store.close()

        run(write())
        run(read())

    def test_an_entry_is_proven_under_the_newest_head(self, tmp_path: Path) -> None:
        entries = [samples.intent(number) for number in range(700)]

        async def work() -> None:
            store = self.make(tmp_path)
            await store.start()
            await asyncio.gather(*(store.append(entry) for entry in entries))
            await store.close()
            await store.start()
            head = verify(store.checkpoint() or "", KEY)
            for entry in entries[::50]:
                index = store.index_of(entry.id)
                assert index is not None
                path = inclusion(node_at(store.hashes), index, head.size)
                verify_inclusion(leaf_hash(canonical(entry)), index, head.size, path, head.root)
            assert store.index_of(samples.id_of(1, "nowhere")) is None
            await store.close()

        run(work())

    def test_an_opening_is_kept_beside_the_entry_and_its_erasure_is_recorded(self, tmp_path: Path) -> None:
        async def work() -> None:
            store = self.make(tmp_path)
            await store.start()
            await store.append(samples.intent(1), OPENING)
            await store.append(samples.intent(2))
            await store.integrated()
            assert (store.opening(samples.intent(1).id), store.opening(samples.intent(2).id)) == (OPENING, None)
            with pytest.raises(KeyError):
                await store.erase_opening(samples.id_of(9), samples.admin(1))
            assert store.size() == 2
            await store.erase_opening(samples.intent(1).id, samples.admin(1))
            await store.integrated()
            assert store.opening(samples.intent(1).id) is None
            assert [parse(row).kind for row in store.rows(2, 3)] == [EntryKind.ADMIN]
            await store.close()

        run(work())
