"""`ecluse simulate` and `ecluse incident`: past decisions asked again, and what should not have left."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli.main import app
from ecluse.domain.caller import (
    Application,
    ApplicationId,
    Caller,
    CallerKind,
    KeyId,
    Organisation,
    OrganisationId,
    Purpose,
)
from ecluse.domain.destination import DestinationId, PlaceId
from ecluse.domain.finding import DataClass
from ecluse.domain.request import Surface
from ecluse.domain.snapshot import Instant, SnapshotId
from ecluse.domain.trail import Entry, PassageId
from ecluse.domain.verdict import Choice, Permit, RuleId
from ecluse.edge.keys import Secrets
from ecluse.edge.keys import state as where
from ecluse.edge.stores.sqlite import SqliteStore
from ecluse.packs import policies
from ecluse.passage import record
from ecluse.passage.decide.words import CLASS_NAMES
from tests.passage.record import samples

SETTINGS = """
[gateway]
hosted_on = "own_premises"
country = "FR"
unsafe_pinned_date = 2026-11-24
state_dir = "{state}"

[destinations.base_urls]
"outscale/own-vm/mistral-small-4" = "http://127.0.0.1:9"

[unsafe_simulators]
"azure/global/mistral-large-3" = "http://127.0.0.1:11"

[[organisations]]
id = "ministry"
name = "A ministry"
kind = "state_administration"
contracts = ["azure"]

[[organisations.applications]]
id = "crisis"
name = "Crisis centre"
purposes = ["drafting"]
analyses = [{{ kind = "register_entry", reference = "1" }}]
"""
OWN = Choice(destination=DestinationId("outscale/own-vm/mistral-small-4"), masked=False)
AZURE = Choice(destination=DestinationId("azure/global/mistral-large-3"), masked=False)
CALLER = Caller(
    application=Application(
        id=ApplicationId("crisis"),
        organisation=Organisation(
            id=OrganisationId("ministry"), name="A ministry", kind=CallerKind.STATE_ADMINISTRATION
        ),
        name="Crisis centre",
        purposes=(Purpose("drafting"),),
    ),
    key=KeyId("key_0011223344556677"),
)
DAY = 86_400_000


def sent(number: int, choice: Choice, found: set[DataClass], *, model: str = "auto", days: int = 0) -> Entry:
    """Return an intent as the trail has it, so many days after the sample's moment."""
    return record.intent(
        id=samples.id_of(number),
        passage=PassageId(samples.id_of(number, "passage")),
        attempt=1,
        now=Instant(samples.NOW + days * DAY),
        caller=CALLER,
        surface=Surface.CHAT,
        purpose=Purpose("drafting"),
        pinned=SnapshotId("then"),
        current=SnapshotId("then"),
        declared=(),
        found=found,
        counts={"person": 2} if found else {},
        choice=choice,
        simulated=True,
        permit=Permit(choices=(choice,), rules=(RuleId("base.contract"),)),
        strategy="order",
        plan=(choice.destination,),
        scores={},
        left_out={},
        model=model,
        places=[PlaceId("own_premises")],
        instruction=False,
        commitment=record.commitment(bytes(32), b"body"),
        size=4,
    )


class StandingClock:
    """A clock that stands."""

    def now(self) -> Instant:
        return samples.NOW


def trail(tmp_path: Path, entries: Sequence[Entry]) -> Path:
    """Write entries to a trail; return the settings that name its folder."""

    async def write(state: Path) -> None:
        store = SqliteStore(where.trail(state), signer=Secrets.open(state).signer(), clock=StandingClock())
        await store.start()
        for entry in entries:
            await store.append(entry)
        await store.close()

    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    asyncio.run(write(state))
    path = tmp_path / "ecluse.toml"
    path.write_text(SETTINGS.format(state=state), encoding="utf-8")
    return path


def run(command: str, config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [command, "--config", str(config), *arguments])


def told(command: str, config: Path, code: int, *arguments: str) -> Any:
    result = run(command, config, *arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def stricter(tmp_path: Path) -> Path:
    """Write the shipped rules and one more, that keeps everything on one's own machines."""
    folder = tmp_path / "rules"
    folder.mkdir()
    sources = policies.load()
    (folder / "schema.cedarschema").write_text(sources.schema, encoding="utf-8")
    for name, text in sources.policies.items():
        (folder / f"{name}.cedar").write_text(text, encoding="utf-8")
    (folder / "house.cedar").write_text(
        '@id("house.own") @reason("Own machines only.") @reason_fr("Nos machines seulement.") @source("House")\n'
        '@basis("house") @mode("enforce")\n'
        'forbid (principal, action == Action::"infer", resource)\n'
        'unless { resource.established.contains(Established::"operated_by_caller") };\n',
        encoding="utf-8",
    )
    return folder


def test_the_same_rules_decide_the_same(tmp_path: Path) -> None:
    config = trail(tmp_path, [sent(1, OWN, set()), sent(2, AZURE, set())])
    document = told("simulate", config, 0)
    assert (document["decisions"], document["fates"]["same"], document["changes"]) == (2, 2, [])


def test_a_stricter_rule_sends_elsewhere_or_refuses_what_named_one_model(tmp_path: Path) -> None:
    config = trail(
        tmp_path, [sent(1, AZURE, set()), sent(2, AZURE, set(), model="mistral-large-3"), sent(3, OWN, set())]
    )
    document = told("simulate", config, 1, "--policy", str(stricter(tmp_path)))
    fates = {one["fate"]: one for one in document["changes"]}
    assert fates["elsewhere"]["choices"] == ["outscale/own-vm/mistral-small-4"]
    assert fates["would_be_refused"]["rules"] == ["house.own"]
    assert document["fates"]["same"] == 1


def test_what_is_no_longer_on_record_is_counted_apart(tmp_path: Path) -> None:
    config = trail(tmp_path, [sent(1, OWN, set(), model="gone-model"), samples.intent(2)])
    document = told("simulate", config, 1)
    assert document["fates"]["cannot_be_asked_again"] == 2


def test_a_range_of_time_leaves_the_rest_out(tmp_path: Path) -> None:
    config = trail(tmp_path, [sent(1, OWN, set()), sent(2, OWN, set(), days=2)])
    day = sent(2, OWN, set(), days=1).at[:10]
    assert told("simulate", config, 0, "--since", day)["decisions"] == 1
    assert told("simulate", config, 0, "--until", day)["decisions"] == 1
    assert told("simulate", config, 0, "--trail", f"..{day}")["decisions"] == 1
    assert told("simulate", config, 0, "--trail", f"2026-01-01..{day}T00:00:00")["decisions"] == 1


@pytest.mark.parametrize("stated", ["last week", "2026-11-01..now", "2026-11-01"])
def test_a_range_that_is_none_is_refused_with_one_to_write(tmp_path: Path, stated: str) -> None:
    result = run("simulate", trail(tmp_path, []), "--trail", stated)
    assert result.exit_code == 2
    assert "2026-11-01" in result.stderr


def test_a_refusal_that_the_rules_no_longer_give_is_told(tmp_path: Path) -> None:
    config = trail(tmp_path, [samples.refusal(1)])
    config.write_text(config.read_text(encoding="utf-8").replace('id = "crisis"', 'id = "courrier"'), encoding="utf-8")
    assert told("simulate", config, 1)["fates"]["cannot_be_asked_again"] == 1


def test_an_incident_names_recipients_findings_and_what_the_law_may_ask(tmp_path: Path) -> None:
    entries = [sent(1, AZURE, {DataClass.HEALTH, DataClass.PERSONAL}), sent(2, AZURE, set()), sent(3, OWN, set())]
    config = trail(tmp_path, entries)
    document = told("incident", config, 1, "--since", "2026-01-01")
    (exposed,) = document["exposed"]
    assert (exposed["destination"], exposed["requests"]) == (AZURE.destination, 1)
    assert exposed["findings"] == {"person": 2}
    assert document["recipients"] == ["azure"]
    assert [duty.get("within_hours") for duty in document["duties"]] == [72, None, None, None]
    assert any("art. 34(1)" in duty["source"] for duty in document["duties"])


def test_an_incident_says_that_another_form_or_destination_was_permitted(tmp_path: Path) -> None:
    arguments = ("--policy", str(stricter(tmp_path)), "--since", "2026-01-01")
    printed = run("incident", trail(tmp_path, [sent(1, AZURE, set())]), *arguments).stdout
    assert "permitted in another form or to another destination only" in printed


@pytest.mark.parametrize(
    ("command", "period"),
    [
        ("incident", ["--since", "2026-12-01", "--until", "2026-11-01"]),
        ("simulate", ["--trail", "2026-12-01..2026-11-01"]),
    ],
)
def test_a_period_that_ends_before_it_begins_refuses(tmp_path: Path, command: str, period: list[str]) -> None:
    result = run(command, trail(tmp_path, [sent(1, AZURE, {DataClass.HEALTH})]), *period)
    assert result.exit_code == 2
    assert "write the earlier moment first" in result.stderr


def test_an_incident_without_anything_wrong_says_so_in_french(tmp_path: Path) -> None:
    result = run("incident", trail(tmp_path, [sent(1, OWN, set())]), "--since", "2026-01-01", "-l", "fr")
    assert result.exit_code == 0
    assert "Rien d'enregistré n'est parti" in result.stdout


@pytest.mark.parametrize("arguments", [("simulate",), ("incident", "--since", "2026-01-01")])
def test_data_classes_are_said_in_french(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    command, *more = arguments
    result = run(command, trail(tmp_path, [sent(1, AZURE, {DataClass.HEALTH})]), *more, "-l", "fr")
    assert result.exit_code == 1
    assert CLASS_NAMES[DataClass.HEALTH][1] in result.stdout
    assert "health" not in result.stdout


@pytest.mark.parametrize("command", ["simulate", "incident"])
def test_rules_that_do_not_compile_are_refused(tmp_path: Path, command: str) -> None:
    folder = stricter(tmp_path)
    (folder / "house.cedar").write_text("permit (principal, action, resource);", encoding="utf-8")
    arguments = ["--policy", str(folder), *(["--since", "2026-01-01"] if command == "incident" else [])]
    assert run(command, trail(tmp_path, []), *arguments).exit_code == 2
