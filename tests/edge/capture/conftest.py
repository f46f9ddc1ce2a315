"""One PostgreSQL for the tests of what is kept; each test has a schema of its own."""

from collections.abc import Iterator

import pytest

from tests.edge.stores.postgres_server import Server, postgres_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with postgres_server() as made:
        yield made
