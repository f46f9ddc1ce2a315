"""Limits and budgets: reserved at the bound, settled at the truth, and never overspent by those who come at once."""

import asyncio
import random
from dataclasses import replace
from datetime import date

import pytest

from ecluse.domain.destination import Destination, Price
from ecluse.domain.effects import Estimate
from ecluse.domain.errors import EcluseError
from ecluse.domain.trail import PassageId
from ecluse.edge.config import BudgetSettings, PriceSettings, UnknownPrice
from ecluse.edge.prices import priced
from ecluse.edge.shared.counters import Measure
from ecluse.edge.shared.memory import MemoryCounters
from ecluse.edge.shared.quota import Quota
from tests.edge.shared.contract import run
from tests.edge.shared.counting import Standing, caller_of, quota, settings
from tests.passage.play import NOW, SOURCE, destination

DAY = date(2026, 11, 24)
EURO_A_MILLION = 1.0
CALL = Estimate(tokens_in=1_000, tokens_out=9_000)
"""Ten thousand tokens at a euro a million: a hundredth of a euro at most."""


def at(price: float | None = EURO_A_MILLION, currency: str = "EUR") -> Destination:
    stated = (
        None if price is None else Price(currency=currency, per_million_in=price, per_million_out=price, source=SOURCE)
    )
    return replace(destination("a"), price=stated)


async def refused(
    gate: Quota, stated: object, *, where: Destination | None = None, call: Estimate = CALL
) -> EcluseError:
    ticket = await gate.enter(caller_of(stated), PassageId("refused"))  # type: ignore[arg-type] # settings
    with pytest.raises(EcluseError) as error:
        await gate.afford(ticket, where or at(), call)
    await gate.leave(ticket)
    return error.value


def test_a_hundred_at_the_last_euro_spend_no_more_than_it() -> None:
    stated, counters = settings({"allowance": {"euros_per_day": 1}}), MemoryCounters()
    draw = random.Random(7)  # noqa: S311 - a test that repeats itself
    spent: list[int] = []

    async def one(gate: Quota, number: int) -> None:
        ticket = await gate.enter(caller_of(stated), PassageId(str(number)))
        try:
            await gate.afford(ticket, at(), Estimate(tokens_in=10_000, tokens_out=40_000))
            ticket.sent = True
            await asyncio.sleep(draw.random() / 100)
            used = draw.randint(1, 50_000)
            spent.append(used)
            await gate.settle(ticket, used, used)
        except EcluseError as error:
            assert error.code == "budget_exhausted"  # noqa: PT017 - both endings are right, one at a time
        finally:
            await gate.leave(ticket)

    async def work() -> None:
        gate = quota(stated, counters)
        for _ in range(3):
            await asyncio.gather(*(one(gate, number) for number in range(100)))
        assert await counters.used("organisation:org", Measure.DAY, Standing().now()) == sum(spent)

    run(work())
    assert len(spent) > 20, "what was settled made room for others"
    assert sum(spent) <= 1_000_000


def test_an_answer_without_a_stated_maximum_overspends_by_what_it_exceeds_its_reservation_and_no_more() -> None:
    stated, counters = settings({"allowance": {"euros_per_day": 1}}), MemoryCounters()
    budgets = BudgetSettings(answer_tokens=9_000)
    true = 30_000

    async def work() -> int:
        gate = quota(stated, counters, budgets=budgets)
        admitted = []
        for number in range(200):
            ticket = await gate.enter(caller_of(stated), PassageId(str(number)))
            try:
                await gate.afford(ticket, at(), Estimate(tokens_in=1_000, tokens_out=None))
            except EcluseError:
                continue
            ticket.sent = True
            admitted.append(ticket)
        for ticket in admitted:
            await gate.settle(ticket, true, true)
        assert len(admitted) == 100
        return await counters.used("organisation:org", Measure.DAY, Standing().now())

    assert run(work()) - 1_000_000 == 100 * (true - 10_000), "the stated bound, reached"


@pytest.mark.parametrize(
    ("sent", "tokens", "spent", "left"),
    [(True, 5_000, 5_000, 5_000), (True, None, None, 10_000), (False, None, None, 0), (True, 20_000, 20_000, 20_000)],
    ids=["used less", "nobody counted", "nothing was sent", "used more"],
)
def test_a_call_is_settled_by_what_is_known_of_it(sent: bool, tokens: int | None, spent: int | None, left: int) -> None:  # noqa: FBT001 - a table
    stated, counters = settings({"allowance": {"euros_per_month": 5, "tokens_per_minute": 10**6}}), MemoryCounters()

    async def work() -> None:
        gate = quota(stated, counters)
        ticket = await gate.enter(caller_of(stated), PassageId("p"))
        await gate.afford(ticket, at(), CALL)
        ticket.sent = sent
        await gate.settle(ticket, tokens, spent)
        await gate.leave(ticket)
        now = Standing().now()
        assert await counters.used("organisation:org", Measure.MONTH, now) == left
        assert await counters.used("organisation:org", Measure.TOKENS, now) == left

    run(work())


def test_a_fallback_settles_the_attempt_before_it() -> None:
    stated, counters = settings({"allowance": {"euros_per_day": 5}}), MemoryCounters()

    async def work() -> None:
        gate = quota(stated, counters)
        ticket = await gate.enter(caller_of(stated), PassageId("p"))
        await gate.afford(ticket, at(), CALL)
        await gate.afford(ticket, at(2.0), CALL)
        ticket.sent = True
        await gate.settle(ticket, 10, 20)
        assert await counters.used("organisation:org", Measure.DAY, Standing().now()) == 20

    run(work())


def test_every_level_must_have_room_and_the_refusal_names_which_has_none() -> None:
    stated = settings(
        {
            "allowance": {"tokens_per_minute": 10**6},
            "teams": [{"id": "t", "name": "T", "allowance": {"euros_per_day": 0.005}}],
        },
        {"team": "t", "each_key": {"concurrent": 9}},
    )

    async def work() -> None:
        error = await refused(quota(stated), stated)
        assert (error.code, error.status) == ("budget_exhausted", 429)
        assert "team" in error.detail
        assert error.retry_after is None, "this call alone is larger than the budget"

    run(work())


def test_each_key_has_its_own_concurrency() -> None:
    stated = settings(application={"each_key": {"concurrent": 1}})

    async def work() -> None:
        gate = quota(stated)
        first = await gate.enter(caller_of(stated, "k1"), PassageId("1"))
        await gate.enter(caller_of(stated, "k2"), PassageId("2"))
        with pytest.raises(EcluseError) as error:
            await gate.enter(caller_of(stated, "k1"), PassageId("3"))
        assert (error.value.code, error.value.retry_after) == ("rate_limited", 1.0)
        await gate.leave(first)
        await gate.leave(first)
        await gate.enter(caller_of(stated, "k1"), PassageId("4"))

    run(work())


def test_a_spent_budget_says_when_the_next_begins() -> None:
    stated = settings({"allowance": {"euros_per_day": 0.015}})

    async def work() -> None:
        gate = quota(stated)
        ticket = await gate.enter(caller_of(stated), PassageId("p"))
        await gate.afford(ticket, at(), CALL)
        error = await refused(gate, stated)
        assert error.retry_after == (86_400_000 - NOW % 86_400_000) / 1000

    run(work())


def test_a_budget_in_euros_refuses_a_price_that_nobody_knows() -> None:
    stated = settings({"allowance": {"euros_per_day": 5}})

    async def work() -> None:
        for unknown in (at(None), at(1.0, "USD")):
            error = await refused(quota(stated), stated, where=unknown)
            assert (error.code, error.status, error.detail) == ("price_unknown", 403, "a")
        counting = quota(stated, budgets=BudgetSettings(unknown_price=UnknownPrice.COUNT_TOKENS))
        ticket = await counting.enter(caller_of(stated), PassageId("p"))
        await counting.afford(ticket, at(None), CALL)

    run(work())


def test_the_owners_price_stands_before_the_list_and_a_rate_turns_its_currency() -> None:
    own = BudgetSettings(prices={"a": PriceSettings(per_million_in=2, per_million_out=3)})
    for known, budgets, expected in (
        (at(9.0), own, (2, 3, "EUR")),
        (at(None), own, (2, 3, "EUR")),
        (at(9.0, "USD"), BudgetSettings(rates={"USD": 0.5}), (4.5, 4.5, "EUR")),
        (at(9.0, "USD"), BudgetSettings(), (9, 9, "USD")),
    ):
        price = priced(budgets, known, DAY).price
        assert price is not None
        assert (price.per_million_in, price.per_million_out, price.currency) == expected
    assert priced(BudgetSettings(), at(None), DAY).price is None


def test_what_a_provider_remembers_has_the_owners_price_of_input_unless_the_owner_says_otherwise() -> None:
    listed = Price(
        currency="USD",
        per_million_in=4,
        per_million_out=8,
        per_million_cached=0.4,
        per_million_written=5,
        source=SOURCE,
    )
    known = replace(destination("a"), price=listed)
    for budgets, expected in (
        (BudgetSettings(prices={"a": PriceSettings(per_million_in=2, per_million_out=3)}), (2, 2, 2)),
        (
            BudgetSettings(prices={"a": PriceSettings(per_million_in=2, per_million_out=3, per_million_cached=0)}),
            (0, 2, 2),
        ),
        (BudgetSettings(rates={"USD": 0.5}), (0.2, 2.5, None)),
    ):
        price = priced(budgets, known, DAY).price
        assert price is not None
        assert (price.per_million_cached, price.per_million_written, price.per_million_written_hour) == expected
