"""Each world writes a month that verifies, holds what its tour promises, and is the same each time."""

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from demo.worlds.authority import write_authority
from demo.worlds.contesting import open_contests
from demo.worlds.ground import World
from demo.worlds.play import NAMES, Step, play
from demo.worlds.rhythm import LAST
from demo.worlds.seeding import PASSAGES, Month, seed
from demo.worlds.slots import DRAWS, slots
from demo.worlds.tour import Places, arguments_of, tour
from ecluse.app import clock, grounds
from ecluse.cli.main import app
from ecluse.console.ground import Ground
from ecluse.domain.trail import Entry, EntryKind
from ecluse.edge.config import load
from ecluse.edge.stores.reader import TrailReader
from ecluse.passage.record import parse
from simulators.journal import Line
from simulators.simulator import LISTENERS, Plan
from tests.console.running import Console, running
from tests.demo.masked import sent_masked, shown

SMALL = 60
A_DECISION = re.compile(r'href="/decisions/[0-9a-f]{32}')


@dataclass(frozen=True, kw_only=True)
class Written:
    """A world whose month was written."""

    world: World
    month: Month
    entries: list[Entry]
    sent: list[Line]

    def of(self, kind: EntryKind, **body: object) -> list[Entry]:
        return [e for e in self.entries if e.kind is kind and all(e.body.get(name) == v for name, v in body.items())]

    def refused_by(self, rule: str) -> list[Entry]:
        return [e for e in self.of(EntryKind.REFUSAL) if rule in str(e.body["refused_by"])]


def write(name: str, folder: Path, passages: int = SMALL) -> Written:
    world = World(name, folder)
    world.wipe()
    sent: list[Line] = []

    def hear(_plan: Plan, line: Line) -> None:
        sent.append(line)

    LISTENERS.append(hear)
    try:
        written = asyncio.run(seed(world, passages, lambda _done, _due, _day: None))
    finally:
        LISTENERS.remove(hear)
    if world.play.private_ca:
        write_authority(world.authority)
    world.settle(dict.fromkeys((stand.name for stand in world.stands), ""), 8090)
    open_contests(world)
    reader = TrailReader.open(world.state / "trail.db")
    entries = [parse(data) for _, data, _ in reader.rows(0, reader.size())]
    reader.close()
    return Written(world=world, month=written, entries=entries, sent=sent)


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Written]:
    return cache(lambda name: write(name, tmp_path_factory.mktemp(name) / "world"))


@pytest.fixture(scope="session")
def console(written: Callable[[str], Written]) -> Iterator[Callable[[str], Console]]:
    with_ends = []

    @cache
    def opened(name: str) -> Console:
        stated = load(written(name).world.file)
        over = Ground(settings=stated, base=grounds(stated), clock=clock(stated))
        ending = running(over)
        with_ends.append(ending)
        return ending.__enter__()

    yield opened
    for ending in with_ends:
        ending.__exit__(None, None, None)


def steps(kind: str) -> list[tuple[str, Step]]:
    return [(name, step) for name in NAMES for step in play(name).tour if getattr(step, kind)]


def named(case: object) -> str:
    return case if isinstance(case, str) else getattr(case, "page", "") or getattr(case, "command", "step")


@pytest.mark.parametrize("name", NAMES)
def test_a_month_verifies_and_every_destination_in_it_is_marked_as_simulated(
    name: str, written: Callable[[str], Written]
) -> None:
    one = written(name)
    done = CliRunner().invoke(app, ["trail", "verify", "--state-dir", str(one.world.state)])
    assert done.exit_code == 0, done.output
    assert one.month.entries == len(one.entries) > one.month.passages
    assert {entry.body["simulated"] for entry in one.of(EntryKind.INTENT)} == {True}
    assert {entry.body["status"] for entry in one.of(EntryKind.OUTCOME)} <= {"done", "failed"}


@pytest.mark.parametrize(("name", "step"), steps("page"), ids=named)
def test_a_page_of_the_tour_is_there_and_shows_what_it_promises(
    name: str, step: Step, console: Callable[[str], Console]
) -> None:
    page = console(name).get(step.page)
    if step.page.startswith("/decisions"):
        assert A_DECISION.search(page), step.page


@pytest.mark.parametrize(("name", "step"), steps("command"), ids=named)
def test_a_command_of_the_tour_ends_as_it_says(name: str, step: Step, written: Callable[[str], Written]) -> None:
    done = CliRunner().invoke(app, arguments_of(written(name).world, step))
    assert done.exit_code == step.code, done.output


def test_the_same_seed_gives_the_same_entries(written: Callable[[str], Written], tmp_path: Path) -> None:
    assert write("banque", tmp_path / "again").entries == written("banque").entries


def test_a_rule_under_observation_lets_pass_and_an_exception_counts_for_its_days(
    written: Callable[[str], Written],
) -> None:
    dpo = written("dpo")
    assert any("neutrality.control" in str(entry.body["observed"]) for entry in dpo.of(EntryKind.INTENT))
    assert dpo.refused_by("neutrality.control") == []
    lifted = [e.at[:10] for e in dpo.of(EntryKind.INTENT) if "base.secret" in str(e.body["observed"])]
    assert lifted
    assert all("2026-11-16" <= day <= "2026-11-20" for day in lifted)
    assert all(not "2026-11-16" <= e.at[:10] <= "2026-11-20" for e in dpo.refused_by("base.secret"))
    assert {e.body["action"] for e in dpo.of(EntryKind.ADMIN)} == {"exception_in_force"}


def test_an_exception_of_the_settings_that_has_ended_stays_in_the_history(console: Callable[[str], Console]) -> None:
    standing, over = console("dpo").get("/exceptions").split('id="closed"')
    assert ("EXC-2026-03" in standing, "EXC-2026-05" in standing) == (True, False)
    assert ("EXC-2026-05" in over, "Nothing yet." in over) == (True, False)
    assert "<td>les réglages</td>" in console("dpo").get("/trail?lang=fr")


def test_a_credential_never_leaves_and_is_not_kept(written: Callable[[str], Written]) -> None:
    rssi = written("rssi")
    assert len(rssi.refused_by("base.credential")) >= 20
    assert [e for e in rssi.of(EntryKind.INTENT) if "credential" in str(e.body["found"])] == []
    kept = [file for file in rssi.world.folder.rglob("*") if file.is_file() and b"AKIA" in file.read_bytes()]
    assert kept == []


def test_what_left_during_the_slip_is_refused_on_other_days(written: Callable[[str], Written]) -> None:
    rssi = written("rssi")
    left = [e.at for e in rssi.of(EntryKind.INTENT) if "neutrality.control" in str(e.body["observed"])]
    assert left
    assert all("2026-11-10T08:30" <= at < "2026-11-12T16:00" for at in left)
    assert rssi.refused_by("neutrality.control")


def test_while_the_towns_server_is_down_nothing_leaves_the_permit(written: Callable[[str], Written]) -> None:
    town = written("collectivite")
    down = [e for e in town.of(EntryKind.OUTCOME) if e.body["code"] == "no_permitted_destination_alive"]
    assert down
    assert all("2026-11-17T06" <= e.at < "2026-11-19T06" for e in down)
    own = "self_hosted/own_premises/mistral-small-3.2"
    unreadable = [e for e in town.of(EntryKind.INTENT) if "unreadable" in str(e.body["found"])]
    assert {e.body["destination"] for e in unreadable} == {own}
    assert town.of(EntryKind.INTENT, destination="scaleway/generative-apis/mistral-small-3.2")
    assert town.of(EntryKind.INTENT, masked=True)
    assert town.refused_by("hds.host")


def test_a_bank_masks_payments_and_refuses_without_an_exit(written: Callable[[str], Written]) -> None:
    bank = written("banque")
    masked = bank.of(EntryKind.INTENT, masked=True)
    assert any("payment" in str(entry.body["found"]) for entry in masked)
    assert {e.body["application"] for e in bank.refused_by("dora.exit")} == {"banque-pilote"}
    assert any(entry.body["restored"] for entry in bank.of(EntryKind.OUTCOME))


@pytest.mark.parametrize("name", ["dpo", "collectivite", "banque"])
def test_what_a_month_sends_masked_shows_no_value_of_its_texts(name: str, written: Callable[[str], Written]) -> None:
    one = written(name)
    masked = sent_masked(one.entries, one.sent)
    assert masked
    assert [found for line in masked for found in shown(line)] == []
    assert any(shown(line) for line in one.sent if line not in masked)


@pytest.mark.parametrize("name", NAMES)
def test_a_world_names_only_what_there_is(name: str) -> None:
    one = play(name)
    assert {slot for traffic in one.traffic for text in traffic.texts for slot in slots(text)} <= set(DRAWS)
    assert 3 <= len(one.tour) <= 9
    assert all(step.page or step.command for step in one.tour)


def test_the_tour_has_each_step_in_both_languages(written: Callable[[str], Written]) -> None:
    one = written("rssi")
    places = Places(gateway="http://g", console="http://c", entrance="http://c/login#x", witness="http://w")
    told = "\n".join(tour(one.world, places, one.month.keys))
    assert all(step.says.fr in told and step.says.en in told for step in one.world.play.tour)
    assert "SIMULATED" in told
    assert all(key in told for key in one.month.keys.values())


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_a_whole_month_has_thousands_of_entries(name: str, tmp_path: Path) -> None:
    one = write(name, tmp_path / name, PASSAGES)
    assert one.month.entries > 7_000
    assert len({entry.at[:10] for entry in one.entries}) > 20
    assert max(entry.at for entry in one.entries) < f"{LAST.isoformat()}T12:00"
