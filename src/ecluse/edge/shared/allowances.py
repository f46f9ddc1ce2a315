"""What an organisation, a team, an application and a key may use, by the settings.

Law: every level that applies must have room; a level without a word limits nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ecluse.domain.caller import ApplicationId, Caller, KeyId
from ecluse.edge.config import AllowanceSettings, Settings
from ecluse.edge.shared.counters import MONEY, Claim, Measure

MICRO = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level that limits: its name, and its limits by measure (money in millionths of a euro)."""

    scope: str
    limits: Mapping[Measure, int]


class Allowances:
    """Looks up the levels that apply to a caller."""

    def __init__(self, settings: Settings) -> None:
        self._organisations = {o.id: _limits(o.allowance) for o in settings.organisations}
        self._teams = {(o.id, t.id): _limits(t.allowance) for o in settings.organisations for t in o.teams}
        stated = [application for o in settings.organisations for application in o.applications]
        self._applications = {a.id: _limits(a.allowance) for a in stated}
        self._keys = {a.id: _limits(a.each_key) for a in stated}

    def levels(self, caller: Caller) -> Iterator[Level]:
        """Return the levels that limit this caller, the widest first."""
        application = caller.application
        organisation = application.organisation.id
        found = [(f"organisation:{organisation}", self._organisations.get(organisation))]
        if application.team is not None:
            found.append((f"team:{organisation}/{application.team}", self._teams.get((organisation, application.team))))
        found += [
            (f"application:{application.id}", self._applications.get(application.id)),
            (f"key:{caller.key}", self._keys.get(application.id)),
        ]
        yield from (Level(scope=scope, limits=limits) for scope, limits in found if limits)

    def of_key(self, application: ApplicationId, key: KeyId) -> Iterator[Level]:
        """Return the level of one key, if it limits."""
        if limits := self._keys.get(application):
            yield Level(scope=f"key:{key}", limits=limits)

    def every(self) -> Iterator[Level]:
        """Return every level of the settings but those of keys, which exist once per key."""
        for name, limits in self._organisations.items():
            yield Level(scope=f"organisation:{name}", limits=limits)
        for (organisation, team), limits in self._teams.items():
            yield Level(scope=f"team:{organisation}/{team}", limits=limits)
        for name, limits in self._applications.items():
            yield Level(scope=f"application:{name}", limits=limits)


def claims(levels: tuple[Level, ...], amounts: Mapping[Measure, int]) -> list[Claim]:
    """Make the claims of what is used, at each level that limits it."""
    return [
        Claim(scope=level.scope, measure=measure, limit=level.limits[measure], amount=amount)
        for level in levels
        for measure, amount in amounts.items()
        if measure in level.limits
    ]


def _limits(stated: AllowanceSettings) -> dict[Measure, int]:
    limits: dict[Measure, int] = {}
    for measure in Measure:
        value = getattr(stated, measure.value)
        if value is not None:
            limits[measure] = round(value * MICRO) if measure in MONEY else value
    return limits
