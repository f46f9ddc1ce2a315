"""Past traffic under other rules or facts: what would be refused, what would pass, what would go elsewhere.

Law: the same decision as the data plane, on metadata alone, each request on its own day. What was recorded is compared
with what would be decided; a request of an application or model that is no longer on record is counted apart, never
guessed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ecluse.domain.caller import Application, ApplicationId
from ecluse.domain.destination import DestinationId
from ecluse.domain.errors import CallerError
from ecluse.domain.request import Capability, Surface
from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.domain.verdict import Choice, Permit, RuleId, Verdict
from ecluse.passage.decide import decide, resolve
from ecluse.prove.hosted import REFUSED_BY_NAME, able, tools_of
from ecluse.prove.past import Asked, AsOf, Passed, Past, Then, asked_again


class Fate(StrEnum):
    """What becomes of requests that asked the same."""

    SAME = "same"
    ELSEWHERE = "elsewhere"
    REFUSED = "would_be_refused"
    PERMITTED = "would_be_permitted"
    UNKNOWN = "cannot_be_asked_again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """Requests that asked the same and met one fate. `choices` are those that the new rules would leave, in order."""

    past: Past
    fate: Fate
    passages: tuple[Passed, ...]
    choices: tuple[Choice, ...] = ()
    rules: tuple[RuleId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Requests that asked the same and would meet another fate."""

    past: Past
    fate: Fate
    passages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """How many requests were asked again, and those that change, the most first. `left` were not: time was up."""

    counts: Counter[Fate]
    changed: Sequence[Changed]
    left: int


WORKS: Mapping[Surface, tuple[Capability, ...]] = {Surface.COMPLETIONS: (Capability.COMPLETIONS, Capability.FIM)}
"""What a call of a surface may have needed of a model, where the trail does not tell which; the surface's own else."""


def candidates_of(snapshot: Snapshot, past: Past) -> tuple[DestinationId, ...]:
    """Return the destinations that could do what a past request asked. Raises CallerError when there is none."""
    found: dict[DestinationId, None] = {}
    missing = CallerError("no_capable_destination")
    for need in WORKS.get(past.surface, (Capability(past.surface.value),)):
        try:
            found |= dict.fromkeys(resolve(snapshot, past.model, frozenset({need})))
        except CallerError as error:
            missing = error
    if not found:
        raise missing
    return tuple(found)


def replay(as_of: AsOf, entries: Iterable[Passed]) -> tuple[Replayed, ...]:
    """Decide every past request again, as of its own moment. Raises GatewayError when the rules cannot answer."""
    groups: dict[tuple[int, Past], tuple[Then, list[Passed]]] = {}
    for entry in entries:
        then = as_of(entry.at)
        groups.setdefault((id(then), entry.past), (then, []))[1].append(entry)
    alike: dict[tuple[Past, Fate, tuple[Choice, ...], tuple[RuleId, ...]], list[Passed]] = {}
    for (_, past), (then, same) in groups.items():
        verdict = verdict_of(then.snapshot, then.applications, past, now=then.now)
        choices = verdict.choices if isinstance(verdict, Permit) else ()
        for entry in same:
            alike.setdefault((past, _fate(verdict, entry), choices, _rules(verdict)), []).append(entry)
    return tuple(
        Replayed(past=past, fate=fate, passages=tuple(passages), choices=choices, rules=rules)
        for (past, fate, choices, rules), passages in alike.items()
    )


def verdict_at(as_of: AsOf, asked: Asked) -> Verdict | None:
    """Decide what was asked as of its moment; None when its application or its model is no longer on record."""
    moment, past = asked
    then = as_of(moment)
    return verdict_of(then.snapshot, then.applications, past, now=then.now)


def verdict_of(
    snapshot: Snapshot, applications: Mapping[ApplicationId, Application], past: Past, *, now: Instant
) -> Verdict | None:
    """Decide one past request; None when its application or its model is no longer on record."""
    application = applications.get(past.application)
    if application is None:
        return None
    try:
        candidates = candidates_of(snapshot, past)
    except CallerError:
        return None
    tools = tools_of(snapshot, past.recipients, past.dialect)
    if tools is None or not (candidates := able(snapshot, tools, candidates)):
        return REFUSED_BY_NAME
    return decide(snapshot, asked_again(past, application, tools), candidates, now=now)


def both_ways(
    asked: Mapping[Asked, int],
    before: Callable[[Asked], Verdict | None],
    after: Callable[[Asked], Verdict | None],
    more: Callable[[int, int], bool] = lambda _done, _of: True,
) -> Simulated:
    """Ask past requests twice, what was asked most first, while `more` of them are wanted, told how many are done.

    Raises GatewayError when the rules cannot answer.
    """
    counts, found, left = Counter[Fate](), Counter[tuple[Past, Fate]](), 0
    ordered = sorted(asked.items(), key=lambda one: -one[1])
    for number, (one, passages) in enumerate(ordered):
        if not more(number, len(ordered)):
            left = sum(each for _, each in ordered[number:])
            break
        fate = fate_of(before(one), after(one))
        counts[fate] += passages
        if fate not in {Fate.SAME, Fate.UNKNOWN}:
            found[one[1], fate] += passages
    changed = [Changed(past=past, fate=fate, passages=passages) for (past, fate), passages in found.most_common()]
    return Simulated(counts=counts, changed=changed, left=left)


def fate_of(before: Verdict | None, after: Verdict | None) -> Fate:
    """Say what becomes of a request under other rules than those in force."""
    if before is None or after is None:
        return Fate.UNKNOWN
    if not isinstance(after, Permit):
        return Fate.REFUSED if isinstance(before, Permit) else Fate.SAME
    if not isinstance(before, Permit):
        return Fate.PERMITTED
    return Fate.SAME if before.choices == after.choices else Fate.ELSEWHERE


def _fate(verdict: Verdict | None, entry: Passed) -> Fate:
    if verdict is None:
        return Fate.UNKNOWN
    if not isinstance(verdict, Permit):
        return Fate.REFUSED if entry.choice else Fate.SAME
    if entry.choice is None:
        return Fate.PERMITTED
    return Fate.SAME if entry.choice in verdict.choices else Fate.ELSEWHERE


def _rules(verdict: Verdict | None) -> tuple[RuleId, ...]:
    if verdict is None:
        return ()
    return verdict.rules if isinstance(verdict, Permit) else tuple(reason.rule for reason in verdict.reasons)
