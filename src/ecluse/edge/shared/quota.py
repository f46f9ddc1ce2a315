"""Limits and budgets of one gateway: reserved before a call, settled after it.

Law: nothing is sent unless its upper bound fits into every limit and budget that applies. What was sent and not
counted stays spent at its bound: unknown is never zero. What was not sent costs nothing. Counters that do not answer
refuse, or, where the owner asks for it, each replica counts alone against its share.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ecluse.domain.caller import ApplicationId, Caller, KeyId
from ecluse.domain.destination import Destination
from ecluse.domain.effects import Estimate
from ecluse.domain.errors import CallerError, GatewayError
from ecluse.domain.ports import Clock
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Entry, OutcomeStatus, PassageId
from ecluse.edge.config import BudgetSettings, SharedSettings, UnknownPrice, WhenAway
from ecluse.edge.shared.allowances import MICRO, Allowances, Level, claims
from ecluse.edge.shared.counters import MONEY, Claim, Counters, CountersAway, Measure, Short
from ecluse.edge.shared.memory import MemoryCounters
from ecluse.passage.cost import EURO, most


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is reserved: its claims, since when, and who counts it."""

    claims: tuple[Claim, ...]
    at: Instant
    counters: Counters
    holder: str


@dataclass(slots=True, kw_only=True)
class Ticket:
    """One passage's standing: what it may use, what it holds now."""

    holder: str
    levels: tuple[Level, ...]
    place: Held | None = None
    call: Held | None = None
    sent: bool = field(default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One limit and what is in use of it; None while nobody can say. Money is in millionths of a euro."""

    scope: str
    measure: Measure
    limit: int
    used: int | None


class Quota:
    """Reserves and settles."""

    def __init__(
        self,
        counters: Counters,
        allowances: Allowances,
        *,
        budgets: BudgetSettings,
        shared: SharedSettings,
        clock: Clock,
    ) -> None:
        self._counters = counters
        self._allowances = allowances
        self._budgets = budgets
        self._away = shared.when_away
        self._share = shared.replicas
        self._alone = MemoryCounters()
        self._clock = clock

    def adopt(self, allowances: Allowances, budgets: BudgetSettings) -> None:
        """Reckon with other settings from the next request on; what is held stays held at its levels."""
        self._allowances, self._budgets = allowances, budgets

    async def standing(self, keys: Iterable[tuple[ApplicationId, KeyId]]) -> list[Standing]:
        """Return every limit of the settings, and those of these keys, with what is in use; unknown stays unknown."""
        levels = [*self._allowances.every()]
        levels += [level for application, key in keys for level in self._allowances.of_key(application, key)]
        found: list[Standing] = []
        now, away = self._clock.now(), False
        for level in levels:
            for measure, limit in level.limits.items():
                used: int | None = None
                try:
                    used = None if away else await self._counters.used(level.scope, measure, now)
                except CountersAway:
                    away = True  # the rest is not asked for: each question would wait as long
                found.append(Standing(scope=level.scope, measure=measure, limit=limit, used=used))
        return found

    async def enter(self, caller: Caller, passage: PassageId) -> Ticket:
        """Count a request and take a place. Raises CallerError('rate_limited') or GatewayError."""
        levels = tuple(self._allowances.levels(caller))
        ticket = Ticket(holder=passage, levels=levels)
        ticket.place = await self._take(ticket, claims(levels, {Measure.REQUESTS: 1, Measure.CONCURRENT: 1}))
        return ticket

    async def afford(self, ticket: Ticket, destination: Destination, estimate: Estimate) -> None:
        """Reserve what a call takes at most; what the call before it left open is settled first.

        Raises CallerError('rate_limited', 'budget_exhausted' or 'price_unknown') or GatewayError.
        """
        await self.settle(ticket)
        tokens_out = self._budgets.answer_tokens if estimate.tokens_out is None else estimate.tokens_out
        bound = most(destination.price, estimate, tokens_out)
        amounts = {Measure.TOKENS: estimate.tokens_in + tokens_out}
        if bound is not None:
            amounts |= {Measure.DAY: bound, Measure.MONTH: bound}
        elif self._budgets.unknown_price is UnknownPrice.REFUSE and _in_euros(ticket.levels):
            raise CallerError("price_unknown", destination.id)
        ticket.call = await self._take(ticket, claims(ticket.levels, amounts))
        ticket.sent = False

    async def settle(self, ticket: Ticket, tokens: int | None = None, spent: int | None = None) -> None:
        """Settle a call by what was used; without a count, what was sent stays spent and the rest is given back."""
        held, ticket.call = ticket.call, None
        if held is None:
            return
        true: dict[Measure, int | None] = {Measure.TOKENS: tokens, Measure.DAY: spent, Measure.MONTH: spent}
        back: list[Claim] = []
        for claim in held.claims:
            known = true[claim.measure] if ticket.sent else 0
            if known is not None and known != claim.amount:
                back.append(_changed(claim, known - claim.amount))
        await self._give(held, back)

    async def leave(self, ticket: Ticket) -> None:
        """Give back the place, and settle what is still open. Idempotent."""
        await self.settle(ticket)
        place, ticket.place = ticket.place, None
        if place is not None:
            await self._give(place, [claim for claim in place.claims if claim.measure is Measure.CONCURRENT])

    async def _take(self, ticket: Ticket, wanted: Sequence[Claim]) -> Held | None:
        if not wanted:
            return None
        now = self._clock.now()
        counters, taken = self._counters, tuple(wanted)
        try:
            short = await counters.take(taken, ticket.holder, now)
        except CountersAway as error:
            if self._away is WhenAway.REFUSE:
                raise GatewayError("limits_unavailable") from error
            counters, taken = self._alone, tuple(_shared_out(claim, self._share) for claim in wanted)
            short = await counters.take(taken, ticket.holder, now)
        if short is not None:
            raise _refused(short)
        return Held(claims=taken, at=now, counters=counters, holder=ticket.holder)

    async def _give(self, held: Held, back: Sequence[Claim]) -> None:
        if not back:
            return
        try:
            await held.counters.give(back, held.holder, held.at)
        except CountersAway:
            return  # it stays reserved until its window or its lease ends


def used(outcome: Entry) -> tuple[int | None, int | None]:
    """Return tokens and millionths of a euro of a whole answer; what was cut off has no count to rely on."""
    body = outcome.body
    tokens_in, tokens_out = body.get("tokens_in"), body.get("tokens_out")
    if body.get("status") != OutcomeStatus.DONE or not isinstance(tokens_in, int) or not isinstance(tokens_out, int):
        return None, None
    cost = body.get("cost_micro") if body.get("currency") == EURO else None
    return tokens_in + tokens_out, cost if isinstance(cost, int) else None


def _in_euros(levels: tuple[Level, ...]) -> bool:
    return any(MONEY & set(level.limits) for level in levels)


def _changed(claim: Claim, amount: int) -> Claim:
    return Claim(scope=claim.scope, measure=claim.measure, limit=claim.limit, amount=amount)


def _shared_out(claim: Claim, replicas: int) -> Claim:
    return Claim(scope=claim.scope, measure=claim.measure, limit=claim.limit // replicas, amount=claim.amount)


def _refused(short: Short) -> CallerError:
    claim = short.claim
    level = claim.scope.split(":", maxsplit=1)[0]
    code = "budget_exhausted" if claim.measure in MONEY else "rate_limited"
    unit = MICRO if claim.measure in MONEY else 1
    detail = (
        f"{claim.measure} of this {level}: limit {claim.limit / unit:g}, in use {short.used / unit:g}, "
        f"this call at most {claim.amount / unit:g}"
    )
    return CallerError(code, detail, retry_after=short.retry_after)
