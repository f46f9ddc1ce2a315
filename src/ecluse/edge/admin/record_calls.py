"""Calls that only read: who is on record, what is left of limits, what was used, the newest head of the trail.

Law: sums and names on record, no single request; what nobody can say is null, never zero.
"""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import asdict

from ecluse.domain.errors import GatewayError
from ecluse.edge.admin.bodies import (
    ApplicationTold,
    BoundsTold,
    CheckpointTold,
    EstimateTold,
    FootprintTold,
    LimitsTold,
    LimitTold,
    OrganisationsTold,
    OrganisationTold,
    TeamTold,
    UsageAsked,
    UsageLine,
    UsageTold,
)
from ecluse.edge.admin.office import Call, Office
from ecluse.edge.config import OrganisationSettings
from ecluse.edge.footprint import footprint
from ecluse.edge.keys import KeysUnusable
from ecluse.edge.keys import state as where
from ecluse.edge.naming import Names
from ecluse.edge.shared.allowances import MICRO
from ecluse.edge.shared.counters import MONEY
from ecluse.edge.shared.quota import Standing
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.opening import open_reader
from ecluse.edge.usage import By, Line, UsageBook
from ecluse.packs.errors import PackError
from ecluse.packs.footprint import Interval


async def organisations(office: Office, call: Call) -> OrganisationsTold:
    """Return organisations with their teams and applications."""
    names = office.names(call.person)
    return OrganisationsTold(organisations=[_organisation(one, names) for one in office.settings.organisations])


async def limits(office: Office, _call: Call) -> LimitsTold:
    """Return every limit and budget with what is left of it."""
    try:
        keys = await asyncio.to_thread(office.keys.list)
    except KeysUnusable as error:
        raise GatewayError("keys_unavailable") from error
    standing = await office.quota.standing((key.application, key.id) for key in keys if not key.revoked)
    return LimitsTold(limits=[_limit(one) for one in standing])


async def usage(office: Office, call: Call) -> UsageTold:
    """Return sums of what was used, from the trail."""
    asked: UsageAsked = call.query
    try:
        lines, sent = await asyncio.to_thread(_lines, office, asked)
        spent = await asyncio.to_thread(_footprint, office, sent)
    except (StoreError, sqlite3.Error, OSError, PackError) as error:
        raise GatewayError("internal_error", "the trail cannot be read") from error
    told = [UsageLine(name=line.name, currency=line.currency or None, **asdict(line.sums)) for line in lines]
    return UsageTold(by=asked.by, usage=told, footprint=spent)


async def checkpoint(office: Office, _call: Call) -> CheckpointTold:
    """Return the newest signed head of the trail."""
    return CheckpointTold(checkpoint=await asyncio.to_thread(office.receipts.newest))


def _lines(office: Office, asked: UsageAsked) -> tuple[list[Line], list[Line]]:
    """Return the sums that were asked for, and the same by destination."""
    state = office.state
    with closing(open_reader(state)) as trail, closing(UsageBook(where.usage(state))) as book:
        book.catch_up(trail)
        asked_for, sent = (
            book.by(
                by,
                since=asked.since,
                until=asked.until,
                organisation=asked.organisation,
                application=asked.application,
            )
            for by in (asked.by, By.DESTINATION)
        )
    return asked_for, sent


def _footprint(office: Office, sent: list[Line]) -> FootprintTold:
    """Estimate energy and carbon; one's own machines are taken to stand where the gateway does."""
    spent = footprint(office.base.registry, sent, own_country=office.settings.gateway.country)
    return FootprintTold(
        energy_wh=_bounds(spent.energy_wh),
        carbon_g=_bounds(spent.carbon_g),
        whole=spent.whole,
        method=spent.method,
        destinations=[
            EstimateTold(
                destination=one.destination,
                tokens_out=one.tokens_out,
                simulated=one.simulated,
                energy_wh=_bounds(one.energy_wh),
                carbon_g=_bounds(one.carbon_g),
                unknown=list(one.unknown),
            )
            for one in spent.destinations
        ],
    )


def _bounds(one: Interval | None) -> BoundsTold | None:
    return BoundsTold(low=one.low, high=one.high) if one else None


def _organisation(stated: OrganisationSettings, names: Names) -> OrganisationTold:
    return OrganisationTold(
        id=stated.id,
        name=stated.name,
        kind=stated.kind,
        teams=[TeamTold(id=team.id, name=team.name) for team in stated.teams],
        applications=[
            ApplicationTold(
                id=one.id,
                name=one.name,
                team=one.team,
                owner=names(one.owner),
                purposes=one.purposes,
                declared=one.declared,
            )
            for one in stated.applications
        ],
    )


def _limit(one: Standing) -> LimitTold:
    unit = MICRO if one.measure in MONEY else 1
    left = None if one.used is None else max(0, one.limit - one.used) / unit
    used = None if one.used is None else one.used / unit
    return LimitTold(scope=one.scope, measure=one.measure, limit=one.limit / unit, used=used, left=left)
