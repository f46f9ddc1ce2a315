"""A change of a rule's mode before anybody makes it: what the requests of the past month would meet.

Law: it changes nothing. Both answers are today's, under today's record and rules, so that the mode alone differs; what
can no longer be asked is counted apart, never guessed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from ecluse.console.ground import Ground
from ecluse.domain.caller import Application, OrganisationId
from ecluse.domain.verdict import Mode, Permit, RuleId, Verdict
from ecluse.prove.past import Past
from ecluse.prove.simulate import Fate, verdict_of

DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Requests that asked the same and would meet another fate."""

    past: Past
    fate: Fate
    passages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """What a draft comes to: how many requests were asked again, and those that it changes, the most first."""

    counts: Counter[Fate]
    changed: Sequence[Changed]


def liftable(ground: Ground) -> Sequence[RuleId]:
    """Return the rules whose mode an organisation may change."""
    return sorted(id_ for id_, rule in ground.rules().items() if not rule.permits and not rule.floor)


def drafted(ground: Ground, organisation: OrganisationId, rule: RuleId, mode: Mode) -> Drafted:
    """Ask the past month's requests of an organisation twice. Raises ValueError or EcluseError."""
    snapshot, now = ground.folded(), ground.clock.now()
    known = {id_: one for id_, one in ground.base.applications.items() if one.organisation.id == organisation}
    changed = {id_: _with(one, rule, mode) for id_, one in known.items()}
    counts, found = Counter[Fate](), list[Changed]()
    for past, passages in ground.kept("past", lambda: _asked(ground)).items():
        if past.application not in known:
            continue
        before, after = (verdict_of(snapshot, apps, past, now=now) for apps in (known, changed))
        fate = _fate(before, after)
        counts[fate] += passages
        if fate not in {Fate.SAME, Fate.UNKNOWN}:
            found.append(Changed(past=past, fate=fate, passages=passages))
    return Drafted(counts=counts, changed=sorted(found, key=lambda one: -one.passages))


def _asked(ground: Ground) -> Counter[Past]:
    since = ground.today - timedelta(days=DAYS - 1)
    return Counter(one.past for one in ground.past(since.isoformat(), ground.today.isoformat()))


def _with(application: Application, rule: RuleId, mode: Mode) -> Application:
    modes = {**application.organisation.modes, rule: mode.value}
    return replace(application, organisation=replace(application.organisation, modes=modes))


def _fate(before: Verdict | None, after: Verdict | None) -> Fate:
    if before is None or after is None:
        return Fate.UNKNOWN
    if not isinstance(after, Permit):
        return Fate.REFUSED if isinstance(before, Permit) else Fate.SAME
    if not isinstance(before, Permit):
        return Fate.PERMITTED
    return Fate.SAME if before.choices == after.choices else Fate.ELSEWHERE
