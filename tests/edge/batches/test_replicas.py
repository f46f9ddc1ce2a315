"""Batches of two gateways on one PostgreSQL: found, read, cancelled at each; one that is killed or paused is followed.

What is counted is what the simulators saw: no line twice, and what each line was told, once.
"""

import json
import secrets
import shutil
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from openai import APIStatusError, NotFoundError, OpenAI

from ecluse.edge.batches.claims import LEASE
from ecluse.edge.keys import state as where
from simulators.brain import Echo
from simulators.faults import Fault, FaultKind
from simulators.fleet import running
from tests.edge.batches.test_batches import CHAT, ended, line, rows, until, upload
from tests.edge.gateway import AZURE, OTHER, Gateway, plans
from tests.edge.stores.postgres_server import Server, postgres_server

SETTINGS = '[store]\nurl = "{url}"\n[batches]\nkeep_hours = 24\nlines = 40\nconcurrent = 2\n'
pytestmark = pytest.mark.long


class Pair:
    """Two gateways, the second started when it is asked for."""

    def __init__(self, folder: Path, server: Server, fleet: Any) -> None:
        self.server, self.fleet = server, fleet
        key = folder / "region.key"
        key.write_text(secrets.token_hex(32), encoding="utf-8")
        extra = SETTINGS.format(url=server.url) + OTHER + f'[capture.region]\nkey = "file:{key}"\ndays = 30\n'
        self.one, self.two = (
            Gateway(folder=folder / name, fleet=fleet, order=(AZURE,), extra=extra) for name in ("one", "two")
        )
        for made in (self.one, self.two):
            made.folder.mkdir()
        self.one.start()
        self.two.state.mkdir()
        shutil.copy2(self.one.state / "secrets", self.two.state / "secrets")
        self.key = self.one.key("mail")
        with self.one.client(self.key) as one:
            until(
                lambda: state_of(one, "batch_none"), lambda found: found == "not_found"
            )  # the key is known within a second

    def begin(self, client: OpenAI, texts: Sequence[str]) -> Any:
        file = upload(client, [line(str(n), text) for n, text in enumerate(texts)])
        return client.batches.create(input_file_id=file.id, endpoint=CHAT, completion_window="24h")

    def sent(self) -> list[str]:
        return [json.dumps(one["body"]) for one in self.fleet[AZURE].lines("request")]


@contextmanager
def pair(folder: Path) -> Iterator[Pair]:
    with postgres_server() as server, running(plans([AZURE]), Echo()) as fleet:
        made = Pair(folder, server, fleet)
        try:
            yield made
        finally:
            made.one.stop()
            made.two.stop()


@pytest.fixture(scope="module")
def gateways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with pair(tmp_path_factory.mktemp("pair")) as made:
        yield made


def texts_of(word: str, many: int) -> list[str]:
    return [f"Which {word} has the number {n} of {many}?" for n in range(many)]


def told(client: OpenAI, batch: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the answers and the errors of a batch; each line is in one of them, once."""
    answers = rows(client, batch.output_file_id) if batch.output_file_id else {}
    errors = rows(client, batch.error_file_id) if batch.error_file_id else {}
    lines = [
        row
        for id_ in (batch.output_file_id, batch.error_file_id)
        if id_
        for row in client.files.content(id_).text.splitlines()
    ]
    assert len(lines) == len(answers) + len(errors) == batch.request_counts.total
    return answers, errors


def test_what_is_begun_at_one_is_found_read_cancelled_and_forgotten_at_the_other(gateways: Pair) -> None:
    gateways.two.start()
    try:
        with gateways.one.client(gateways.key) as one, gateways.two.client(gateways.key) as two:
            begun = gateways.begin(one, texts_of("lock", 4))
            batch = ended(two, begun.id)
            answers, errors = told(two, batch)
            assert (len(answers), errors, batch.status) == (4, {}, "completed")
            assert [one.id for one in two.batches.list()] == [one.id for one in one.batches.list()]
            gateways.fleet.fault(AZURE, Fault(kind=FaultKind.SLOW, seconds=2.0))
            begun = gateways.begin(one, texts_of("weir", 12))
            assert two.batches.cancel(begun.id).status == "cancelling"
            gateways.fleet.fault(AZURE, None)
            batch = ended(one, begun.id)
            assert (batch.status, len(told(one, batch)[1]) >= 8) == ("cancelled", True)
            assert two.files.delete(begun.input_file_id).deleted
            with pytest.raises(NotFoundError):
                one.files.content(begun.input_file_id)
    finally:
        gateways.fleet.fault(AZURE, None)
        gateways.two.stop()
    assert not where.kept(gateways.one.state).exists()


def test_what_is_kept_of_a_call_and_of_a_line_at_one_is_read_and_shredded_at_the_other(gateways: Pair) -> None:
    gateways.two.start()
    try:
        with gateways.one.client(gateways.key) as one:
            line_ = begun_and_ended(gateways, one, "Which quay is this?")
            raw = one.chat.completions.with_raw_response.create(
                model="auto", messages=[{"role": "user", "content": "Which mole is this?"}]
            )
            call = raw.headers["x-ecluse-entry"]
        for entry, words in ((line_, "Which quay is this?"), (call, "Which mole is this?")):
            read = until(
                lambda entry=entry: captured(gateways.two, "read", entry),  # type: ignore[misc] # a default binds it
                lambda done: done.returncode == 0,
            )
            content = json.loads(read.stdout)
            assert (words in content["prompt"], words in content["answer"], content["withheld"]) == (True, True, "")
        shown = gateways.one.command("trail", "show", "--last", "20", "--state-dir", str(gateways.one.state), "--json")
        acts = [
            one["body"]["subject"] for one in json.loads(shown.stdout) if one["body"].get("action") == "capture_read"
        ]
        assert set(acts) == {line_, call}
        assert json.loads(captured(gateways.two, "shred", call).stdout) == {"shredded": 1}
        assert captured(gateways.one, "read", call).returncode == 1
        assert not where.captured(gateways.one.state).exists()
    finally:
        gateways.two.stop()


def begun_and_ended(gateways: Pair, client: OpenAI, text: str) -> str:
    """Have one line answered; return the entry of its intent."""
    answers, _ = told(client, ended(client, gateways.begin(client, [text]).id))
    entry: str = answers["0"]["response"]["request_id"]
    return entry


def captured(made: Gateway, word: str, entry: str) -> Any:
    config = str(made.folder / "ecluse.toml")
    return made.command("capture", word, entry, "--by", "dpo", "--reason", "CASE-7", "--config", config, "--json")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM])
def test_a_gateway_that_dies_stops_or_is_paused_is_followed_and_no_line_is_sent_or_told_twice(
    gateways: Pair, how: signal.Signals
) -> None:
    texts, before = texts_of(f"bridge of {how.name}", 8), len(gateways.sent())
    gateways.fleet.fault(AZURE, Fault(kind=FaultKind.SLOW, seconds=4.0))
    with gateways.one.client(gateways.key) as one:
        begun = gateways.begin(one, texts)
    gateways.two.start()  # the first has it by now
    process = gateways.one.process
    assert process is not None
    try:
        until(lambda: len(gateways.sent()) - before, lambda count: count >= 2)
        process.send_signal(how)
        at = time.monotonic()
        gateways.fleet.fault(AZURE, None)
        with gateways.two.client(gateways.key) as two:
            batch = until(lambda: two.batches.retrieve(begun.id), lambda found: found.status == "completed", 40)
            took = time.monotonic() - at
            print(f"{how.name}: followed and ended after {took:.1f} s")
            if how is signal.SIGTERM:
                assert (process.wait(20), took < LEASE / 1000) == (0, True)  # it let go before it ended
            answers, errors = told(two, batch)
            assert {row["error"]["code"] for row in errors.values()} <= {"batch_interrupted"}
            assert 1 <= len(errors) <= 2
            if how is signal.SIGSTOP:
                process.send_signal(signal.SIGCONT)
                time.sleep(3)  # it ends what it had under way, and may write none of it
            assert told(two, two.batches.retrieve(begun.id)) == (answers, errors)
    finally:
        gateways.fleet.fault(AZURE, None)
        process.send_signal(signal.SIGCONT)
        gateways.one.stop(signal.SIGKILL)
        gateways.one.start()
        gateways.two.stop()
    bodies = str(gateways.sent()[before:])
    assert {bodies.count(text) for text in texts} == {1}
    with gateways.one.client(gateways.key) as one:
        assert told(one, one.batches.retrieve(begun.id)) == (answers, errors)
    verified = gateways.one.command("trail", "verify", "--state-dir", str(gateways.one.state))
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_database_that_goes_in_the_middle_makes_a_batch_wait_and_nothing_is_lost(gateways: Pair) -> None:
    texts, before = texts_of("harbour", 10), len(gateways.sent())
    gateways.fleet.fault(AZURE, Fault(kind=FaultKind.SLOW, seconds=1.5))
    try:
        with gateways.one.client(gateways.key) as one:
            begun = gateways.begin(one, texts)
            until(lambda: len(gateways.sent()) - before, lambda count: count >= 3)
            gateways.server.stop()
            time.sleep(15)  # longer than a lease, and than the keys are known without a look
            gateways.fleet.fault(AZURE, None)
            gateways.server.start()
            gateways.two.start()  # would follow one that had died
            batch = until(
                lambda: state_of(one, begun.id), lambda found: getattr(found, "status", "") == "completed", 60
            )
            answers, errors = told(one, batch)
    finally:
        gateways.fleet.fault(AZURE, None)
        gateways.two.stop()
    assert (len(answers), errors) == (10, {})
    bodies = str(gateways.sent()[before:])
    assert [bodies.count(text) for text in texts] == [1] * 10


def state_of(client: OpenAI, id_: str) -> Any:
    """Return a batch, or the code of an error."""
    try:
        return client.batches.retrieve(id_)
    except APIStatusError as error:
        return error.code
