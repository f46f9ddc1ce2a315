"""What passages cost and how concentrated they are, as they went and as they would go after a loss.

Law: costs are at dated list prices, the same for before and after; an unknown price or count of tokens makes a cost
unknown, never zero, and how many is said. Concentration is the index of Herfindahl and Hirschman over companies.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ecluse.domain.caller import Application, ApplicationId
from ecluse.domain.destination import DestinationId
from ecluse.domain.effects import Health
from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.domain.verdict import Choice, Permit
from ecluse.passage.route import plan, route_of
from ecluse.prove.past import Past
from ecluse.prove.simulate import verdict_of

WHOLE = 100.0
"""Percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Passages that asked the same and went the same way: how many, and the tokens that were counted of them.

    `untold` of the passages have no count of tokens.
    """

    past: Past
    choice: Choice
    passages: int
    tokens_in: int
    tokens_out: int
    untold: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What some flows come to. `cost` is in millionths by currency, of the passages whose cost is known.

    `stopped` passages go nowhere; `unasked` cannot be asked again, so they are in neither.
    """

    passages: int
    cost: Mapping[str, int]
    unpriced: int
    shares: Mapping[str, float]
    stopped: int = 0
    unasked: int = 0

    @property
    def concentration(self) -> int | None:
        """The sum of the squares of the companies' percentages of passages: 10,000 for one; None for no passage."""
        return round(sum(share**2 for share in self.shares.values())) if self.shares else None


def as_it_went(flows: Iterable[Flow], snapshot: Snapshot) -> Balance:
    """Return what passages came to where they went."""
    return _balance([(flow, flow.choice.destination) for flow in flows], snapshot)


def as_it_would_go(
    flows: Sequence[Flow],
    after: Snapshot,
    applications: Mapping[ApplicationId, Application],
    *,
    now: Instant,
    stands: bool = False,
) -> Balance:
    """Return what the same passages would come to after a loss: what stays permitted stays, the rest goes first.

    With `stands` the gateway itself is lost. Raises GatewayError when the rules cannot answer.
    """
    went: list[tuple[Flow, DestinationId]] = []
    stopped = unasked = 0
    for flow in flows:
        application = applications.get(flow.past.application)
        if application is None:
            unasked += flow.passages
            continue
        where = None if stands else _where(flow, after, application, now)
        if where is None:
            stopped += flow.passages
        else:
            went.append((flow, where))
    return _balance(went, after, stopped=stopped, unasked=unasked)


def _where(flow: Flow, snapshot: Snapshot, application: Application, now: Instant) -> DestinationId | None:
    """Return where a passage would go first; None when nothing is left of what it named, or nothing is permitted."""
    verdict = verdict_of(snapshot, {application.id: application}, flow.past, now=now)
    if not isinstance(verdict, Permit):
        return None
    if flow.choice in verdict.choices:
        return flow.choice.destination
    route = route_of(snapshot, flow.past.model, application.organisation.id)
    return plan(verdict, Health(), 1, route).choices[0].destination


def _balance(
    went: Sequence[tuple[Flow, DestinationId]], snapshot: Snapshot, *, stopped: int = 0, unasked: int = 0
) -> Balance:
    cost: dict[str, int] = {}
    companies: dict[str, int] = {}
    unpriced = 0
    for flow, id_ in went:
        known = snapshot.destinations.get(id_)
        company = known.provider if known else id_.split("/")[0]
        companies[company] = companies.get(company, 0) + flow.passages
        price = known.price if known else None
        value = price.cost(flow.tokens_in, flow.tokens_out) if price else None
        if price is None or value is None:
            unpriced += flow.passages
            continue
        unpriced += flow.untold
        if flow.passages > flow.untold:
            cost[price.currency] = cost.get(price.currency, 0) + value
    total = sum(companies.values())
    return Balance(
        passages=total,
        cost=cost,
        unpriced=unpriced,
        shares={name: WHOLE * number / total for name, number in sorted(companies.items())},
        stopped=stopped,
        unasked=unasked,
    )
