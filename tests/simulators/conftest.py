"""One fleet for all tests of this folder: starting it is most of their time."""

from collections.abc import Callable, Iterator

import httpx2
import pytest
from openai import OpenAI

from simulators.fleet import Running, running
from simulators.providers import KINDS
from simulators.simulator import Plan

MODEL = "a-model"


def plans() -> list[Plan]:
    return [
        Plan(name=kind, kind=kind, key=f"key-of-{kind}", models=frozenset({MODEL}), region="francecentral")
        for kind in KINDS
    ]


@pytest.fixture(scope="session")
def shared_fleet() -> Iterator[Running]:
    with running(plans()) as fleet:
        yield fleet


@pytest.fixture
def fleet(shared_fleet: Running) -> Iterator[Running]:
    """The fleet with no fault in force and every door open."""
    yield shared_fleet
    for name in shared_fleet:
        shared_fleet.fault(name, None)
        shared_fleet.up(name)


@pytest.fixture(scope="session")
def http() -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False, timeout=5.0) as client:
        yield client


Connect = Callable[[str], OpenAI]


@pytest.fixture
def connect(fleet: Running) -> Iterator[Connect]:
    """Give OpenAI's own client for a simulator; `base_url` and the key are all that differs."""
    opened: list[OpenAI] = []

    def client(name: str) -> OpenAI:
        made = OpenAI(
            base_url=fleet[name].base_url,
            api_key=fleet[name].key,
            max_retries=0,
            http_client=httpx2.Client(trust_env=False, timeout=5.0),
        )
        opened.append(made)
        return made

    yield client
    for made in opened:
        made.close()
