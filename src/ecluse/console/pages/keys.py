"""API keys: which count, for which application, until when; made here and shown once, replaced, revoked.

Law: a key is shown in the answer that makes it and never again: only its keyed hash is kept. What is not found is said.
Each change is on the trail before it is made.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ecluse.console.ground import Ground
from ecluse.console.page import Page
from ecluse.console.session import Person
from ecluse.console.view import ground_of, render, said
from ecluse.domain.caller import EVERYTHING, ApplicationId, Key, KeyId, KeyScope
from ecluse.edge.key_changes import AnnouncedKeys
from ecluse.edge.keys import KeysUnusable, Secrets, SecretsUnusable
from ecluse.edge.keys.secret import Secret
from ecluse.edge.roles import Act
from ecluse.edge.stores.key_tables import any_table, table_of

OVERLAP = 7
"""Days for which a replaced key goes on counting."""
WRONG = (KeysUnusable, SecretsUnusable, ValueError)
STANDINGS = ("counts", "revoked", "ended")


async def show(request: Request) -> Response:
    """List the keys."""
    return await _answer(request)


async def make(request: Request) -> Response:
    """Make a key, and show it in this answer alone."""
    ground, form = ground_of(request), await request.form()
    try:
        made = await run_in_threadpool(_made, ground, form, request.state.session.person)
    except WRONG as error:
        return await _answer(request, problem=str(error))
    return await _answer(request, made=made)


async def rotate(request: Request) -> Response:
    """Make a key in the place of another, which goes on counting for some days."""
    ground, key = ground_of(request), KeyId(request.path_params["key"])
    until = ground.today + timedelta(days=OVERLAP)
    try:
        keys = _announced(ground, request.state.session.person)
        made = await run_in_threadpool(keys.rotate, key, ground.clock.now(), until)
    except KeyError:
        return await _answer(request, problem=f"{key} is no key that counts")
    except WRONG as error:
        return await _answer(request, problem=str(error))
    return await _answer(request, made=made)


async def revoke(request: Request) -> Response:
    """Revoke a key for good."""
    ground, key = ground_of(request), KeyId(request.path_params["key"])
    try:
        await run_in_threadpool(_revoked, ground, key, request.state.session.person)
    except KeyError:
        return await _answer(request, problem=f"there is no key {key}")
    except WRONG as error:
        return await _answer(request, problem=str(error))
    return RedirectResponse(f"/keys?revoked={key}", 303)


def _announced(ground: Ground, person: Person | None) -> AnnouncedKeys:
    """Return the keys as changed by whoever is signed in; without a person, by the holder of the printed token."""
    roles = person.roles_for(Act.ADMINISTER) if person else []
    own, mark = Secrets.open(ground.state), person.mark if person else "printed_token"
    return AnnouncedKeys(ground.state, own, ground.clock, roles[0] if roles else "console", mark)


def _revoked(ground: Ground, key: KeyId, person: Person | None) -> None:
    """Revoke a key. Raises KeyError, also where there is no table: none is made for it."""
    if not any_table(ground.state):
        raise KeyError(key)
    _announced(ground, person).revoke(key)


def _made(ground: Ground, form: FormData, person: Person | None) -> tuple[Key, Secret]:
    application, stated = ApplicationId(str(form.get("application", ""))), str(form.get("expires", "")).strip()
    if application not in ground.base.applications:
        raise ValueError(f"no application {application!r} is on record")
    expires = date.fromisoformat(stated) if stated else None
    if expires is not None and expires < ground.today:
        raise ValueError(f"{expires} is in the past")
    scopes = frozenset(KeyScope(str(word)) for word in form.getlist("scope")) or EVERYTHING
    return _announced(ground, person).create(application, ground.clock.now(), expires, scopes)


def _listed(ground: Ground) -> Sequence[Key]:
    """Return the keys, the newest first. No secret is made for a state directory that has none."""
    keys = table_of(ground.state, Secrets.open(ground.state)).list() if any_table(ground.state) else ()
    return sorted(keys, key=lambda key: key.created, reverse=True)


async def _answer(request: Request, *, made: tuple[Key, Secret] | None = None, problem: str = "") -> Response:
    ground = ground_of(request)
    status = 400 if problem else 200
    try:
        keys = await run_in_threadpool(_listed, ground)
    except WRONG as error:
        keys, problem, status = (), str(error), 503
    values = {
        "title": said(request)("keys.title"),
        "keys": [(key, _standing(key, ground.today), _scopes(key)) for key in keys],
        "teams": {one.id: one.team for one in ground.base.applications.values() if one.team},
        "scopes": [scope for scope in KeyScope if scope is not KeyScope.ALL],
        "applications": ground.applications(),
        "made": made[0] if made else None,
        "secret": made[1].reveal() if made else "",
        "problem": problem,
        "revoked": request.query_params.get("revoked", ""),
        "overlap": OVERLAP,
    }
    return render(request, "keys.html", values, status=status)


def _standing(key: Key, today: date) -> str:
    if key.revoked:
        return "revoked"
    return "counts" if key.counts(today) else "ended"


def _scopes(key: Key) -> Sequence[KeyScope]:
    """Return the scopes of a narrowed key; none for one that opens everything."""
    return [scope for scope in KeyScope if scope in key.scopes and scope is not KeyScope.ALL]


PAGE = Page(
    name="keys",
    path="/keys",
    routes=[
        Route("/keys", show),
        Route("/keys", make, methods=["POST"]),
        Route("/keys/{key}/rotate", rotate, methods=["POST"]),
        Route("/keys/{key}/revoke", revoke, methods=["POST"]),
    ],
    group="run",
    order=70,
)
