"""What holds for every test: how far the property tests look, and that no simulator sees what must not leave.

Law: `check` takes the same cases each time, `search` others each time: `make check` tells about the change that it
runs on, so that its answer must not turn on luck. `make check-long` looks further, with `--hypothesis-profile=search`;
what it finds becomes a case of its own.
"""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from simulators.simulator import LISTENERS
from tests.canaries import WATCHES

settings.register_profile("check", derandomize=True, deadline=None)
settings.register_profile("search", derandomize=False, deadline=None)
settings.load_profile("check")


@pytest.fixture(scope="session", autouse=True)
def _simulators_are_heard() -> Iterator[None]:
    """Hear every simulator of this process, to the end: what comes after the last test is searched too."""
    LISTENERS.append(WATCHES.hear)
    yield
    LISTENERS.remove(WATCHES.hear)
    WATCHES.search()


@pytest.fixture(autouse=True)
def _no_value_leaves(_simulators_are_heard: None) -> Iterator[None]:
    """Search what was heard, after each test."""
    yield
    WATCHES.search()
