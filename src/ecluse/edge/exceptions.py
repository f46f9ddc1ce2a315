"""Puts on the trail, at each start and reload, the exceptions that are in force.

Law: which rule, for which application, until when; the persons and the ground stay in the settings, because an entry is
never erased.
"""

import secrets
from collections.abc import Iterable

from ecluse.domain.caller import Application
from ecluse.domain.ports import Store
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import EntryId
from ecluse.edge.clock import day_of
from ecluse.passage.record import admin


async def record_exceptions(
    store: Store, applications: Iterable[Application], now: Instant, known: frozenset[tuple[str, str]] = frozenset()
) -> frozenset[tuple[str, str]]:
    """Write one entry for each exception in force that is not `known`, and return all that are known then.

    Raises GatewayError when the trail cannot be written.
    """
    today, told = day_of(now), set(known)
    for application in applications:
        for exception in application.exceptions:
            if exception.in_force(today) and (application.id, exception.id) not in told:
                entry = admin(
                    id=EntryId(secrets.token_hex(16)),
                    now=now,
                    action="exception_in_force",
                    actor="settings",
                    subject=application.id,
                    facts={"exception": exception.id, "rule": exception.rule, "ends": exception.ends.isoformat()},
                )
                await store.append(entry)
                told.add((application.id, exception.id))
    return frozenset(told)
