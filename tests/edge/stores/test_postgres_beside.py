"""The docket and the admin tokens on a real PostgreSQL: as in a file, and what is only true of several replicas."""

import asyncio
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ecluse.cli.main import app
from ecluse.domain.caller import ApplicationId
from ecluse.domain.verdict import Mode
from ecluse.edge.admin_tokens import TokensUnusable
from ecluse.edge.amendment import NOTHING
from ecluse.edge.chain import DocketUnusable
from ecluse.edge.clock import start_of
from ecluse.edge.config import StoreSettings
from ecluse.edge.docket import Docket, Kind, Move, Step
from ecluse.edge.docket_trail import tell_trail
from ecluse.edge.drafts import Act, DraftStep
from ecluse.edge.keys import KeyTable, Secrets
from ecluse.edge.keys import state as where
from ecluse.edge.naming import ask_names
from ecluse.edge.roles import Role
from ecluse.edge.stores.beside import Beside, any_docket, any_tokens, beside, docket_of, drafts_of, take_over, tokens_at
from ecluse.edge.stores.key_tables import table_of
from ecluse.edge.stores.opening import open_reader, point, store_of
from ecluse.edge.stores.postgres.store import PostgresStore
from ecluse.passage.record import parse
from tests.edge.http.trail_site import StandingClock
from tests.edge.stores.contract import run
from tests.edge.stores.postgres_server import Server
from tests.edge.stores.test_postgres import schema_of

NOW = start_of(date(2026, 11, 24))
ASKED = Step(
    kind=Kind.EXCEPTION, name="Camille Martin", role="owner", application="mail", rule="cac.sren31",
    ground="Under way", starts=date(2026, 11, 24), ends=date(2026, 12, 24), destinations=("a/b",),
)  # fmt: skip


CONTENT = NOTHING.with_mode("region", "gdpr.transfer", Mode.WARN)
DRAFT = DraftStep(
    act=Act.WRITTEN, name="Camille Martin", role="owner", reason="A month has ended", content=CONTENT, hash="",
    over="a" * 64,
)  # fmt: skip
PUBLISHED = partial(DraftStep, act=Act.PUBLISHED, name="Claude Roy", role="dpo", hash=CONTENT.hash, over=DRAFT.over)


class Replicas:
    """State directories with the same secrets, on one schema."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.named = StoreSettings(url=server.url, schema=schema_of(folder))
        self.states = [folder / "one", folder / "two"]
        first = Secrets.open(self.states[0])
        self.states[1].mkdir()
        shutil.copy2(where.secrets(self.states[0]), where.secrets(self.states[1]))
        self.own = first
        self.files = [beside(StoreSettings(), state, first) for state in self.states]
        self.opened: list[Beside] = []

    def there(self) -> Beside:
        """Open what is beside the trail as one replica does."""
        made = beside(self.named, self.states[0], self.own, keep=True)
        self.opened.append(made)
        return made

    def point(self) -> None:
        for state in self.states:
            point(self.named, state)


@pytest.fixture
def replicas(tmp_path: Path, server: Server) -> Iterator[Replicas]:
    made = Replicas(tmp_path, server)
    yield made
    for one in made.opened:
        one.close()


def grant(docket: Docket, matter: str, name: str = "Dominique Petit", role: str = "dpo") -> Step:
    return docket.decide(matter, Kind.EXCEPTION, Move.GRANTED, name=name, role=role, now=NOW)


def test_what_is_asked_at_one_replica_is_decided_at_another_by_the_same_two_persons(replicas: Replicas) -> None:
    one, two = replicas.there().docket, replicas.there().docket
    before = one.steps.look()
    matter = one.ask(ASKED, NOW).matter
    assert two.steps.look() != before
    with pytest.raises(DocketUnusable, match="another person in another role"):
        grant(two, matter, "camille  martin")
    grant(two, matter)
    assert [found.state for found in one.matters()] == ["granted"]
    assert [step.move for _, step in one.untold()] == [Move.ASKED, Move.GRANTED]
    before = two.steps.look()
    for seq, _ in one.untold():
        one.told(seq)
    assert two.steps.look() != before
    assert (two.untold(), two.matters()[0].trailed) == ((), True)


def test_many_who_ask_at_once_leave_one_chain(replicas: Replicas) -> None:
    dockets = [replicas.there().docket for _ in range(2)]
    threads = [threading.Thread(target=dockets[n % 2].ask, args=(ASKED, NOW)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(dockets[0].matters()) == 8


def test_a_step_that_was_changed_by_hand_refuses(replicas: Replicas) -> None:
    docket = replicas.there().docket
    docket.ask(ASKED, NOW)
    with docket.steps.writing() as book:
        book.add(b"{}", b"s" * 64)
    with pytest.raises(DocketUnusable, match="was not written by this gateway"):
        docket.matters()


def test_a_step_that_fails_half_way_writes_nothing(replicas: Replicas) -> None:
    docket = replicas.there().docket

    def half() -> None:
        with docket.steps.writing() as book:
            book.add(b"{}", b"s" * 64)
            raise KeyError

    with pytest.raises(KeyError):
        half()
    assert docket.matters() == ()


def test_two_replicas_put_each_step_on_the_trail_once(replicas: Replicas) -> None:
    clock, own = StandingClock(), replicas.own
    docket = replicas.there().docket
    for _ in range(3):
        docket.ask(ASKED, NOW)
    ask_names(docket, name="Paul Durand", role="auditor", why="CASE-7", page="/exceptions", now=NOW)

    async def work() -> None:
        stores = [
            PostgresStore(str(replicas.named.url), schema=replicas.named.schema, signer=own.signer(), clock=clock)
            for _ in replicas.states
        ]
        for store in stores:
            await store.start()
        await asyncio.gather(*(tell_trail(replicas.there().docket, store, clock, own) for store in stores))
        for store in stores:
            await store.integrated()
            await store.close()

    run(work())
    replicas.point()
    assert docket.untold() == ()
    with closing(open_reader(replicas.states[0])) as trail:
        actions = [parse(data).body["action"] for _, data, _ in trail.rows(0, trail.size())]
    assert sorted(map(str, actions)) == ["exception_asked"] * 3 + ["names_shown"]


def test_what_is_drafted_at_one_replica_is_published_at_another_and_in_force_at_both(replicas: Replicas) -> None:
    one, two = replicas.there().drafts, replicas.there().drafts
    before = two.steps.look()
    id_ = one.write(DRAFT, NOW).draft
    with pytest.raises(DocketUnusable, match="another person approves it"):
        two.approve(id_, CONTENT.hash, name="camille martin", role="dpo", person="", now=NOW)
    two.approve(id_, CONTENT.hash, name="Dominique Petit", role="dpo", person="", now=NOW)
    two.publish(PUBLISHED(draft=id_), NOTHING.hash, NOW)
    assert [kept.in_force() for kept in (one, two)] == [NOTHING, NOTHING], "the trail does not have it yet"
    for seq, _ in one.news():
        one.told(seq)
    assert [kept.in_force() for kept in (one, two)] == [CONTENT, CONTENT]
    assert two.steps.look() != before
    assert replicas.there().docket.matters() == (), "drafts are no matters"


def test_files_of_both_replicas_are_taken_over_once_and_nothing_is_lost(replicas: Replicas) -> None:
    for number, files in enumerate(replicas.files):
        matter = files.docket.ask(ASKED, NOW).matter
        grant(files.docket, matter)
        if not number:
            for seq, _ in files.docket.untold():
                files.docket.told(seq)
        files.docket.ask(ASKED, NOW)
        files.tokens.create(f"Anne {number}", Role.DPO, NOW)
        files.drafts.write(DRAFT, NOW)
    files = replicas.files[0]
    files.tokens.revoke(files.tokens.list()[0].id)
    said = [(m.asked.matter, m.state, m.trailed) for files in replicas.files for m in files.docket.matters()]
    tokens = [token for files in replicas.files for token in files.tokens.list()]
    assert [take_over(replicas.named, state, replicas.own) for state in replicas.states] == [(4, 1), (4, 1)]
    there = replicas.there()
    assert [(m.asked.matter, m.state, m.trailed) for m in there.docket.matters()] == said
    assert [draft.content for draft in there.drafts.drafts()] == [CONTENT, CONTENT]
    assert {token.id: token for token in there.tokens.list()} == {token.id: token for token in tokens}
    for state in replicas.states:
        assert not where.docket(state).exists()
        assert where.docket(state).with_name("docket.db.carried").exists()
        assert where.admin(state).with_name("admin.db.carried").exists()
        assert where.drafts(state).with_name("rules.db.carried").exists()
        assert take_over(replicas.named, state, replicas.own) == (0, 0)
    where.docket(state).with_name("docket.db.carried").rename(where.docket(state))
    assert take_over(replicas.named, state, replicas.own) == (0, 0), "what is there already stays once"


def test_a_token_made_at_one_replica_opens_another_and_revoked_there_refuses_here(replicas: Replicas) -> None:
    replicas.point()
    one, two = (tokens_at(state, replicas.own) for state in replicas.states)
    made, secret = one.create("Anne", Role.ADMIN, NOW)
    assert two.whose(secret.reveal(), NOW) == made
    two.revoke(made.id)
    assert one.list()[0].revoked
    assert all(any_tokens(state) and any_docket(state) for state in replicas.states)


def test_a_database_that_is_away_refuses(replicas: Replicas, tmp_path: Path) -> None:
    away = beside(StoreSettings(url="postgresql://nobody@127.0.0.1:1/none"), tmp_path, replicas.own)
    with pytest.raises(DocketUnusable):
        away.docket.matters()
    with pytest.raises(TokensUnusable):
        away.tokens.list()
    with pytest.raises(DocketUnusable):
        away.drafts.in_force()
    assert (away.docket.steps.look(), away.drafts.steps.look()) == ((), ())


def test_migrate_carries_keys_docket_drafts_and_tokens_with_the_trail(replicas: Replicas) -> None:
    state, files = replicas.states[0], replicas.files[0]
    key, _ = KeyTable(where.keys(state), replicas.own).create(ApplicationId("mail"), NOW)
    matter = files.docket.ask(ASKED, NOW).matter
    draft = files.drafts.write(DRAFT, NOW).draft
    files.tokens.create("Anne", Role.DPO, NOW)

    async def write() -> None:
        store = store_of(StoreSettings(), state, signer=replicas.own.signer(), clock=StandingClock(), mark=None)
        await store.start()
        await tell_trail(files.docket, store, StandingClock(), replicas.own)
        await store.close()

    run(write())
    words = ["migrate", "--to", str(replicas.named.url), "--schema", replicas.named.schema, "--state-dir", str(state)]
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["entries"], told["keys"], told["steps"], told["admin_tokens"]) == (1, 1, 2, 1)
    replicas.point()
    (found,) = docket_of(state, replicas.own).matters()
    assert (found.asked.matter, found.trailed) == (matter, True)
    assert [one.id for one in drafts_of(state, replicas.own).drafts()] == [draft]
    assert table_of(state, replicas.own).list() == (key,)
    assert [token.name for token in tokens_at(state, replicas.own).list()] == ["Anne"]
