"""Simulators as a child process, told what to do on their standard input.

    python -m simulators --plans plans.json --journals FOLDER --model http://127.0.0.1:PORT

Law: the first line of output names every address; each line of input is a command in JSON (`{"do": "down", "name":
"azure"}`) and gets one line of answer; when the input closes, because the parent ended, everything closes.
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Literal

import msgspec

from simulators.brain import Brain, Canned, LocalModel
from simulators.faults import Fault
from simulators.fleet import Fleet
from simulators.simulator import Plan


class Command(msgspec.Struct, forbid_unknown_fields=True):
    """One line of input. `fault` without a fault lifts the one in force."""

    do: Literal["down", "up", "fault"]
    name: str
    fault: Fault | None = None


class Answer(msgspec.Struct, omit_defaults=True):
    """One line of output."""

    done: bool
    why: str | None = None


async def obey(fleet: Fleet, command: Command) -> None:
    """Carry out one command. Raises KeyError for a name that no simulator has."""
    simulator = fleet.simulators[command.name]
    match command.do:
        case "down":
            await simulator.door.close()
        case "up":
            await simulator.door.open()
        case "fault":
            simulator.faults.ask(command.fault)


async def serve(fleet: Fleet) -> None:
    """Serve until the input closes."""
    await fleet.start()
    addresses = {name: simulator.base_url for name, simulator in fleet.simulators.items()}
    print(json.dumps(addresses), flush=True)
    try:
        while line := await asyncio.to_thread(sys.stdin.readline):
            try:
                await obey(fleet, msgspec.json.decode(line, type=Command))
                answer = Answer(done=True)
            except (KeyError, msgspec.DecodeError) as error:
                answer = Answer(done=False, why=f"{type(error).__name__}: {error}")
            print(msgspec.json.encode(answer).decode(), flush=True)
    finally:
        await fleet.stop()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m simulators", description=__doc__)
    parser.add_argument("--plans", type=Path, required=True)
    parser.add_argument("--journals", type=Path, required=True)
    parser.add_argument("--model", help="the local model's address; canned words without it")
    arguments = parser.parse_args()
    brain: Brain = LocalModel(arguments.model) if arguments.model else Canned()
    plans = msgspec.json.decode(arguments.plans.read_bytes(), type=list[Plan])
    asyncio.run(serve(Fleet(plans, brain, arguments.journals)))


if __name__ == "__main__":
    main()
