"""Files and batches lie in one store: a gateway that comes to PostgreSQL carries its file there, or leaves it whole."""

from pathlib import Path

import msgspec
import pytest

from ecluse.domain.snapshot import Instant
from ecluse.edge.batches.kept import Keeping
from ecluse.edge.batches.table import KeptAway
from ecluse.edge.config import StoreSettings
from ecluse.edge.keys import Secrets
from ecluse.edge.keys import state as where
from ecluse.edge.stores.kept_tables import carry_kept, keeping_of
from tests.edge.batches.test_kept import DATA, END, NOW, a_batch, a_file, application
from tests.edge.stores.postgres_server import Server
from tests.edge.stores.test_postgres import schema_of

MOST = 1000


def opened(named: StoreSettings, state: Path, own: Secrets, *, wanted: bool = True) -> Keeping:
    made = keeping_of(named, state, own, MOST, wanted=wanted)
    assert made is not None
    return made


def filled(state: Path, own: Secrets) -> None:
    """Keep a file, and a batch of which a line is under way and another was answered."""
    keeping = opened(StoreSettings(), state, own)
    keeping.put(a_file(), DATA)
    keeping.begin(a_batch())
    token = keeping.claims.take("batch_1")
    batch = msgspec.structs.replace(a_batch(), token=token)
    keeping.start(batch, 1, "m")
    keeping.answer(batch, 2, b"told\n", good=True, now=NOW)
    keeping.close()


def test_what_was_in_a_file_is_on_postgresql_with_its_open_lines_and_the_file_is_gone(
    server: Server, tmp_path: Path
) -> None:
    state, named = tmp_path / "state", StoreSettings(url=server.url, schema=schema_of(tmp_path))
    own = Secrets.open(state)
    filled(state, own)
    assert carry_kept(StoreSettings(), state, own) == (0, 0)
    assert carry_kept(named, state, own) == (1, 1)
    assert not where.kept(state).exists()
    keeping = opened(named, state, own)
    batch, input_, begun = keeping.whole("batch_1", NOW)
    assert (batch.metadata, input_, begun) == ({"who": "Camille"}, (a_file(), DATA), {1: False, 2: True})
    assert list(keeping.answers(batch, good=True, now=NOW)) == [b"told\n"]
    assert [(free.id, free.left) for free in keeping.claims.free()] == [("batch_1", False)]
    keeping.close()


def test_what_is_there_already_stays_as_it_is_there(server: Server, tmp_path: Path) -> None:
    state, named = tmp_path / "state", StoreSettings(url=server.url, schema=schema_of(tmp_path))
    own = Secrets.open(state)
    filled(state, own)
    carry_kept(named, state, own)
    keeping = opened(named, state, own)
    batch = msgspec.structs.replace(a_batch(), token=keeping.claims.take("batch_1"))
    keeping.finish(batch, "completed", {}, NOW)
    filled(state, own)  # a copy of before comes back
    assert carry_kept(named, state, own) == (0, 0)
    assert keeping.batch(application(), "batch_1", NOW).completed == 1
    assert keeping.whole("batch_1", NOW)[2] == {}
    keeping.close()


def test_a_store_that_refuses_leaves_the_file(server: Server, tmp_path: Path) -> None:
    state, named = tmp_path / "state", StoreSettings(url=server.url, schema=schema_of(tmp_path))
    own = Secrets.open(state)
    carry = opened(named, tmp_path / "other", Secrets.open(tmp_path / "other"))  # the log of another gateway
    carry.anything()
    carry.close()
    filled(state, own)
    with pytest.raises(KeptAway, match="TrailDamaged"):
        carry_kept(named, state, own)
    keeping = opened(StoreSettings(), state, own)
    assert keeping.file(application(), "file-1", NOW) == a_file()
    keeping.close()


def test_where_nothing_is_wanted_any_more_a_store_is_open_until_all_has_ended(server: Server, tmp_path: Path) -> None:
    state, named = tmp_path / "state", StoreSettings(url=server.url, schema=schema_of(tmp_path))
    own = Secrets.open(state)
    assert keeping_of(StoreSettings(), state, own, MOST, wanted=False) is None
    assert keeping_of(named, state, own, MOST, wanted=False) is None
    filled(state, own)
    carry_kept(named, state, own)
    keeping = opened(named, state, own, wanted=False)
    assert keeping.ended(Instant(END + 1)) == [("file-1", "mail")]
    keeping.close()
    assert keeping_of(named, state, own, MOST, wanted=False) is None
