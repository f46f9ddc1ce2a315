"""`python -m demo.worlds NAME`: write a world's month, keep it running, and say how to walk through it.

Law: everything it writes is in the world's folder, everything it starts ends with it.
"""

import argparse
import asyncio
import json
import os
import socket
import sys
import time
from datetime import date
from pathlib import Path

import httpx2

from demo.children import Child, ChildError, Children, free_port, ready, run
from demo.house import alone
from demo.show import Stage
from demo.worlds.authority import write_authority
from demo.worlds.contesting import open_contests
from demo.worlds.ground import FOLDER, World
from demo.worlds.play import NAMES
from demo.worlds.seeding import PASSAGES, Month, seed
from demo.worlds.tour import Places, tour

PORT = 8088
CONSOLE = 2
"""How far the console's port stands from the gateway's."""
TOLD_EVERY = 500
PATIENCE = 20.0
"""Seconds that the console has to say where it is entered."""


def main(arguments: list[str] | None = None) -> int:
    """Write the month, start everything, show the tour, and wait."""
    parser = argparse.ArgumentParser(prog="ecluse demo --as", description="A world of a month, played in the console.")
    parser.add_argument("world", choices=NAMES)
    parser.add_argument("--passages", type=int, default=PASSAGES, help="about how many requests the month has")
    parser.add_argument("--port", type=int, default=PORT, help="the gateway's; the console stands two further")
    parser.add_argument("--folder", type=Path, help="work there instead of .ecluse/worlds/NAME; it is wiped")
    parser.add_argument("--only-seed", action="store_true", help="write the month and leave")
    chosen = parser.parse_args(arguments)
    stage = Stage()
    world = World(chosen.world, (chosen.folder or FOLDER / chosen.world).absolute())
    try:
        world.folder.parent.mkdir(parents=True, exist_ok=True)
        with alone(world.folder):
            world.wipe()
            with Children(world.folder) as children:
                month = write_month(world, chosen.passages, stage)
                if chosen.only_seed:
                    world.settle(dict.fromkeys((stand.name for stand in world.stands), ""), chosen.port + CONSOLE)
                    return 0
                show(world, month, children, stage, chosen.port)
    except KeyboardInterrupt:
        stage.say("arrêté / stopped")
    except ChildError as error:
        stage.warn(str(error))
        return 1
    return 0


def write_month(world: World, passages: int, stage: Stage) -> Month:
    """Write the month and say how far it is."""
    started = time.monotonic()

    def told(done: int, due: int, day: date) -> None:
        if done % TOLD_EVERY == 0:
            stage.step(f"{day}: {done}/{due}")

    stage.step(f"le mois de {world.name} : détection, règles, registre / the month: recognised, decided, recorded")
    month = asyncio.run(seed(world, passages, told))
    if world.play.private_ca:
        write_authority(world.authority)
    seconds = round(time.monotonic() - started, 1)
    stage.step(f"{month.passages} passages, {month.entries} entries, {seconds} s")
    return month


def show(world: World, month: Month, children: Children, stage: Stage, port: int) -> None:
    """Start simulators, witness, gateway and console, print the tour, and wait for Ctrl-C."""
    port = port if _free(port) and _free(port + CONSOLE) else free_port()
    console = port + CONSOLE if _free(port + CONSOLE) else free_port()
    plans = world.folder / "plans.json"
    plans.write_text(json.dumps([stand.plan() for stand in world.stands]))
    stage.step("les simulateurs, la passerelle, la console / simulators, gateway, console")
    journals = str(world.folder / "journals")
    simulators = children.start("simulators", "simulators", "--plans", str(plans), "--journals", journals)
    addresses = simulators.first_line()
    witness, stated = _witness(world, children) if world.play.witness else ("", "")
    world.settle(addresses, console, stated)
    open_contests(world)
    gateway = children.start("ecluse", "ecluse", "serve", "--config", str(world.file), "--port", str(port), talks=False)
    base = f"http://127.0.0.1:{port}"
    with httpx2.Client(trust_env=False) as client:
        ready(gateway, client, base)
    places = Places(gateway=base, console=f"http://127.0.0.1:{console}", entrance=_entrance(gateway), witness=witness)
    stage.say("\n".join(tour(world, places, month.keys)))
    gateway.outlive()


def _witness(world: World, children: Children) -> tuple[str, str]:
    """Start a witness with a key of its own; return its address, and the settings that name it."""
    key, port = world.folder / "witness.key", free_port()
    done = run("ecluse", ["witness", "key", "--out", str(key), "--name", "temoin.exemple.fr"])
    if done.returncode:
        raise ChildError(f"ecluse witness key: {done.stderr.strip()}")
    arguments = ["--key", str(key), "--log-key", str(world.state / "trail.vkey"), "--port", str(port)]
    state = str(world.folder / "witness")
    children.start("witness", "ecluse", "witness", "serve", *arguments, "--state-dir", state, talks=False)
    url = f"http://127.0.0.1:{port}"
    return url, f'\n[[trail.witnesses]]\nurl = "{url}"\nkey = "{done.stdout.strip()}"\n'


def _entrance(gateway: Child) -> str:
    """Return the address that opens the console, which Ecluse tells on its standard error."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and gateway.process.poll() is None:
        told = [line for line in gateway.log.read_text(errors="replace").splitlines() if "/login#" in line]
        if told:
            return told[-1].split("console:", 1)[-1].split(" (", 1)[0].strip()
        time.sleep(0.05)
    raise ChildError(gateway.told())


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    sys.exit(main())
