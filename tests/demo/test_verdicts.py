"""The verdicts that the screenplay expects are those of the rules, and one rule in another mode changes the table."""

from pathlib import Path
from typing import Any

import pytest

from demo import acts, scenes, world
from ecluse.app import grounds
from ecluse.domain.caller import ApplicationId
from ecluse.domain.request import Capability, Slot, SlotPath, Surface
from ecluse.domain.snapshot import Snapshot
from ecluse.edge.clock import day_of, start_of
from ecluse.edge.config import Settings, load
from ecluse.edge.snapshots import build
from ecluse.passage.classify import classify
from ecluse.passage.decide import decide, explain, resolve
from ecluse.passage.question import Asked, question_of
from ecluse.passage.telling import told

PLAY = scenes.screenplay()
ADDRESSES = {stand.name: "http://127.0.0.1:1/v1" for stand in world.STANDS}
MODEL = "http://127.0.0.1:2"


class Rules:
    """A settings file and its snapshot of the pinned day."""

    def __init__(self, file: Path) -> None:
        self._settings: Settings = load(file)
        pinned = self._settings.gateway.unsafe_pinned_date
        assert pinned is not None
        self._now = start_of(pinned)
        self._snapshot: Snapshot = build(grounds(self._settings), day_of(self._now))

    def ask(self, application: str, prompt: str, model: str = "auto") -> dict[str, Any]:
        slot = Slot(path=SlotPath("messages/0/parts/0"), text=prompt)
        found = classify(self._snapshot.detector, (slot,))
        caller = self._settings.applications[ApplicationId(application)]
        question = question_of(caller, Asked(), Surface.CHAT, found)
        candidates = resolve(self._snapshot, model, frozenset({Capability.CHAT}))
        verdict = decide(self._snapshot, question, candidates, now=self._now)
        return told(self._snapshot, question, found, verdict, explain(self._snapshot, question, candidates), "en")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> world.World:
    here = world.World(tmp_path_factory.mktemp("demo") / "demo")
    here.wipe()
    here.settle(ADDRESSES, MODEL)
    return here


@pytest.fixture(scope="module")
def rules(folder: world.World) -> Rules:
    return Rules(folder.settings)


def test_the_same_letter_has_four_different_tables(rules: Rules) -> None:
    tables = [acts.cells(rules.ask(caller, PLAY.opening.prompt)) for caller in PLAY.opening.callers]
    seen = {name: [acts.word(table[name]) for table in tables] for name in world.ORDER}
    assert seen == PLAY.opening.expect
    assert len({tuple(table.values()) for table in tables}) == 4


def test_one_rule_in_another_mode_changes_the_table(rules: Rules, folder: world.World) -> None:
    file = folder.folder / "flipped.toml"
    folder.write(file, ADDRESSES, MODEL, mode=(PLAY.flip.organisation, PLAY.flip.rule, PLAY.flip.mode))
    tables = [acts.cells(each.ask(PLAY.flip.application, PLAY.opening.prompt)) for each in (rules, Rules(file))]
    assert {name: [acts.word(table[name]) for table in tables] for name in world.ORDER} == PLAY.flip.expect
    assert tables[0] != tables[1]


@pytest.mark.parametrize("scene", [*PLAY.scenes, PLAY.down, PLAY.languages], ids=lambda scene: scene.id)
def test_a_scene_expects_what_the_rules_say(scene: scenes.Scene, rules: Rules) -> None:
    answer = rules.ask(scene.caller, scene.document + scene.prompt, scene.model)
    if scene.expect.status == 403:
        assert answer["verdict"] == "refusal"
        assert set(scene.expect.rules) <= {reason["rule"] for reason in answer["reasons"]}
        return
    (first, *others) = answer["choices"]
    if isinstance(scene, scenes.Down):
        assert (first["destination"], others) == (scene.closed, [])
    else:
        assert first == {"destination": scene.expect.destination, "masked": scene.expect.verdict == "permit_masked"}


def test_the_gateway_moved_refuses_by_its_own_place(folder: world.World) -> None:
    file = folder.folder / "moved.toml"
    folder.write(file, ADDRESSES, MODEL, hosted_on=PLAY.move.hosted_on)
    answer = Rules(file).ask(PLAY.move.caller, PLAY.move.prompt)
    assert answer["place"] is not None
    assert set(PLAY.move.expect.rules) <= {reason["rule"] for reason in answer["reasons"]}
