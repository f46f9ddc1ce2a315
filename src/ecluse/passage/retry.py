"""The attempts of one passage: down the plan, and round it again while that helps.

Law: each attempt is decided again under the pinned and the current snapshot, and both must permit (decision 10). A call
more than the first needs the budget of extra calls, and waits as long as the provider asked or is not made at all.
"""

from collections.abc import Iterator
from dataclasses import replace

from ecluse.domain.destination import DestinationId
from ecluse.domain.effects import Pause
from ecluse.domain.errors import GatewayError, PolicyDenied, ProviderError
from ecluse.domain.request import Request
from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.domain.verdict import Choice, Question, Refusal
from ecluse.passage.arrival import Arrival
from ecluse.passage.attempt import attempt
from ecluse.passage.decide import decide, explain
from ecluse.passage.ledger import Ledger, Steps
from ecluse.passage.record import derive
from ecluse.passage.route import Plan

FALLS_BACK = frozenset(
    {
        "upstream_error",
        "upstream_unreachable",
        "upstream_tls",
        "upstream_unserved",
        "upstream_timeout",
        "upstream_credentials",
        "upstream_malformed",
        "upstream_redirect",
        "upstream_rate_limited",
    }
)
"""The provider's failures that another destination may not have. A rejected request is not one."""
PASSES = frozenset({"upstream_error", "upstream_unreachable", "upstream_rate_limited"})
"""Those that the same destination may not have a moment later."""
BACKOFF = 0.2
"""Seconds before the same destination is tried again without a word of how long; up to half as much is drawn on top."""


def attempts(arrival: Arrival, ledger: Ledger, request: Request, question: Question, plan: Plan) -> Steps:
    """Try choices of the plan until one answers. Raises the error of the last that did not."""
    failures: dict[DestinationId, ProviderError] = {}
    for choice in _turns(ledger, plan, failures):
        wait = _wait(arrival, ledger, choice, failures.get(choice.destination))
        if wait is None:
            break
        if wait:
            yield from ledger.ask(Pause(seconds=wait))
        permit_again(ledger, question, choice)
        try:
            yield from attempt(arrival, ledger, request, choice)
        except ProviderError as error:
            if ledger.begun or ledger.named or error.code not in FALLS_BACK:
                raise
            failures[choice.destination] = error
        else:
            return
    raise _told(ledger, plan, list(failures.values()))


def _turns(ledger: Ledger, plan: Plan, failures: dict[DestinationId, ProviderError]) -> Iterator[Choice]:
    """Go down the plan, then once more over what may have passed, as long as attempts and budget last."""
    yielded = 0
    for turn in range(2):
        for choice in plan.choices:
            if yielded >= ledger.pinned.routes.attempts or (yielded and not ledger.moment.health.extra):
                return
            if turn and failures[choice.destination].code not in PASSES:
                continue
            yielded += 1
            yield choice


def _wait(arrival: Arrival, ledger: Ledger, choice: Choice, failure: ProviderError | None) -> float | None:
    """Return the seconds to wait before a call, None when it is longer than a request may wait."""
    rests = ledger.moment.health.resting.get(choice.destination)
    wait = (rests - ledger.moment.now) / 1000 if rests is not None else 0.0
    if failure is not None:
        drawn = derive(arrival.seed, f"backoff-{ledger.attempts}")[0] / 255
        wait = max(wait, failure.retry_after or BACKOFF * (1 + drawn / 2))
    return wait if wait <= ledger.pinned.routes.longest_wait else None


def _told(ledger: Ledger, plan: Plan, failures: list[ProviderError]) -> Exception:
    """Say why nothing answered: the shortest wait when all asked to wait."""
    if not failures:
        rests = [ledger.moment.health.resting[c.destination] for c in plan.choices if _rests(ledger, c)]
        if not rests:
            return _nowhere(ledger, plan)
        return ProviderError("upstream_rate_limited", retry_after=(min(rests) - ledger.moment.now) / 1000, sent=False)
    if all(error.code == "upstream_unreachable" for error in failures):
        return _nowhere(ledger, plan)
    limited = [error for error in failures if error.code == "upstream_rate_limited"]
    if len(limited) == len(failures):
        return min(limited, key=lambda error: error.retry_after or float("inf"))
    return failures[-1]


def _nowhere(ledger: Ledger, plan: Plan) -> GatewayError:
    """Say that all are down and, where each is believed so until a moment, how long until the first may be tried."""
    health = ledger.moment.health
    permitted = {choice.destination for choice in plan.choices} | set(plan.left_out)
    wait = None
    if permitted and permitted <= health.back.keys():
        wait = max(0.0, (min(health.back[id_] for id_ in permitted) - ledger.moment.now) / 1000)
    return GatewayError("no_permitted_destination_alive", retry_after=wait)


def _rests(ledger: Ledger, choice: Choice) -> bool:
    return choice.destination in ledger.moment.health.resting


def permit_again(ledger: Ledger, question: Question, choice: Choice) -> None:
    """Decide this attempt again, under the pinned and the current snapshot: both must permit (decision 10)."""
    current = ledger.moment.snapshot
    for snapshot in (ledger.pinned,) if current.id == ledger.pinned.id else (ledger.pinned, current):
        if choice.destination not in snapshot.destinations:
            raise GatewayError("policy_unavailable", "the destination left the registry during the passage")
        asked = question if snapshot is ledger.pinned else _as_on_record(ledger, snapshot, question)
        verdict = decide(snapshot, asked, (choice.destination,), now=ledger.moment.now)
        if isinstance(verdict, Refusal):
            raise PolicyDenied(verdict)
        if choice not in verdict.choices and not _permits_form(snapshot, asked, choice, ledger.moment.now):
            raise GatewayError("policy_unavailable", "the permit changed during the passage")


def _as_on_record(ledger: Ledger, snapshot: Snapshot, question: Question) -> Question:
    """Ask for the application as it is on record now: an analysis or a contest may have ended during the passage."""
    if not ledger.pinned.applications:
        return question
    record = snapshot.applications.get(question.application.id)
    if record is None:
        raise GatewayError("policy_unavailable", "the application left the record during the passage")
    if not set(ledger.contested) <= {contest.id for contest in record.contests}:
        raise GatewayError("policy_unavailable", "a contest ended during the passage")
    return replace(question, application=record).with_classes(record.declared)


def _permits_form(snapshot: Snapshot, question: Question, choice: Choice, now: Instant) -> bool:
    rulings = explain(snapshot, question, (choice.destination,), now=now)
    return any(ruling.choice == choice and ruling.permitted for ruling in rulings)
