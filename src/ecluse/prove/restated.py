"""What differs between two sets of rules beside their verdicts of a day: which rules there are, and on which terms.

Law: an id that goes or comes, a mode, the hard floor, the day from which a rule applies and how long an exception may
last change what can happen tomorrow though no verdict changes today.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ecluse.domain.verdict import RuleId
from ecluse.passage.decide import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Restated:
    """One term of one rule, before and after; None is a rule that is not there."""

    rule: RuleId
    term: str
    old: str | None
    new: str | None


def restated(old: Mapping[RuleId, Rule], new: Mapping[RuleId, Rule]) -> tuple[Restated, ...]:
    """Return every term that differs, by rule."""
    found: list[Restated] = []
    for id_ in sorted({*old, *new}):
        before, after = old.get(id_), new.get(id_)
        if before is None or after is None:
            there = [None if rule is None else rule.pack for rule in (before, after)]
            found.append(Restated(rule=id_, term="rule", old=there[0], new=there[1]))
            continue
        was, is_ = _terms(before), _terms(after)
        found += [Restated(rule=id_, term=t, old=was[t], new=is_[t]) for t in was if was[t] != is_[t]]
    return tuple(found)


def reworded(old: Mapping[RuleId, Rule], new: Mapping[RuleId, Rule]) -> tuple[RuleId, ...]:
    """Return the rules that both have and whose scope or conditions are written otherwise, to whatever effect."""
    return tuple(id_ for id_ in sorted(old.keys() & new.keys()) if _asked(old[id_]) != _asked(new[id_]))


def _asked(rule: Rule) -> Mapping[str, object]:
    return {part: said for part, said in rule.est.items() if part != "annotations"}


def _terms(rule: Rule) -> Mapping[str, str]:
    return {
        "effect": "permit" if rule.permits else "forbid",
        "mode": rule.reason.mode.value,
        "floor": str(rule.floor).lower(),
        "opt_in": str(rule.opt_in).lower(),
        "applies_from": str(rule.applies_from or "-"),
        "exception_days": str(rule.exception_days),
        "basis": rule.reason.basis.value,
        "source": rule.reason.source,
    }
