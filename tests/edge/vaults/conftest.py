"""One real Redis and one real PostgreSQL for the tests of vaults."""

from collections.abc import Iterator

import pytest

from tests.edge.shared.redis_server import redis_server
from tests.edge.stores.postgres_server import postgres_server


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("vaults")) as running:
        yield running.url


@pytest.fixture(scope="package")
def database() -> Iterator[str]:
    with postgres_server() as running:
        yield running.url
