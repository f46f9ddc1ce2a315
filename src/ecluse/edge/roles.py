"""Which role may do what: the one table that says so.

Law: a role that is not in the table may do nothing; somebody with several roles may do what any of them may.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Act(StrEnum):
    """What can be done at the console and through the admin API."""

    LOOK = "look"
    """See where data goes, the registry and the rules: no single request."""
    TRY = "try"
    """Ask what would happen to a text of one's own, and send it as any caller would."""
    READ = "read"
    """Read decisions on single requests, and what is on record of an application."""
    REPORT = "report"
    """Take the reports that are filed."""
    DECIDE = "decide"
    """Ask for exceptions, and decide on them and on contests, as the docket's own rules let two persons."""
    NAMES = "names"
    """Have names of persons shown, for a stated reason that goes on the trail; they are hidden otherwise."""
    ADMINISTER = "administer"
    """Everything else."""


class Role(StrEnum):
    """Who somebody is here."""

    ADMIN = "admin"
    PLATFORM = "platform"
    DPO = "dpo"
    AUDITOR = "auditor"
    DEVELOPER = "developer"


MAY: Mapping[Role, frozenset[Act]] = {
    Role.ADMIN: frozenset(Act),
    Role.PLATFORM: frozenset({Act.LOOK, Act.TRY, Act.READ}),
    Role.DPO: frozenset({Act.LOOK, Act.TRY, Act.READ, Act.REPORT, Act.DECIDE, Act.NAMES}),
    Role.AUDITOR: frozenset({Act.LOOK, Act.READ, Act.REPORT, Act.NAMES}),
    Role.DEVELOPER: frozenset({Act.LOOK, Act.TRY}),
}


def may(roles: Iterable[Role]) -> frozenset[Act]:
    """Return what somebody of these roles may do."""
    return frozenset(act for role in roles for act in MAY[role])
