"""Heads leave the gateway: to the mark beside the trail and to a witness, and what either knows is held against it."""

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner

from ecluse.cli import trail as commands
from ecluse.domain.trail import Entry
from ecluse.edge.config import EgressSettings, SettingsError
from ecluse.edge.keys import Ed25519Signer
from ecluse.edge.keys import state as where
from ecluse.edge.outward import Outward
from ecluse.edge.stores.errors import TrailDamaged
from ecluse.edge.stores.sqlite import SqliteStore
from ecluse.edge.trail_settings import WitnessSettings
from ecluse.edge.witness.cosigning import Witness
from ecluse.edge.witness.door import Door
from ecluse.edge.witness.publishing import Publisher, witnesses_of
from ecluse.edge.witnessed import check_mark, witnessed
from ecluse.passage.record.checkpoint import verify
from ecluse.passage.record.cosign import cosigned_at, cosigner_of
from tests.edge.http.trail_site import KEY, SIGNER, StandingClock, served
from tests.passage.record import samples

WITNESS = Ed25519Signer("dpo.example/witness", bytes(range(32)))
SECONDS = 1_795_521_600


@pytest.fixture
def witness_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(Door(Witness(WITNESS, [KEY], tmp_path_factory.mktemp("witness"), lambda: SECONDS))) as url:
        yield url


async def live(state: Path, entries: Sequence[Entry], url: str | None) -> Publisher:
    """Open a trail, append, show its head to a witness, and close it."""
    known = {url: cosigner_of(WITNESS)} if url else {}
    outward = Outward(EgressSettings())
    store = SqliteStore(where.trail(state), signer=SIGNER, clock=StandingClock(), mark=partial(check_mark, state, KEY))
    publisher = Publisher(log=store, state=state, key=KEY, witnesses=known, outward=outward)
    try:
        await store.start()
        for entry in entries:
            await store.append(entry)
        await asyncio.sleep(0.3)
        await asyncio.to_thread(publisher.mark)
        await publisher.start()
    finally:
        await outward.close()
        await store.close()
        publisher.finish()
        await asyncio.sleep(0.01)
    return publisher


def test_an_old_backup_of_the_trail_is_refused_at_the_start(tmp_path: Path) -> None:
    asyncio.run(live(tmp_path, samples.passages(3), None))
    backup = tmp_path / "backup.db"
    shutil.copy(where.trail(tmp_path), backup)
    asyncio.run(live(tmp_path, samples.passages(9)[7:], None))
    shutil.copy(backup, where.trail(tmp_path))
    with pytest.raises(TrailDamaged, match=r"the trail has 8 entries, but 20 were signed: it was rolled back"):
        asyncio.run(live(tmp_path, [], None))
    with pytest.raises(TrailDamaged, match="rolled back"):  # and the refusal did not lower the mark
        asyncio.run(live(tmp_path, [], None))


def test_another_trail_of_the_same_key_is_refused_at_the_start(tmp_path: Path) -> None:
    asyncio.run(live(tmp_path, samples.passages(3), None))
    where.trail(tmp_path).unlink()
    where.head(tmp_path).rename(tmp_path / "kept")
    asyncio.run(live(tmp_path, samples.passages(5)[1:], None))
    (tmp_path / "kept").rename(where.head(tmp_path))
    with pytest.raises(TrailDamaged, match="the first 8 entries are not those that were signed"):
        asyncio.run(live(tmp_path, [], None))


def test_a_witness_cosigns_and_a_fork_and_a_rollback_show(tmp_path: Path, witness_url: str) -> None:
    state, copy = tmp_path / "state", tmp_path / "copy"
    state.mkdir()
    publisher = asyncio.run(live(state, samples.passages(3), witness_url))
    [note] = publisher.heads()
    assert (cosigned_at(note, cosigner_of(WITNESS)), verify(note, KEY).size) == (SECONDS, 8)
    assert witnessed(state) == [note]
    shutil.copytree(state, copy)
    asyncio.run(live(state, samples.passages(9)[7:], witness_url))
    with pytest.raises(TrailDamaged, match=r"dpo.example/witness saw \d+ entries, and the trail has 8"):
        asyncio.run(live(copy, [], witness_url))  # the whole folder went back, mark and all
    with pytest.raises(TrailDamaged, match=r"saw another log|saw \d+ entries"):
        asyncio.run(live(copy, samples.passages(40)[41:], witness_url))
    origin = httpx2.get(f"{witness_url}/{'0' * 64}/checkpoint", trust_env=False)
    assert origin.status_code == 404


def test_verify_requires_the_witness_that_is_asked_for(tmp_path: Path, witness_url: str) -> None:
    log = tmp_path / "state"
    log.mkdir()
    words = ["verify", "--state-dir", str(log), "--vkey", KEY.vkey, "--witness", cosigner_of(WITNESS).vkey]
    asyncio.run(live(log, samples.passages(9), None))
    told = CliRunner().invoke(commands.app, words)
    assert (told.exit_code, "No checkpoint here carries" in told.stdout) == (1, True)
    asyncio.run(live(log, samples.passages(12)[19:], witness_url))
    told = CliRunner().invoke(commands.app, words)
    assert told.exit_code == 0, told.stdout
    assert "The witness dpo.example/witness saw the same" in told.stdout
    receipt = tmp_path / "receipt"
    receipt.write_text(CliRunner().invoke(commands.app, ["prove", "3", *words[1:5]]).stdout, encoding="utf-8")
    told = CliRunner().invoke(commands.app, [*words, "--receipt", str(receipt)])
    assert (told.exit_code, "dpo.example/witness saw the same" in told.stdout) == (0, True)


def test_a_witness_that_is_away_does_not_stop_the_gateway(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    publisher = asyncio.run(live(tmp_path, samples.passages(1), "http://127.0.0.1:9"))
    assert (publisher.fault, publisher.heads()) == (None, ())
    assert "the witness dpo.example/witness does not cosign now" in capsys.readouterr().err


def test_settings_refuse_a_witness_without_tls_or_with_a_key_of_another_kind() -> None:
    good = cosigner_of(WITNESS).vkey
    assert witnesses_of([WitnessSettings(url="http://127.0.0.1:8090", key=good)])
    for url, key in (("http://witness.example", good), ("https://witness.example", KEY.vkey), ("ftp://x", good)):
        with pytest.raises(SettingsError):
            witnesses_of([WitnessSettings(url=url, key=key)])
