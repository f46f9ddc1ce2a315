"""A quota for tests, with allowances that a test states as settings."""

from collections.abc import Mapping
from typing import Any

import msgspec

from ecluse.domain.caller import Caller
from ecluse.domain.snapshot import Instant
from ecluse.edge.config import BudgetSettings, Settings, SharedSettings
from ecluse.edge.shared.allowances import Allowances
from ecluse.edge.shared.counters import Counters
from ecluse.edge.shared.memory import MemoryCounters
from ecluse.edge.shared.quota import Quota
from tests.passage.play import NOW


class Standing:
    """A clock that stands until a test moves it."""

    def __init__(self, at: int = NOW) -> None:
        self.at = at

    def now(self) -> Instant:
        return Instant(self.at)


def settings(organisation: Mapping[str, Any] | None = None, application: Mapping[str, Any] | None = None) -> Settings:
    """Return settings of the organisation and the application that play.arrival has."""
    app = {"id": "app", "name": "App", "purposes": ["drafting"], **(application or {})}
    return msgspec.convert(
        {
            "organisations": [
                {"id": "org", "name": "Org", "kind": "private", "applications": [app], **(organisation or {})}
            ]
        },
        Settings,
    )


def quota(
    stated: Settings | None = None,
    counters: Counters | None = None,
    *,
    clock: Standing | None = None,
    budgets: BudgetSettings | None = None,
    shared: SharedSettings | None = None,
) -> Quota:
    return Quota(
        counters or MemoryCounters(),
        Allowances(stated or settings()),
        budgets=budgets or BudgetSettings(),
        shared=shared or SharedSettings(),
        clock=clock or Standing(),
    )


def caller_of(stated: Settings, key: str = "k1") -> Caller:
    (application,) = stated.applications.values()
    return Caller(application=application, key=key)  # type: ignore[arg-type] # a test's own id
