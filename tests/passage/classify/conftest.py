"""Detectors for the tests that only ask them; compiling one is most of their time."""

import pytest

from ecluse.packs import dictionaries, weights
from ecluse.passage.classify import Engine, built_in, engine
from ecluse.passage.classify.tagger import Tagger, Weights


@pytest.fixture(scope="session")
def detector() -> Engine:
    """Patterns, validators and dictionaries, as far as they go alone."""
    return engine(built_in().values(), dictionaries.load())


@pytest.fixture(scope="session")
def cascade() -> Engine:
    """The whole cascade, with the weights that ship."""
    return engine(built_in().values(), dictionaries.load(), Tagger(Weights.of(weights.load())))
