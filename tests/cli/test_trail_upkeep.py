"""`ecluse trail export`, `fsck`, `erase`, `prune`: the record for other tools, its upkeep, what may be forgotten."""

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli import trail
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Opening
from ecluse.edge.erasure import DAY, prune
from ecluse.edge.keys import state as where
from ecluse.edge.stores.sqlite import SqliteStore
from ecluse.passage.record import canonical
from ecluse.passage.record.merkle import leaf_hash
from tests.cli.test_trail import StandingClock, Trail
from tests.passage.record import samples

WHO = ("--by", "dpo", "--why", "DSR-2026-14")


class Opened(Trail):
    """A trail whose intents have openings."""

    def write(self, first: int, count: int) -> None:
        async def work() -> None:
            store = SqliteStore(where.trail(self.folder), signer=self._own.signer(), clock=StandingClock())
            await store.start()
            for number in range(first, first + count):
                await store.append(samples.intent(number), Opening(salt=bytes([number]) * 32))
                await store.append(samples.outcome(number))
            await store.append(samples.refusal(1000 + first))
            await store.close()

        asyncio.run(work())

    def openings(self) -> int:
        with sqlite3.connect(where.trail(self.folder)) as db:
            count: int = db.execute("SELECT count(*) FROM openings").fetchone()[0]
        db.close()
        return count

    def trail_bytes(self) -> bytes:
        return b"".join(path.read_bytes() for path in self.folder.glob("trail.db*"))


@pytest.fixture
def kept(tmp_path: Path) -> Opened:
    made = Opened(tmp_path / "state")
    made.write(1, 5)
    return made


# ------------------------------------------------------------------ export
def test_an_export_in_json_lines_has_each_entrys_bytes_and_closes_with_its_checkpoint(kept: Opened) -> None:
    *lines, last = kept.run("export").stdout.splitlines()
    assert [json.loads(line)["index"] for line in lines] == list(range(11))
    assert lines[0] == f'{{"index":0,"entry":{canonical(samples.intent(1)).decode()}}}'
    assert json.loads(last)["checkpoint"] == kept.run("checkpoint").stdout
    assert len(kept.run("export", "--from", "9").stdout.splitlines()) == 3


def test_an_export_for_syslog_is_a_line_of_rfc_5424_for_each_entry(kept: Opened, tmp_path: Path) -> None:
    out = tmp_path / "lines"
    result = kept.run("export", "--format", "syslog", "--out", str(out))
    assert (result.exit_code, result.stderr) == (0, f"{out}: 11 entries, under a checkpoint of 11\n")
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith('<110>1 2026-11-24T12:00:00.000Z - ecluse - intent - {"index":0,"entry":{')
    assert lines[10].startswith("<109>1 ")
    assert kept.run("export", "--out", str(out)).exit_code == 2  # a file is never written over


def test_an_export_to_parquet_has_the_fields_as_columns(kept: Opened, tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet", reason="NO PYARROW HERE: the extra parquet")
    out = tmp_path / "trail.parquet"
    result = kept.run("export", "--format", "parquet", "--out", str(out))
    assert (result.exit_code, result.stderr) == (0, f"{out}: 11 entries, under a checkpoint of 11\n")
    rows = pq.read_table(out).to_pylist()
    assert [row["index"] for row in rows] == list(range(11))
    assert (rows[0]["kind"], rows[0]["destination"], rows[0]["found"]) == (
        "intent",
        samples.HERE,
        ["national_id", "personal"],
    )
    assert rows[0]["at"].isoformat() == "2026-11-24T12:00:00+00:00"
    assert (rows[1]["tokens_in"], rows[1]["found"], rows[1]["masked"]) == (12, None, None)
    assert leaf_hash(rows[10]["entry"]) == leaf_hash(canonical(samples.refusal(1001)))
    assert kept.run("export", "--format", "parquet").exit_code == 2


# ------------------------------------------------------------------ fsck
def test_a_trail_that_is_sound_says_so(kept: Opened) -> None:
    assert kept.run("fsck").stdout == "11 entries and everything beside them agree.\n"
    assert kept.json("fsck") == {"sound": True, "size": 11, "findings": []}


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE entries SET leaf = zeroblob(32) WHERE idx = 4", "log: Entry 4: its bytes are not those"),
        ("UPDATE entries SET passage = 'x' WHERE idx = 4", "entries: the columns of row 4"),
        ("INSERT INTO nodes VALUES (8, 0, zeroblob(32))", "nodes: level 8, index 0 stands for entries"),
        ("INSERT INTO unsettled (passage, destination) VALUES ('x', 'y')", "unsettled: passage x is listed"),
        ("INSERT INTO openings VALUES (1, zeroblob(32))", "openings: row 1 opens no intent"),
    ],
)
def test_fsck_refuses_what_does_not_agree_and_names_the_row(kept: Opened, statement: str, said: str) -> None:
    kept.tamper(statement)
    result = kept.run("fsck")
    assert (result.exit_code, said in result.stdout) == (1, True), result.stdout


def test_fsck_names_a_node_that_is_not_the_hash_below_it(tmp_path: Path) -> None:
    large = Trail(tmp_path / "state")
    large.write(0, 130)
    assert large.run("fsck").exit_code == 0
    large.tamper("UPDATE nodes SET hash = zeroblob(32)")
    assert "nodes: level 8, index 0 is not the hash of what is below it" in large.run("fsck").stdout


# ------------------------------------------------------------------ erasure
def test_an_erased_opening_is_gone_from_the_disk_and_every_proof_of_its_entry_still_holds(
    kept: Opened, tmp_path: Path
) -> None:
    target = samples.intent(3)
    receipt = tmp_path / "receipt"
    receipt.write_text(kept.run("prove", target.id).stdout, encoding="utf-8")
    assert bytes([3]) * 32 in kept.trail_bytes()
    result = kept.run("erase", target.id, *WHO)
    assert result.stdout.startswith("1 openings erased"), result.output
    assert bytes([3]) * 32 not in kept.trail_bytes()
    assert bytes([2]) * 32 in kept.trail_bytes()
    assert kept.run("verify", "--receipt", str(receipt)).exit_code == 0
    assert kept.json("verify")["admins"] == 1
    [told] = kept.json("show", "--last", "1")
    assert told["body"] == {
        "action": "openings_erased",
        "actor": "dpo",
        "subject": target.id,
        "facts": {"why": "DSR-2026-14", "openings": 1},
    }
    assert kept.run("erase", target.id, *WHO).exit_code == 1
    assert kept.json("fsck")["sound"]


def test_the_openings_of_an_application_are_erased_together_before_a_day(kept: Opened) -> None:
    name = samples.APPLICATION.id
    assert kept.run("erase", "--application", name, "--before", "2026-11-24", *WHO).exit_code == 1
    assert kept.openings() == 5
    assert kept.json("erase", "--application", name, "--before", "2026-11-25", *WHO) == {"erased": 5}
    assert (kept.openings(), kept.json("verify")["holds"]) == (0, True)


@pytest.mark.parametrize(
    "words",
    [
        ["--by", "dpo", "--why", "DSR-1"],
        ["x", "--application", "y", "--by", "dpo", "--why", "DSR-1"],
        ["x", "--by", "Jeanne Martin", "--why", "DSR-1"],
        ["--application", "y", "--before", "yesterday", "--by", "dpo", "--why", "DSR-1"],
    ],
    ids=str,
)
def test_erase_refuses_what_it_cannot_do_and_erases_nothing(kept: Opened, words: list[str]) -> None:
    assert kept.run("erase", *words).exit_code == 2
    assert kept.openings() == 5


def test_retention_erases_what_is_older_than_its_organisation_keeps_it(kept: Opened) -> None:
    store = SqliteStore(where.trail(kept.folder), signer=kept._own.signer(), clock=StandingClock())

    async def work() -> list[int]:
        await store.start()
        own, after = samples.ORGANISATION.id, Instant(samples.NOW + 31 * DAY)
        found = [(await prune(store, {own: days}, now=after))[own] for days in (32, 30, 30)]
        found.append((await prune(store, {"another": 1}, now=after))["another"])
        await store.close()
        return found

    assert asyncio.run(work()) == [0, 5, 0, 0]
    [told] = kept.json("show", "--last", "1")
    assert told["body"]["facts"] == {"why": "retention:30d", "openings": 5}
    assert (kept.openings(), kept.json("verify")["admins"]) == (0, 1)


def test_prune_refuses_without_a_retention_and_works_with_one(kept: Opened, tmp_path: Path) -> None:
    config = tmp_path / "ecluse.toml"
    base = f'[gateway]\nstate_dir = "{kept.folder}"\n[[organisations]]\nid = "ville"\nname = "V"\nkind = "private"\n'

    def run(text: str) -> Result:
        config.write_text(base + text, encoding="utf-8")
        return CliRunner().invoke(trail.app, ["prune", "--config", str(config), "--json"])

    assert run("").exit_code == 1
    told = run("retention_days = 20000\n")
    assert json.loads(told.stdout) == {"ville": 0}
    assert run("retention_days = 0\n").exit_code == 2
