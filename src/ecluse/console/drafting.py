"""A change of a rule's mode before anybody makes it: what the requests of the past month would meet.

Law: it changes nothing. Both answers are today's, under today's record and rules, so that the mode alone differs; what
can no longer be asked is counted apart, never guessed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from ecluse.console.ground import Ground
from ecluse.domain.caller import Application, OrganisationId
from ecluse.domain.verdict import Mode, RuleId
from ecluse.prove.past import Past
from ecluse.prove.simulate import Simulated, both_ways, verdict_of

DAYS = 30


def liftable(ground: Ground) -> Sequence[RuleId]:
    """Return the rules whose mode an organisation may change."""
    return sorted(id_ for id_, rule in ground.rules().items() if not rule.permits and not rule.floor)


def drafted(ground: Ground, organisation: OrganisationId, rule: RuleId, mode: Mode) -> Simulated:
    """Ask the past month's requests of an organisation twice. Raises ValueError or EcluseError."""
    snapshot, now = ground.folded(), ground.clock.now()
    known = {id_: one for id_, one in ground.base.applications.items() if one.organisation.id == organisation}
    changed = {id_: _with(one, rule, mode) for id_, one in known.items()}
    month = ground.kept("past", lambda: _asked(ground))
    asked = {past: passages for past, passages in month.items() if past.application in known}
    before, after = (partial(verdict_of, snapshot, applications, now=now) for applications in (known, changed))
    return both_ways(asked, before, after)


def _asked(ground: Ground) -> Counter[Past]:
    since = ground.today - timedelta(days=DAYS - 1)
    return Counter(one.past for one in ground.past(since.isoformat(), ground.today.isoformat()))


def _with(application: Application, rule: RuleId, mode: Mode) -> Application:
    modes = {**application.organisation.modes, rule: mode.value}
    return replace(application, organisation=replace(application.organisation, modes=modes))
