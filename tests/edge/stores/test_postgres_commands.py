"""The commands on a trail that PostgreSQL keeps: they say what they say of a file, also while replicas write."""

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from ecluse.cli import admin, keys
from ecluse.cli import trail as commands
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Opening
from ecluse.edge.config import EgressSettings, StoreSettings
from ecluse.edge.erasure import DAY
from ecluse.edge.keys import Secrets
from ecluse.edge.outward import Outward
from ecluse.edge.stores.errors import TrailDamaged
from ecluse.edge.stores.opening import ServedStore, store_of
from ecluse.edge.witness.cosigning import Witness
from ecluse.edge.witness.door import Door
from ecluse.edge.witness.publishing import Publisher
from ecluse.edge.witnessed import check_mark
from ecluse.passage.record.checkpoint import key_of
from ecluse.passage.record.cosign import cosigner_of
from tests.edge.http.trail_site import StandingClock, served
from tests.edge.stores.postgres_server import Server
from tests.edge.stores.test_postgres import schema_of, sql
from tests.edge.witness.test_publishing import SECONDS, WITNESS
from tests.passage.record import samples

Work = Callable[[ServedStore], Coroutine[Any, Any, None]]
WHO = ("--by", "dpo", "--why", "DSR-2026-14")


class AMonthLater:
    """A clock that stands, 31 days after the entries."""

    def now(self) -> Instant:
        return Instant(samples.NOW + 31 * DAY)


class Kept:
    """A state directory whose trail is on PostgreSQL, and the command line on it."""

    def __init__(self, folder: Path, url: str, schema: str) -> None:
        self.folder = folder
        self.own = Secrets.open(folder)
        self._stated = StoreSettings(url=url, schema=schema)

    def serve(self, work: Work) -> None:
        """Open the trail as a gateway does, do some work, and close it."""

        async def run() -> None:
            signer = self.own.signer()
            mark = partial(check_mark, self.folder, key_of(signer))
            store = store_of(self._stated, self.folder, signer=signer, clock=StandingClock(), mark=mark)
            await store.start()
            try:
                await work(store)
            finally:
                await store.close()

        asyncio.run(run())

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(commands.app, [*words, "--state-dir", str(self.folder)])

    def json(self, *words: str) -> Any:
        told = self.run(*words, "--json")
        assert told.exit_code == 0, told.output
        return json.loads(told.stdout)


@pytest.fixture
def kept(server: Server, tmp_path: Path) -> Kept:
    made = Kept(tmp_path / "state", server.url, schema_of(tmp_path))
    made.serve(partial(passages, first=1, count=5))
    return made


async def passages(store: ServedStore, *, first: int, count: int) -> None:
    for number in range(first, first + count):
        await store.append(samples.intent(number), Opening(salt=bytes([number]) * 32))
        await store.append(samples.outcome(number))


def test_every_command_that_reads_does(kept: Kept, tmp_path: Path) -> None:
    receipt, old = tmp_path / "receipt", tmp_path / "old"
    old.write_text(kept.run("checkpoint").stdout, encoding="utf-8")
    kept.serve(partial(passages, first=6, count=2))
    assert kept.json("verify")["intents"] == 7
    assert kept.json("show", samples.intent(3).id)[0]["id"] == samples.intent(3).id
    receipt.write_text(kept.run("prove", samples.intent(3).id).stdout, encoding="utf-8")
    assert kept.run("verify", "--receipt", str(receipt)).exit_code == 0
    assert kept.run("consistency", str(old)).exit_code == 0
    assert len(kept.run("export").stdout.splitlines()) == 15
    assert kept.json("fsck") == {"sound": True, "size": 14, "findings": []}


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE entries SET leaf = decode(repeat('00', 32), 'hex') WHERE idx = 4", "log: Entry 4: its bytes are not"),
        ("UPDATE entries SET passage = 'x' WHERE idx = 4", "entries: the columns of row 4"),
        ("INSERT INTO nodes VALUES (8, 0, '\\x00')", "nodes: level 8, index 0 stands for entries"),
        ("INSERT INTO unsettled (passage, destination, replica) VALUES ('x', 'y', 'z')", "unsettled: passage x is"),
        ("INSERT INTO openings SELECT id, '\\x00' FROM entries WHERE idx = 1", "openings: row 1 opens no intent"),
        (
            "UPDATE log SET fault = 'batch 3 of replica a is not there'",
            "log: it was stopped, and nothing is accepted on it: batch 3 of",
        ),
    ],
)
def test_fsck_refuses_what_does_not_agree_and_names_the_row(
    server: Server, tmp_path: Path, kept: Kept, statement: str, said: str
) -> None:
    asyncio.run(sql(server, tmp_path, statement))
    told = kept.run("fsck")
    assert (told.exit_code, said in told.stdout) == (1, True), told.output


def test_fsck_finds_nothing_wrong_with_a_log_that_replicas_write_at_the_same_time(
    server: Server, tmp_path: Path, kept: Kept
) -> None:
    found: list[Result] = []

    async def work(store: ServedStore) -> None:
        db = await asyncpg.connect(server.url, server_settings={"search_path": schema_of(tmp_path)})
        try:
            async with db.transaction():  # no leader can give an index now: what follows is durable, and staged
                await db.execute("SELECT * FROM log FOR UPDATE")
                await store.append(samples.intent(50), Opening(salt=bytes(32)))
                await store.append(samples.intent(51))
                await store.append(samples.outcome(51))
                looking = threading.Thread(target=lambda: found.append(kept.run("fsck")))
                looking.start()
                while looking.is_alive():
                    await asyncio.sleep(0.01)
        finally:
            await db.close()

    kept.serve(work)
    assert (found[0].exit_code, found[0].stdout) == (0, "10 entries and everything beside them agree.\n")


def test_keys_and_tokens_changed_while_a_gateway_serves_are_on_its_trail_and_nothing_is_lost(kept: Kept) -> None:
    told: list[dict[str, Any]] = []

    def change() -> None:
        state = ("--state-dir", str(kept.folder), "--json")
        old = json.loads(CliRunner().invoke(keys.app, ["create", "--application", "mail", *state]).stdout)
        told.append(old)
        told.append(json.loads(CliRunner().invoke(keys.app, ["rotate", old["id"], *state]).stdout))
        words = ["token", "create", "--role", "dpo", "--name", "Anne", *state]
        told.append(json.loads(CliRunner().invoke(admin.app, words).stdout))

    written: list[int] = []

    async def work(store: ServedStore) -> None:
        changing = threading.Thread(target=change)
        changing.start()
        while changing.is_alive():
            number = 6 + len(written)
            await passages(store, first=number, count=1)
            written.append(number)

    kept.serve(work)
    old, new, token = told
    lines = [json.loads(line) for line in kept.run("export").stdout.splitlines()]
    changes = [line["entry"] for line in lines if "entry" in line and line["entry"]["kind"] == "admin"]
    assert [entry["body"]["action"] for entry in changes] == ["key_created", "key_rotated", "admin_token_created"]
    assert changes[1]["body"]["facts"] | {"until": ""} == changes[1]["body"]["facts"] | {
        "key": new["id"],
        "replaces": old["id"],
        "until": "",
    }
    assert changes[2]["body"]["subject"] == token["id"]
    report = kept.json("verify")
    assert written
    assert (report["intents"], report["outcomes"], report["admins"]) == (5 + len(written), 5 + len(written), 3)
    assert kept.json("fsck")["sound"]


def test_openings_are_erased_and_pruned_and_the_proofs_stay(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecluse.cli.trail.erase.SystemClock", AMonthLater)
    assert kept.json("erase", samples.intent(3).id, *WHO) == {"erased": 1}
    assert kept.run("erase", samples.intent(3).id, *WHO).exit_code == 1
    config = tmp_path / "ecluse.toml"
    config.write_text(
        f'[gateway]\nstate_dir = "{kept.folder}"\n[[organisations]]\nid = "{samples.ORGANISATION.id}"\nname = "V"\n'
        'kind = "private"\nretention_days = 30\n',
        encoding="utf-8",
    )

    def prune() -> Any:
        told = CliRunner().invoke(commands.app, ["prune", "--config", str(config), "--json"])
        assert told.exit_code == 0, told.output
        return json.loads(told.stdout)

    assert prune() == {samples.ORGANISATION.id: 4}
    assert prune() == {samples.ORGANISATION.id: 0}
    assert kept.json("verify")["admins"] == 2
    assert kept.json("fsck")["sound"]


def test_a_witness_cosigns_a_log_on_postgres_and_an_older_backup_of_it_is_refused(
    kept: Kept, server: Server, tmp_path: Path
) -> None:
    key = key_of(kept.own.signer())

    async def show(store: ServedStore, url: str) -> None:
        outward = Outward(EgressSettings())
        known = {url: cosigner_of(WITNESS)}
        publisher = Publisher(log=store, state=kept.folder, key=key, witnesses=known, outward=outward)
        try:
            await publisher.start()
            await asyncio.to_thread(publisher.mark)
        finally:
            await outward.close()

    door = Door(Witness(WITNESS, [key], tmp_path / "witness", lambda: SECONDS))
    with served(door) as url:
        kept.serve(partial(show, url=url))
        kept.serve(partial(passages, first=6, count=2))
        kept.serve(partial(show, url=url))
        told = kept.run("verify", "--witness", cosigner_of(WITNESS).vkey)
        assert (told.exit_code, "The witness dpo.example/witness saw the same" in told.stdout) == (0, True), told.output
        assert kept.json("fsck")["sound"]
    asyncio.run(sql(server, tmp_path, "DELETE FROM checkpoints WHERE size > 10; DELETE FROM entries WHERE idx > 9"))
    assert "mark: the trail has 10 entries, but 14 were signed" in kept.run("fsck").stdout
    with pytest.raises(TrailDamaged, match="it was rolled back"):
        kept.serve(partial(passages, first=8, count=0))
