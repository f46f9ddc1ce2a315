"""Calls about API keys: list, make, rotate, revoke.

Law: what is done is on the trail before it is done, with the role and a mark of who did it; a trail that cannot be
written changes nothing. A key is shown once, in the answer to the call that made it.
"""

import asyncio
import secrets
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial

from ecluse.domain.caller import ApplicationId, Key, KeyId, KeyScope, check_scopes
from ecluse.domain.errors import CallerError, GatewayError
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import EntryId
from ecluse.edge.admin.bodies import KeyShown, KeysTold, KeyTold, NewKey, Rotation
from ecluse.edge.admin.office import Call, Office
from ecluse.edge.clock import day_of
from ecluse.edge.key_changes import created, rotated
from ecluse.edge.keys import KeysUnusable
from ecluse.edge.keys.table import fresh_id
from ecluse.passage.record import admin


async def list_keys(office: Office, _call: Call) -> KeysTold:
    """Return every key, without secrets."""
    return KeysTold(keys=[_told(office, key) for key in await _keys(office)])


async def make_key(office: Office, call: Call) -> KeyShown:
    """Make a key for an application of the settings."""
    asked: NewKey = call.body
    now = office.live.clock.now()
    if ApplicationId(asked.application) not in office.live.moment().snapshot.applications:
        raise CallerError("invalid_request", "application: not one of these settings")
    _check_day(asked.expires, now)
    scopes = frozenset(asked.scopes)
    try:
        check_scopes(scopes)
    except ValueError:
        raise CallerError("invalid_request", "scopes: all, or some of the others") from None
    id_ = fresh_id()
    await _record(office, call, "key_created", asked.application, created(id_, _iso(asked.expires), scopes))
    try:
        made, secret = await asyncio.to_thread(
            partial(office.keys.create, ApplicationId(asked.application), now, asked.expires, id_=id_, scopes=scopes)
        )
    except KeysUnusable as error:
        raise GatewayError("keys_unavailable") from error
    return KeyShown(key=_told(office, made), secret=secret.reveal())


async def rotate_key(office: Office, call: Call) -> KeyShown:
    """Make a key in place of another, which counts for some days more."""
    asked: Rotation = call.body
    now = office.live.clock.now()
    old = await _one(office, call.id)
    if not old.counts(day_of(now)):
        raise CallerError("step_refused", "the key is revoked, or has ended: make another")
    _check_day(asked.expires, now)
    until = day_of(now) + timedelta(days=asked.overlap_days)
    id_ = fresh_id()
    await _record(office, call, "key_rotated", old.application, rotated(id_, old, until, asked.expires))
    try:
        made, secret = await asyncio.to_thread(
            partial(office.keys.rotate, old.id, now, until, id_=id_, expires=asked.expires)
        )
    except KeyError:
        raise CallerError("step_refused", "the key was revoked meanwhile: make another") from None
    except KeysUnusable as error:
        raise GatewayError("keys_unavailable") from error
    return KeyShown(key=_told(office, made), secret=secret.reveal(), replaces=old.id)


async def revoke_key(office: Office, call: Call) -> KeyTold:
    """Revoke a key for good."""
    key = await _one(office, call.id)
    await _record(office, call, "key_revoked", key.application, {"key": key.id})
    try:
        revoked = await asyncio.to_thread(office.keys.revoke, key.id)
    except (KeyError, KeysUnusable) as error:
        raise GatewayError("keys_unavailable") from error
    return _told(office, revoked)


async def _keys(office: Office) -> tuple[Key, ...]:
    try:
        return await asyncio.to_thread(office.keys.list)
    except KeysUnusable as error:
        raise GatewayError("keys_unavailable") from error


async def _one(office: Office, id_: str) -> Key:
    found = next((key for key in await _keys(office) if key.id == KeyId(id_)), None)
    if found is None:
        raise CallerError("not_found")
    return found


async def _record(office: Office, call: Call, action: str, subject: str, facts: Mapping[str, str | None]) -> None:
    entry = admin(
        id=EntryId(secrets.token_hex(16)),
        now=office.live.clock.now(),
        action=action,
        actor=call.role,
        subject=subject,
        facts={**facts, "by": call.person.mark},
    )
    await office.store.append(entry)


def _told(office: Office, key: Key) -> KeyTold:
    known = office.live.moment().snapshot.applications.get(key.application)
    today = day_of(office.live.clock.now())
    return KeyTold(
        id=key.id,
        application=key.application,
        organisation=known.organisation.id if known else None,
        team=known.team if known else None,
        created=key.created,
        expires=key.expires,
        revoked=key.revoked,
        counts=key.counts(today),
        scopes=[scope for scope in KeyScope if scope in key.scopes],
        used=key.used,
    )


def _check_day(day: date | None, now: Instant) -> None:
    if day is not None and day < day_of(now):
        raise CallerError("invalid_request", "expires: a day that is not past")


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
