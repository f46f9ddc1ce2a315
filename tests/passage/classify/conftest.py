"""One detector for the tests that only ask it; compiling it is most of their time."""

import pytest

from ecluse.packs import dictionaries
from ecluse.passage.classify import Engine, built_in, engine


@pytest.fixture(scope="session")
def detector() -> Engine:
    return engine(built_in().values(), dictionaries.load())
