"""Puts the docket's steps on the trail; only then they count.

Law: an entry has the role, the rule, days and counts of a step. A name, a ground and a reason in words are in none:
who had names shown stands there by a pseudonym, why by a reference.
"""

import asyncio
import secrets
from datetime import date
from pathlib import Path

from ecluse.domain.errors import GatewayError
from ecluse.domain.ports import Clock, Store
from ecluse.domain.trail import Entry, EntryId, Scalar
from ecluse.edge.chain import DocketUnusable
from ecluse.edge.docket import Docket, Kind, Step
from ecluse.edge.keys.own import Secrets
from ecluse.edge.naming import pseudonym_of
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.trail_writing import on_trail_or_asked
from ecluse.passage.record import admin


async def tell_trail(docket: Docket, store: Store, clock: Clock, own: Secrets) -> None:
    """Put what the trail does not have yet on it. Raises GatewayError or DocketUnusable."""
    if not await asyncio.to_thread(docket.untold):
        return
    async with docket.steps.turn():
        for seq, step in await asyncio.to_thread(docket.untold):
            await store.append(_entry(step, clock, own))
            await asyncio.to_thread(docket.told, seq)


def tell_now(state: Path, docket: Docket, own: Secrets, clock: Clock) -> None:
    """Put on the trail what was just written, or wait until the gateway that serves has.

    For a thread without a loop. Raises DocketUnusable when the trail did not take it.
    """
    try:
        there = on_trail_or_asked(
            state,
            own,
            clock,
            lambda store: tell_trail(docket, store, clock, own),
            ask=lambda: None,  # the gateway looks at the docket by itself
            written=lambda: not docket.untold(),
        )
    except (StoreError, GatewayError, ValueError) as error:
        raise DocketUnusable(
            f"the trail did not take this, so nothing counts: {error}",
            f"le registre ne l'a pas pris, rien ne compte donc : {error}",
        ) from error
    if not there:
        raise DocketUnusable(
            "the gateway that serves did not put this on its trail: nothing counts",
            "la passerelle en service ne l'a pas mis à son registre : rien ne compte",
        )


def _entry(step: Step, clock: Clock, own: Secrets) -> Entry:
    if step.kind is Kind.LOOK:
        action, subject = "names_shown", step.page
        facts: dict[str, Scalar | None] = {
            "why": step.ground,
            "person": step.person or pseudonym_of(step.name, own.index_of),
            "look": step.matter,
        }
    else:
        action, subject = f"{step.kind}_{step.move}", step.application
        facts = {
            "matter": step.matter,
            "rule": step.rule or None,
            "refusal": step.entry or None,
            "findings": len(step.marks) or None,
            "destinations": len(step.destinations) or None,
            "starts": _iso(step.starts),
            "ends": _iso(step.ends),
        }
    told = {name: value for name, value in facts.items() if value is not None}
    id_ = EntryId(secrets.token_hex(16))
    return admin(id=id_, now=clock.now(), action=action, actor=step.role, subject=subject, facts=told)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
