"""One gateway for the tests that only call it; starting it is most of their time."""

from collections.abc import Iterator

import pytest
from openai import OpenAI

from simulators.brain import Canned, Echo
from tests.edge.gateway import (
    AZURE,
    CLAUDE,
    CODESTRAL,
    MODERATION,
    OCR,
    OTHER,
    OWN,
    RERANKER,
    SCALEWAY,
    SMALL,
    TTS,
    WHISPER,
    Gateway,
    gateway,
)
from tests.edge.proofs.world import ANSWER, World

EVERY = (SCALEWAY, CLAUDE, AZURE, CODESTRAL, MODERATION, OWN, SMALL, RERANKER, WHISPER, TTS)
"""A destination for each kind of work."""


@pytest.fixture(scope="session")
def shared_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(tmp_path_factory.mktemp("gateway")) as made:
        yield made


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A gateway before one simulator for each kind of work, all of which say the same words."""
    folder = tmp_path_factory.mktemp("world")
    with gateway(folder, EVERY, f'[vault]\nurl = "{folder / "vault"}"', brain=Canned(text=ANSWER)) as made:
        yield World(made=made, key=made.key("mail"))


@pytest.fixture(scope="session")
def mail_key(shared_gateway: Gateway) -> str:
    return shared_gateway.key("mail")


@pytest.fixture
def client(shared_gateway: Gateway, mail_key: str) -> Iterator[OpenAI]:
    with shared_gateway.client(mail_key) as made:
        yield made
    for name in shared_gateway.fleet:
        shared_gateway.fleet.fault(name, None)
        shared_gateway.fleet.up(name)


@pytest.fixture(scope="session")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway of two organisations before simulators that repeat what they are sent."""
    with gateway(tmp_path_factory.mktemp("echo"), (*EVERY, OCR), OTHER, brain=Echo()) as made:
        yield made


@pytest.fixture(scope="session")
def keys(echo: Gateway) -> tuple[str, str]:
    """A key of each of the two organisations."""
    return echo.key("mail"), echo.key("letters")
