"""One gateway for the tests that only call it; starting it is most of their time."""

from collections.abc import Iterator

import pytest
from openai import OpenAI

from tests.edge.gateway import Gateway, gateway


@pytest.fixture(scope="session")
def shared_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(tmp_path_factory.mktemp("gateway")) as made:
        yield made


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
