"""`python -m demo`: the screenplay, from the first child to the last line.

Law: the exit code is 0 only if every expectation held; a scene that differs is named.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from demo import acts, moves
from demo.asking import Asker
from demo.checks import Act
from demo.children import ChildError, Children
from demo.house import House, alone, make_keys, open_gateway, open_house
from demo.scenes import Screenplay, organisations, screenplay
from demo.show import Stage
from demo.trail import Trail, verified
from demo.watching import Watch
from demo.world import DATE, LOCAL, ROOT, STANDS, WORDS, World

FOLDER = ROOT / ".ecluse" / "demo"
INTERRUPTED = 130


def perform(world: World, play: Screenplay, stage: Stage, children: Children) -> Iterator[Act]:
    """Play every act in turn."""
    house = open_house(world, children, stage)
    callers = acts.callers(organisations())
    stage.step("making one API key for each application (ecluse keys create)")
    world.settle(house.addresses, house.model)
    keys = make_keys(world, list(callers))
    stage.step("starting Ecluse (ecluse serve)")
    gateway, base = open_gateway(world, children)
    introduce(stage, house, base)
    cast = acts.Cast(world=world, asker=Asker(base, keys), watch=Watch(world), trail=Trail(world), callers=callers)
    yield acts.opening(cast, play.opening)
    stage.step("the same letter under other settings (ecluse explain)")
    yield moves.flipped(cast, house, play)
    for scene in play.scenes:
        stage.step(scene.title)
        yield acts.scene(cast, scene)
    stage.step("closing the only permitted destination")
    yield moves.down(cast, house, play.down)
    yield moves.languages(cast, play.languages)
    stage.step("moving the gateway to another place and starting it again")
    children.stop(gateway)
    cast.asker.close()
    world.settle(house.addresses, house.model, hosted_on=play.move.hosted_on)
    gateway, base = open_gateway(world, children)
    cast = acts.Cast(world=world, asker=Asker(base, keys), watch=cast.watch, trail=cast.trail, callers=callers)
    yield moves.moved(cast, play.move)
    stage.step("verifying the trail (ecluse trail verify)")
    yield verified(cast.trail, world)
    cast.asker.close()


def introduce(stage: Stage, house: House, base: str) -> None:
    """Say what runs, what is real and what is not."""
    stage.say(f"""
Ecluse at {base}/v1, facts of {DATE} (the date is pinned, because facts expire).
REAL       {WORDS[LOCAL]}: SmolLM2-135M, loaded in {house.seconds} s. It shows the lock and is no
           assistant: 135 million parameters, short English only, its French is unusable.
SIMULATED  on this machine, held to the request types that the providers publish; no provider is called,
           and the same small model answers for all of them:""")
    for stand in STANDS:
        stage.say(f"           {stand.destination:<44} {stand.words}")


def main(arguments: list[str] | None = None) -> int:
    """Play, show, and say whether everything was as expected."""
    parser = argparse.ArgumentParser(
        prog="python -m demo", description="Ecluse before a real and seven simulated models."
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document instead")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="work there instead of .ecluse/demo; it is wiped")
    chosen = parser.parse_args(arguments)
    stage = Stage(quiet=chosen.json)
    started = time.monotonic()
    world = World(chosen.folder)
    played: list[Act] = []
    try:
        with alone(world.folder):
            world.wipe()
            with Children(world.folder) as children:
                for act in perform(world, screenplay(), stage, children):
                    stage.act(act)
                    played.append(act)
    except KeyboardInterrupt:
        stage.warn("interrupted; everything it started is stopped")
        return INTERRUPTED
    except ChildError as error:
        stage.warn(str(error))
        return 1
    seconds = round(time.monotonic() - started, 1)
    if chosen.json:
        stage.document(document(played, seconds))
    return conclude(stage, played, seconds)


def document(played: list[Act], seconds: float) -> dict[str, Any]:
    """Write the whole demo for a program."""
    return {
        "date": DATE,
        "seconds": seconds,
        "simulated": [stand.destination for stand in STANDS],
        "real": [LOCAL],
        "acts": [act.document() for act in played],
        "held": all(act.held for act in played),
    }


def conclude(stage: Stage, played: list[Act], seconds: float) -> int:
    """Say how it went."""
    differing = [act for act in played if not act.held]
    checks = sum(len(act.checks) for act in played)
    stage.say("")
    if not differing:
        stage.say(f"Every expectation held: {len(played)} acts, {checks} checks shown, {seconds} s.")
        return 0
    for act in differing:
        wrong = ", ".join(check.what for check in act.checks if not check.held)
        stage.warn(f"the act '{act.id}' differs: {wrong}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
