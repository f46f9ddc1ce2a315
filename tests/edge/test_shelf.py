"""What it takes to go on from kept conversations: sealed, bound to an application, gone at its end."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.caller import (
    Application,
    ApplicationId,
    Caller,
    CallerKind,
    KeyId,
    Organisation,
    OrganisationId,
    Purpose,
)
from ecluse.domain.destination import DestinationId
from ecluse.domain.effects import AnyAnswer, Done, Failed, Moment, Revive, Revived, Shelve
from ecluse.domain.finding import DataClass
from ecluse.domain.kept import Kept
from ecluse.domain.slot import Role
from ecluse.domain.snapshot import Instant
from ecluse.domain.vault import Vault
from ecluse.edge.shelf import Shelf
from ecluse.edge.vaults import FileVaults, VaultUnusable
from tests.passage.decide.world import NOW, snapshot

ORIGINAL = "Camille Lefèvre"
KEPT = Kept(
    destination=DestinationId("keeper/eu/keeper-1"),
    upstream="resp_upstream",
    model="keeper-1",
    created=1,
    ends=Instant(NOW + 1000),
    clear=frozenset({DataClass.HEALTH}),
    covered=frozenset({DataClass.PERSONAL}),
    key=b"k" * 32,
    conversation="one",
    said=((Role.USER, "Lefèvre habite"),),
    vault=Vault(originals={"PERSON_7K2Q9F": ORIGINAL}, excluded=frozenset({"MAN_7K2Q9F"})),
)


class InMemory:
    """Keeps records, and shows them."""

    def __init__(self) -> None:
        self.records: dict[str, bytes] = {}

    async def put(self, name: str, record: bytes, *, expires: Instant) -> None:
        assert expires == KEPT.ends
        self.records[name] = record

    async def get(self, name: str, *, now: Instant) -> bytes | None:
        assert now
        return self.records.get(name)

    async def swap(self, name: str, before: bytes, record: bytes, *, expires: Instant) -> bool:
        assert expires == KEPT.ends
        there = self.records.get(name) == before
        if there:
            self.records[name] = record
        return there

    async def forget(self, name: str) -> bool:
        return self.records.pop(name, None) is not None

    async def close(self) -> None:
        return None


class Away(InMemory):
    """Does not answer."""

    async def put(self, name: str, record: bytes, *, expires: Instant) -> None:
        raise VaultUnusable(f"{name} {len(record)} {expires}")

    async def get(self, name: str, *, now: Instant) -> bytes | None:
        raise VaultUnusable(f"{name} {now}")


def caller(organisation: str, application: str) -> Caller:
    of = Organisation(id=OrganisationId(organisation), name="", kind=CallerKind.OTHER)
    record = Application(id=ApplicationId(application), organisation=of, name="", purposes=(Purpose("drafting"),))
    return Caller(application=record, key=KeyId("key"))


def shelf(store: InMemory | FileVaults | None = None, root: bytes = b"root") -> Shelf:
    return Shelf(store, lambda organisation: root + organisation.encode(), 1000)


def moment(now: int = NOW) -> Moment:
    return Moment(now=Instant(now), snapshot=snapshot())


def perform(on: Shelf, effect: Revive | Shelve, now: int = NOW) -> AnyAnswer:
    return asyncio.run(on.perform(effect, moment(now)))


def test_what_was_sealed_comes_back_whole_and_its_store_sees_none_of_it() -> None:
    store = InMemory()
    asks = caller("town", "desk")
    assert isinstance(perform(shelf(store), Shelve(caller=asks, name="a", kept=KEPT)), Done)
    found = perform(shelf(store), Revive(caller=asks, name="a"))
    assert isinstance(found, Revived)
    assert found.kept == KEPT
    ((name, record),) = store.records.items()
    for shown in (b"Lef", b"upstream", b"keeper", b"desk"):
        assert shown not in record
        assert shown.decode() not in name
    assert ORIGINAL not in repr(KEPT)


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)


@given(NAMES, NAMES, NAMES, NAMES, NAMES, NAMES)
def test_nobody_else_ever_finds_it(a: str, b: str, c: str, d: str, e: str, f: str) -> None:
    store = InMemory()
    perform(shelf(store), Shelve(caller=caller(a, b), name=c, kept=KEPT))
    found = perform(shelf(store), Revive(caller=caller(d, e), name=f))
    assert isinstance(found, Revived if (a, b, c) == (d, e, f) else Done)


def test_a_record_moved_to_another_s_name_refuses() -> None:
    store = InMemory()
    perform(shelf(store), Shelve(caller=caller("town", "desk"), name="a", kept=KEPT))
    perform(shelf(store), Shelve(caller=caller("company", "sales"), name="a", kept=KEPT))
    mine, theirs = store.records
    store.records[theirs] = store.records[mine]
    found = perform(shelf(store), Revive(caller=caller("company", "sales"), name="a"))
    assert isinstance(found, Failed)
    assert found.code == "vault_unavailable"


def test_past_its_end_nothing_is_opened() -> None:
    store = InMemory()
    asks = caller("town", "desk")
    perform(shelf(store), Shelve(caller=asks, name="a", kept=KEPT))
    assert isinstance(perform(shelf(store), Revive(caller=asks, name="a"), KEPT.ends), Done)
    assert store.records == {}


def test_a_record_whose_end_was_changed_refuses_and_stays() -> None:
    store = InMemory()
    asks = caller("town", "desk")
    perform(shelf(store), Shelve(caller=asks, name="a", kept=KEPT))
    ((name, record),) = store.records.items()
    for end in (NOW - 1, NOW + 10**9):
        store.records[name] = record[:4] + end.to_bytes(8, "big") + record[12:]
        found = perform(shelf(store), Revive(caller=asks, name="a"))
        assert isinstance(found, Failed)
        assert found.code == "vault_unavailable"
        assert name in store.records


@pytest.mark.parametrize("store", [Away(), None])
def test_a_vault_that_is_away_refuses(store: InMemory | None) -> None:
    for effect in (
        Shelve(caller=caller("town", "desk"), name="a", kept=KEPT),
        Revive(caller=caller("town", "desk"), name="a"),
    ):
        answer = perform(shelf(store), effect)
        assert isinstance(answer, Failed)
        assert answer.code == "vault_unavailable"


def test_what_has_ended_is_swept_out_of_a_folder(tmp_path: Path) -> None:
    vaults = FileVaults(tmp_path)
    (tmp_path / "other").write_text("not ours")
    on = shelf(vaults)
    for name, ends in (("a", NOW + 1), ("b", NOW + 5000)):
        kept = replace(KEPT, ends=Instant(ends))
        perform(on, Shelve(caller=caller("town", "desk"), name=name, kept=kept))
    vaults.sweep(Instant(NOW + 1))
    left: Mapping[str, bytes] = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(left) == 2
    assert "other" in left
