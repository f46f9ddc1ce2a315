"""Calls about exceptions and contests, through the docket: the same two persons as on the command line.

Law: the person is who entered, never what a body says; the docket refuses one person in two roles. Nothing counts
before the gateway has put the step on its trail, within seconds.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

from ecluse.domain.caller import ApplicationId
from ecluse.domain.contest import LONGEST
from ecluse.domain.errors import CallerError, GatewayError
from ecluse.edge.admin.bodies import MattersTold, MatterTold, NewException, Until
from ecluse.edge.admin.office import Call, Office
from ecluse.edge.chain import DocketUnusable
from ecluse.edge.clock import day_of
from ecluse.edge.decided import why_not
from ecluse.edge.docket import Kind, Matter, Move, Step
from ecluse.edge.naming import Names


def listing(kind: Kind) -> Callable[[Office, Call], Awaitable[MattersTold]]:
    """Return the call that lists the matters of a kind."""

    async def matters(office: Office, call: Call) -> MattersTold:
        names = office.names(call.person)
        return MattersTold(matters=[_told(one, names) for one in await _matters(office, kind)])

    return matters


async def ask(office: Office, call: Call) -> MatterTold:
    """Ask for an exception. Nothing is lifted before another person in another role approves."""
    asked: NewException = call.body
    now = office.live.clock.now()
    step = Step(
        kind=Kind.EXCEPTION,
        name=call.person.name,
        role=call.role,
        application=asked.application,
        rule=asked.rule,
        ground=asked.ground,
        starts=asked.starts or day_of(now),
        ends=asked.ends,
        destinations=asked.destinations,
    )
    await _check(office, step)
    try:
        written = await asyncio.to_thread(office.docket.ask, step, now)
    except DocketUnusable as error:
        raise CallerError("step_refused", str(error)) from error
    return await _one(office, call, Kind.EXCEPTION, written.matter)


def deciding(kind: Kind, move: Move) -> Callable[[Office, Call], Awaitable[MatterTold]]:
    """Return the call that takes a step in a matter."""

    async def decide(office: Office, call: Call) -> MatterTold:
        found, now = await _step(office, kind, call.id), office.live.clock.now()
        ends: date | None = None
        if move is Move.GRANTED and kind is Kind.EXCEPTION:
            await _check(office, found)
        elif move is Move.GRANTED:
            asked: Until = call.body
            ends, today = asked.ends, day_of(now)
            if not today <= ends <= today + LONGEST:
                raise CallerError("invalid_request", f"ends: a day from {today} to {today + LONGEST}")
        try:
            await asyncio.to_thread(
                lambda: office.docket.decide(
                    call.id, kind, move, name=call.person.name, role=call.role, now=now, ends=ends
                )
            )
        except DocketUnusable as error:
            raise CallerError("step_refused", str(error)) from error
        return await _one(office, call, kind, call.id)

    return decide


async def _check(office: Office, step: Step) -> None:
    """Raise CallerError when the rules cannot have this exception, whoever grants it."""
    made = office.live.moment().snapshot
    if ApplicationId(step.application) not in made.applications:
        raise CallerError("invalid_request", "application: not one of these settings")
    try:
        why = await asyncio.to_thread(why_not, made, step)
    except DocketUnusable as error:
        raise CallerError("step_refused", str(error)) from error
    if why:
        raise CallerError("step_refused", str(why))


async def _matters(office: Office, kind: Kind) -> list[Matter]:
    try:
        found = await asyncio.to_thread(office.docket.matters)
    except DocketUnusable as error:
        raise GatewayError("internal_error", "the docket cannot be read") from error
    return [one for one in found if one.asked.kind is kind]


async def _matter(office: Office, kind: Kind, id_: str) -> Matter:
    found = next((one for one in await _matters(office, kind) if one.asked.matter == id_), None)
    if found is None:
        raise CallerError("not_found")
    return found


async def _step(office: Office, kind: Kind, id_: str) -> Step:
    return (await _matter(office, kind, id_)).asked


async def _one(office: Office, call: Call, kind: Kind, id_: str) -> MatterTold:
    return _told(await _matter(office, kind, id_), office.names(call.person))


def _told(one: Matter, names: Names) -> MatterTold:
    asked, decided, ended = one.asked, one.decided, one.ended
    last = decided or asked
    return MatterTold(
        id=asked.matter,
        state=one.state,
        on_trail=one.trailed,
        application=asked.application,
        rule=asked.rule,
        destinations=list(asked.destinations),
        findings=asked.counts,
        ground=asked.ground,
        asked_by=names(asked.name),
        asked_as=asked.role,
        asked_at=asked.at,
        decided_by=names(decided.name) if decided else None,
        decided_as=decided.role if decided else None,
        ended_by=names(ended.name) if ended else None,
        starts=last.starts,
        ends=last.ends,
    )
