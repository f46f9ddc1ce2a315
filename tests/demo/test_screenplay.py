"""The screenplay names only what exists, and each simulator stands where the registry says that its provider is."""

import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from demo import scenes, world
from demo.acts import callers
from ecluse.domain.destination import Destination, DestinationId, OperatedBy
from ecluse.packs import policies, registry
from simulators.providers import KINDS

PLAY = scenes.screenplay()
SCENES = [*PLAY.scenes, PLAY.down, PLAY.languages, PLAY.move]
REGISTRY = registry.load()


def on_record(name: str) -> Destination:
    return REGISTRY.destinations[DestinationId(name)]


@pytest.mark.parametrize("stand", world.STANDS, ids=lambda stand: stand.name)
def test_a_simulator_knows_the_model_by_the_name_that_the_registry_sends(stand: world.Stand) -> None:
    assert on_record(stand.destination).wire_model == stand.model


@pytest.mark.parametrize("stand", world.STANDS, ids=lambda stand: stand.name)
def test_a_simulators_path_is_that_of_the_providers_address(stand: world.Stand) -> None:
    destination = on_record(stand.destination)
    if destination.operated_by is not OperatedBy.CALLER:
        assert urlsplit(destination.base_url).path == KINDS[stand.kind].base


def test_there_are_seven_destinations_or_more_and_one_is_real() -> None:
    assert len(world.ORDER) >= 7
    assert world.LOCAL not in world.SIMULATORS
    assert set(world.ORDER) == set(world.WORDS) == {*world.SIMULATORS, world.LOCAL}


def test_azure_stands_in_two_scopes() -> None:
    scopes = {on_record(s.destination).scope.processing for s in world.STANDS if s.kind == "azure"}
    assert len(scopes) == 2


def test_every_caller_is_on_record() -> None:
    known = callers(scenes.organisations())
    assert {scene.caller for scene in SCENES} | set(PLAY.opening.callers) | {PLAY.flip.application} <= set(known)


def test_the_opening_has_a_cell_for_each_destination_and_caller() -> None:
    assert set(PLAY.opening.expect) == set(PLAY.flip.expect) == set(world.ORDER)
    assert {len(row) for row in PLAY.opening.expect.values()} == {len(PLAY.opening.callers)}


def test_every_rule_of_the_screenplay_exists() -> None:
    text = "".join(policies.load().policies.values())
    rules = {rule for scene in SCENES for rule in scene.expect.rules} | {PLAY.flip.rule}
    assert [rule for rule in rules if f'@id("{rule}")' not in text] == []


def test_every_secret_stands_in_its_prompt() -> None:
    for scene in SCENES:
        assert [secret for secret in scene.secrets if secret not in scene.document + scene.prompt] == []


def test_a_settings_file_with_a_rule_in_another_mode_differs_by_that_alone(tmp_path: Path) -> None:
    here = world.World(tmp_path / "demo")
    here.wipe()
    addresses = {stand.name: "http://127.0.0.1:1/v1" for stand in world.STANDS}
    here.settle(addresses, "http://127.0.0.1:2")
    here.write(tmp_path / "other.toml", addresses, "http://127.0.0.1:2", mode=("bank", "dora.payment", "observe"))
    plain, other = (tomllib.loads(file.read_text()) for file in (here.settings, tmp_path / "other.toml"))
    (bank,) = [each for each in other["organisations"] if each["id"] == "bank"]
    assert bank.pop("modes") == {"dora.payment": "observe"}
    assert plain == other
