"""Two gateways on one PostgreSQL: one log, whatever reads it, and a database that goes away and comes back."""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import openai
import pytest

from ecluse.app import clock, grounds
from ecluse.edge.amendment import NOTHING
from ecluse.edge.amendments.office import Office, Who
from ecluse.edge.config import load
from ecluse.edge.stores.opening import open_reader
from ecluse.passage.record import parse
from simulators.fleet import running
from tests.edge.gateway import HOUSE_RULE, SCALEWAY, Gateway, plans
from tests.edge.stores.postgres_server import Server, postgres_server

QUESTION = [{"role": "user", "content": "What is a lock on a canal?"}]


def ask(made: Gateway, key: str) -> int:
    with made.client(key) as client:
        try:
            client.chat.completions.create(model="auto", messages=QUESTION)  # type: ignore[arg-type] # a plain dict
        except openai.APIStatusError as error:
            return error.status_code
    return 200


def answers_within(seconds: float, made: Gateway, key: str, status: int) -> None:
    deadline = time.monotonic() + seconds
    while ask(made, key) != status:
        assert time.monotonic() < deadline, made.log
        time.sleep(0.1)


def told(made: Gateway, *words: str) -> object:
    done = made.command(*words, "--state-dir", str(made.state), "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def what_two_persons_decide_at_two_replicas_counts_at_both(one: Gateway, two: Gateway) -> None:
    asked = one.command(
        "exceptions", "request", "--application", "mail", "--rule", "gdpr.transfer", "--destination", SCALEWAY,
        "--ground", "A pilot", "--ends", "2026-12-20", "--by", "Camille Martin", "--role", "owner",
        "--config", str(one.folder / "ecluse.toml"),
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr
    matter, who = asked.stdout.split()[0], ("--by", "Dominique Petit", "--role", "dpo")
    granted = two.command("exceptions", "approve", matter, *who, "--config", str(two.folder / "ecluse.toml"))
    assert granted.returncode == 0, granted.stderr
    deadline = time.monotonic() + 60
    while not all("took what changed" in made.log for made in (one, two)):
        assert time.monotonic() < deadline, one.log + two.log
        time.sleep(0.1)
    for replica in (one, two):
        listed = replica.command("exceptions", "list", "--json", "--config", str(replica.folder / "ecluse.toml"))
        (found,) = json.loads(listed.stdout)
        assert (found["exception"], found["state"]) == (matter, "in force")
        assert not (replica.state / "docket.db").exists()


@contextmanager
def two_replicas(folder: Path) -> Iterator[tuple[Server, Gateway, Gateway]]:
    with postgres_server() as server, running(plans([SCALEWAY])) as fleet:
        extra = f'[store]\nurl = "{server.url}"\n'
        one, two = (
            Gateway(folder=folder / name, fleet=fleet, order=(SCALEWAY,), extra=extra) for name in ("one", "two")
        )
        try:
            for made in (one, two):
                made.folder.mkdir()
            one.start()
            two.state.mkdir()
            shutil.copy2(one.state / "secrets", two.state / "secrets")
            two.start()
            yield server, one, two
        finally:
            one.stop()
            two.stop()


@pytest.mark.long
def test_rules_published_at_one_replica_decide_at_the_other_and_at_its_next_start(tmp_path: Path) -> None:
    with two_replicas(tmp_path) as (_, one, two):
        key = one.key("mail")
        answers_within(5, two, key, 200)
        offices = []
        for made in (one, two):
            settings = load(made.folder / "ecluse.toml")
            offices.append(Office(settings, grounds(settings), clock(settings).now()))
        content = offices[0].composed(NOTHING, "region", "house_rules", HOUSE_RULE)
        draft = offices[0].write(content, "Decision of the board", Who(name="A", role="dpo")).draft
        offices[1].approve(draft, content.hash, Who(name="B", role="security"))
        offices[1].publish(draft, Who(name="A", role="dpo"))
        for made in (one, two):
            answers_within(20, made, key, 403)
        with closing(open_reader(one.state)) as trail:
            told = [parse(data).body.get("action") for _, data, _ in trail.rows(0, trail.size())]
        assert [action for action in told if str(action).startswith("rules_")] == [
            "rules_written", "rules_approved", "rules_published",
        ]  # fmt: skip
        assert not [made for made in (one, two) if (made.state / "rules.db").exists()]
        one.stop()
        one.start()
        assert ask(one, key) == 403


@pytest.mark.long
def test_two_replicas_keep_one_log_and_a_database_that_is_away_refuses(tmp_path: Path) -> None:
    with two_replicas(tmp_path) as (server, one, two):
        key = one.key("mail")
        for made in (one, two):
            answers_within(5, made, key, 200)  # a key is known within a second
        assert [ask(made, key) for made in (one, two)] == [200] * 2
        report = told(two, "trail", "verify")
        assert isinstance(report, dict)
        assert report["intents"] == 4
        usage = told(one, "usage")
        assert isinstance(usage, dict)
        assert sum(line["passages"] for line in usage["usage"]) == 4

        later = two.command("keys", "create", "--application", "mail", "--state-dir", str(two.state), "--json")
        made = json.loads(later.stdout)
        answers_within(3, one, made["key"], 200)
        one.command("keys", "revoke", made["id"], "--state-dir", str(one.state))
        for replica in (one, two):
            answers_within(3, replica, made["key"], 401)
        assert not (one.state / "keys.db").exists()

        what_two_persons_decide_at_two_replicas_counts_at_both(one, two)

        server.stop()
        assert ask(one, key) == 503
        server.start()
        deadline = time.monotonic() + 20
        while ask(two, key) != 200 or ask(one, key) != 200:
            assert time.monotonic() < deadline, one.log + two.log
            time.sleep(0.2)
        one.stop()
        two.stop()
        assert isinstance(report := told(one, "trail", "verify"), dict)
        assert report["outcomes"] >= 6
        assert str(server.url) not in one.log
