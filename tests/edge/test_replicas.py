"""Two gateways on one PostgreSQL: one log, whatever reads it, and a database that goes away and comes back."""

import json
import shutil
import time
from pathlib import Path

import openai
import pytest

from simulators.fleet import running
from tests.edge.gateway import SCALEWAY, Gateway, plans
from tests.edge.stores.postgres_server import postgres_server

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


@pytest.mark.long
def test_two_replicas_keep_one_log_and_a_database_that_is_away_refuses(tmp_path: Path) -> None:
    with postgres_server() as server, running(plans([SCALEWAY])) as fleet:
        extra = f'[store]\nurl = "{server.url}"\n'
        folders = [tmp_path / "one", tmp_path / "two"]
        for folder in folders:
            folder.mkdir()
        one, two = (Gateway(folder=folder, fleet=fleet, order=(SCALEWAY,), extra=extra) for folder in folders)
        try:
            one.start()
            key = one.key("mail")
            two.state.mkdir()
            shutil.copy2(one.state / "secrets", two.state / "secrets")
            two.start()
            assert [ask(made, key) for made in (one, two, one, two)] == [200] * 4
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
        finally:
            one.stop()
            two.stop()
        assert isinstance(report := told(one, "trail", "verify"), dict)
        assert report["outcomes"] >= 6
        assert str(server.url) not in one.log
