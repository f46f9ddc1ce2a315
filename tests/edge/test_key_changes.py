"""Changes of keys from the command line: on the trail before they are made, whoever has the trail; or not made."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from ecluse.domain.caller import ApplicationId, KeyId, KeyScope
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Entry, EntryKind
from ecluse.edge.clock import start_of
from ecluse.edge.key_changes import AnnouncedKeys, Asked, tell
from ecluse.edge.keys import Keys, KeysUnusable, Secrets
from ecluse.edge.keys import state as where
from ecluse.edge.stores.key_tables import table_of
from ecluse.edge.stores.lock import TrailLock
from ecluse.edge.stores.opening import open_reader
from ecluse.edge.stores.sqlite import SqliteStore
from ecluse.passage.record import parse
from tests.edge.gateway import Gateway

DAY = date(2026, 11, 24)
NOW = start_of(DAY)
TOWN = ApplicationId("town-mail")


class StandingClock:
    """A clock that stands."""

    def now(self) -> Instant:
        return NOW


def keys_of(state: Path) -> AnnouncedKeys:
    return AnnouncedKeys(state, Secrets.open(state), StandingClock(), "command_line")


def table(state: Path) -> Keys:
    return table_of(state, Secrets.open(state))


def entries(state: Path) -> list[Entry]:
    with closing(open_reader(state)) as trail:
        found = [parse(data) for _, data, _ in trail.rows(0, trail.size())]
    return [entry for entry in found if entry.kind is EntryKind.ADMIN and str(entry.body["action"]).startswith("key_")]


def actions(state: Path) -> list[object]:
    return [entry.body["action"] for entry in entries(state)]


def serve(state: Path, times: int = 1) -> None:
    """Open the trail as a gateway does, tell what was asked for, and close it."""

    async def work() -> None:
        for _ in range(times):
            store = SqliteStore(where.trail(state), signer=Secrets.open(state).signer(), clock=StandingClock())
            await store.start()
            await tell(Asked(where.key_changes(state)), store, StandingClock())
            await store.close()

    asyncio.run(work())


def test_before_there_is_a_trail_the_first_gateway_tells_each_change_once(tmp_path: Path) -> None:
    made, _ = keys_of(tmp_path).create(TOWN, NOW, DAY, frozenset({KeyScope.CHAT}))
    assert not where.trail(tmp_path).exists()
    keys_of(tmp_path).revoke(made.id)
    serve(tmp_path, times=2)
    created, revoked = entries(tmp_path)
    assert (created.body["action"], created.body["actor"], created.body["subject"]) == (
        "key_created",
        "command_line",
        TOWN,
    )
    assert created.body["facts"] == {"key": made.id, "expires": "2026-11-24", "scopes": "chat"}
    assert (revoked.body["action"], revoked.body["facts"]) == ("key_revoked", {"key": made.id})


def test_while_nobody_serves_a_change_is_on_the_trail_before_it_is_made(tmp_path: Path) -> None:
    early, _ = keys_of(tmp_path).create(TOWN, NOW, None)
    serve(tmp_path)
    made, _ = keys_of(tmp_path).rotate(early.id, NOW, date(2026, 12, 1))
    facts = {"key": made.id, "expires": None, "scopes": "all", "replaces": early.id, "until": "2026-12-01"}
    assert actions(tmp_path) == ["key_created", "key_rotated"]
    assert entries(tmp_path)[1].body["facts"] == facts


def test_what_was_asked_for_earlier_is_told_first(tmp_path: Path) -> None:
    made, _ = keys_of(tmp_path).create(TOWN, NOW, None)
    asyncio.run(_start(tmp_path))
    keys_of(tmp_path).revoke(made.id)
    assert actions(tmp_path) == ["key_created", "key_revoked"]


async def _start(state: Path) -> None:
    store = SqliteStore(where.trail(state), signer=Secrets.open(state).signer(), clock=StandingClock())
    await store.start()
    await store.close()


def test_a_gateway_that_does_not_answer_refuses_the_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(tmp_path)
    monkeypatch.setattr("ecluse.edge.trail_writing.PATIENCE", 0.1)
    lock = TrailLock(where.trail(tmp_path))
    try:
        with pytest.raises(KeysUnusable, match="nothing was changed"):
            keys_of(tmp_path).create(TOWN, NOW, None)
    finally:
        lock.release()
    serve(tmp_path)
    assert table(tmp_path).list() == ()
    assert actions(tmp_path) == []


def test_a_trail_that_cannot_be_written_refuses_the_change(tmp_path: Path) -> None:
    made, _ = keys_of(tmp_path).create(TOWN, NOW, None)
    where.trail(tmp_path).write_bytes(b"not a trail, but long enough to be read as one" * 100)
    for change in (lambda: keys_of(tmp_path).create(TOWN, NOW, None), lambda: keys_of(tmp_path).revoke(made.id)):
        with pytest.raises(KeysUnusable, match="nothing was changed"):
            change()
    assert table(tmp_path).list() == (made,)


def test_a_change_of_what_is_not_there_refuses_and_says_nothing(tmp_path: Path) -> None:
    ended, _ = keys_of(tmp_path).create(TOWN, NOW, DAY)
    with pytest.raises(KeyError):
        keys_of(tmp_path).rotate(ended.id, Instant(NOW + 2 * 86_400_000), DAY)
    with pytest.raises(KeyError):
        keys_of(tmp_path).revoke(KeyId("key_unknown"))
    serve(tmp_path)
    assert actions(tmp_path) == ["key_created"]


def test_a_gateway_that_serves_puts_changes_on_its_trail_before_the_command_ends(shared_gateway: Gateway) -> None:
    def keys(*words: str) -> Sequence[str]:
        done = shared_gateway.command("keys", *words, "--state-dir", str(shared_gateway.state), "--json")
        assert done.returncode == 0, done.stderr
        id_ = str(json.loads(done.stdout)["id"])
        found = [e for e in entries(shared_gateway.state) if id_ in str(e.body["facts"])]
        return [id_, *(str(entry.body["action"]) for entry in found)]

    old, *said = keys("create", "--application", "mail", "--scope", "chat")
    assert said == ["key_created"]
    new, *said = keys("rotate", old)
    assert said == ["key_rotated"]
    assert keys("revoke", new)[1:] == ["key_rotated", "key_revoked"]
