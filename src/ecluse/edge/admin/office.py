"""What the admin API works with: the parts of a running gateway, and the settings that are in force.

Law: it owns no state; what it changes, it changes through the part that owns it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecluse.edge.admin.persons import Person
from ecluse.edge.config import Settings
from ecluse.edge.docket import Docket
from ecluse.edge.http.tiles import Receipts
from ecluse.edge.keys import Keys, Secrets
from ecluse.edge.live import Live
from ecluse.edge.naming import Names
from ecluse.edge.roles import Role
from ecluse.edge.shared.quota import Quota
from ecluse.edge.snapshots import Grounds
from ecluse.edge.stores.opening import ServedStore


@dataclass(slots=True, kw_only=True)
class Office:
    """The parts. `settings`, and the ground of snapshots that was made of them, are replaced when others are taken."""

    settings: Settings
    base: Grounds
    state: Path
    live: Live
    store: ServedStore
    keys: Keys
    docket: Docket
    quota: Quota
    receipts: Receipts
    own: Secrets

    def names(self, person: Person) -> Names:
        """Return how names are said to somebody: their own alone."""
        return Names(self.own.index_of, mine=person.name)

    def adopt(self, settings: Settings, base: Grounds) -> None:
        """Go by other settings from the next call on."""
        self.settings, self.base = settings, base


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: by whom, in which role, about what. `body` is of the type that its route takes."""

    person: Person
    role: Role
    id: str
    body: Any
    query: Any
