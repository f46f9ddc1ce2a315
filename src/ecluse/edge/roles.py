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
    DRAFT_RULES = "draft_rules"
    """Write a draft of the rules, and withdraw one."""
    APPROVE_RULES = "approve_rules"
    """Approve a draft that somebody else wrote."""
    PUBLISH_RULES = "publish_rules"
    """Put an approved draft in force."""
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
    Role.PLATFORM: frozenset({Act.LOOK, Act.TRY, Act.READ, Act.DRAFT_RULES, Act.PUBLISH_RULES}),
    Role.DPO: frozenset(
        {Act.LOOK, Act.TRY, Act.READ, Act.REPORT, Act.DECIDE, Act.NAMES, Act.DRAFT_RULES, Act.APPROVE_RULES}
    ),
    Role.AUDITOR: frozenset({Act.LOOK, Act.READ, Act.REPORT, Act.NAMES}),
    Role.DEVELOPER: frozenset({Act.LOOK, Act.TRY}),
}


def may(roles: Iterable[Role]) -> frozenset[Act]:
    """Return what somebody of these roles may do."""
    return frozenset(act for role in roles for act in MAY[role])
