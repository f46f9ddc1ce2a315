"""A change of a rule's mode before anybody makes it: what the requests of the past month would meet.

Law: it changes nothing. Both answers are of the request's own day, under the rules in force, so that the mode alone
differs; what can no longer be asked is counted apart, never guessed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from ecluse.console.ground import Ground
from ecluse.domain.caller import Application, OrganisationId
from ecluse.domain.verdict import Mode, RuleId
from ecluse.edge.bygone import counted
from ecluse.prove.past import Asked, AsOf, Then
from ecluse.prove.simulate import Simulated, both_ways, verdict_at

DAYS = 30


def liftable(ground: Ground) -> Sequence[RuleId]:
    """Return the rules whose mode an organisation may change."""
    return sorted(id_ for id_, rule in ground.rules().items() if not rule.permits and not rule.floor)


def drafted(ground: Ground, organisation: OrganisationId, rule: RuleId, mode: Mode) -> Simulated:
    """Ask the past month's requests of an organisation twice. Raises ValueError or EcluseError."""
    known = {id_ for id_, one in ground.base.applications.items() if one.organisation.id == organisation}
    asked = {one: passages for one, passages in past_month(ground).items() if one[1].application in known}
    before = ground.bygone.at
    return both_ways(asked, partial(verdict_at, before), partial(verdict_at, _with(before, organisation, rule, mode)))


def past_month(ground: Ground) -> Mapping[Asked, int]:
    """Count what the past month asked. Raises ValueError; it reads the trail, once an hour."""
    since = ground.today - timedelta(days=DAYS - 1)
    return ground.kept(
        "past", lambda: counted(ground.base.matters, ground.past(since.isoformat(), ground.today.isoformat()))
    )


def _with(as_of: AsOf, organisation: OrganisationId, rule: RuleId, mode: Mode) -> AsOf:
    """Return the same past with another mode in an organisation's records."""
    made: dict[int, Then] = {}

    def changed(one: Application) -> Application:
        if one.organisation.id != organisation:
            return one
        modes = {**one.organisation.modes, rule: mode.value}
        return replace(one, organisation=replace(one.organisation, modes=modes))

    def otherwise(moment: str) -> Then:
        then = as_of(moment)  # one object for as long as nothing changed
        if id(then) not in made:
            made[id(then)] = replace(then, applications={id_: changed(one) for id_, one in then.applications.items()})
        return made[id(then)]

    return otherwise
