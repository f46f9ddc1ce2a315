"""Where limits and budgets are counted: whether it answers now.

Law: it takes nothing: what it asks for is what is in use by nobody.
"""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

from ecluse.domain.errors import GatewayError
from ecluse.domain.snapshot import Instant
from ecluse.edge.config import SettingsError, SharedSettings, WhenAway
from ecluse.edge.doctor.remark import Grade, Remark
from ecluse.edge.extras import ExtraMissing
from ecluse.edge.shared.counters import Counters, CountersAway, Measure
from ecluse.edge.shared.kept import readable


def counting_remarks(
    shared: SharedSettings, made: Callable[[SharedSettings], Counters], now: Instant, spent: Path
) -> Iterator[Remark]:
    """Look at the counters that the settings name, which `made` makes; where none are shared, at the file `spent`."""
    if shared.url is None:
        if not readable(spent):
            yield Remark(
                about="counters",
                grade=Grade.MEND,
                says=f"{spent} cannot be read: calls with a budget in euros are refused",
                next_step="mend it, or take it away to count what budgets have spent from zero",
            )
        return
    away = "calls with a limit or a budget are refused" if shared.when_away is WhenAway.REFUSE else "each counts alone"
    try:
        asyncio.run(_ask(made, shared, now))
    except CountersAway:
        yield Remark(
            about="counters",
            grade=Grade.MEND,
            says=f"the server of shared.url does not answer within {shared.seconds} s; until it does, {away}",
            next_step="see that it runs, that this machine may reach it, and that its password is right",
        )
    except (SettingsError, GatewayError, ExtraMissing, ValueError) as error:
        yield Remark(
            about="counters",
            grade=Grade.MEND,
            says=f"the server of shared.url cannot be asked: {error}",
            next_step="mend [shared] or what it names",
        )
    else:
        yield Remark(about="counters", grade=Grade.GOOD, says="the server of shared.url answers")


async def _ask(made: Callable[[SharedSettings], Counters], shared: SharedSettings, now: Instant) -> None:
    counters = made(shared)
    try:
        await counters.used("doctor", Measure.CONCURRENT, now)
    finally:
        await counters.close()
