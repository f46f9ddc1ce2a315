"""What a destination costs its owner, in euros: the owner's word, else the list price where its currency has a rate.

Law: a price that cannot be had in euros is no price; unknown is never zero.
"""

from dataclasses import replace
from datetime import date

from ecluse.domain.destination import Destination, Price
from ecluse.domain.party import Confidence, Source
from ecluse.edge.config import BudgetSettings
from ecluse.passage.cost import EURO


def priced(budgets: BudgetSettings, known: Destination, today: date) -> Destination:
    """Return the destination with its price in euros, or with none."""
    own, listed = budgets.prices.get(known.id), known.price
    if own is not None:
        source = Source(title="the owner's settings (budgets.prices)", url="", as_of=today, confidence=Confidence.HIGH)
        plain = own.per_million_in
        price = Price(
            currency=EURO,
            per_million_in=plain,
            per_million_out=own.per_million_out,
            per_million_cached=plain if own.per_million_cached is None else own.per_million_cached,
            per_million_written=plain if own.per_million_written is None else own.per_million_written,
            per_million_written_hour=plain if own.per_million_written_hour is None else own.per_million_written_hour,
            source=source,
        )
        return replace(known, price=price)
    if listed is None or listed.currency == EURO or listed.currency not in budgets.rates:
        return known
    rate = budgets.rates[listed.currency]
    return replace(
        known,
        price=replace(
            listed,
            currency=EURO,
            per_million_in=listed.per_million_in * rate,
            per_million_out=listed.per_million_out * rate,
            per_million_cached=_at(rate, listed.per_million_cached),
            per_million_written=_at(rate, listed.per_million_written),
            per_million_written_hour=_at(rate, listed.per_million_written_hour),
        ),
    )


def _at(rate: float, price: float | None) -> float | None:
    return None if price is None else price * rate
