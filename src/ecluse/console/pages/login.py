"""The entrance: a token that opens once, or the identity provider of the house; and the ways out.

Law: the token stands after `#` in the printed address, so that it reaches no log; a script puts it in the form.
"""

from urllib.parse import urlsplit

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ecluse.console.guard import COOKIE
from ecluse.console.page import Page
from ecluse.console.session import Person
from ecluse.console.view import ground_of, render, said
from ecluse.edge.identity.signing_in import LASTS, NotEntered
from ecluse.edge.identity.signing_out import NotSignedOut
from ecluse.edge.keys import Secrets, SecretsUnusable
from ecluse.edge.saying import say

PROVIDER = "/login/provider"
BACK = "/login/back"
ENDED = "/login/ended"
MARK = "ecluse_sign_in"


async def show(request: Request) -> Response:
    """Show the entrance."""
    return _page(request)


async def enter(request: Request) -> Response:
    """Open a session, or say that the token is not the one."""
    form = await request.form()
    name = request.app.state.sessions.enter(str(form.get("token", "")))
    if name is None:
        return _page(request, wrong=True)
    return _open(request, name, _inside(str(form.get("next", ""))))


async def go(request: Request) -> Response:
    """Go to the identity provider."""
    signing_in = request.app.state.signing_in
    if signing_in is None:
        return RedirectResponse("/login", 303)
    try:
        address, mark = await signing_in.begin(_inside(request.query_params.get("next", "")))
    except NotEntered as error:
        say(f"nobody entered the console: {error}")
        return _page(request, refused=True)
    response = RedirectResponse(address, 303)
    secure = request.app.state.secure
    response.set_cookie(MARK, mark, max_age=LASTS // 1000, path=BACK, httponly=True, samesite="lax", secure=secure)
    return response


async def back(request: Request) -> Response:
    """Open a session for whoever comes back from the identity provider, or say that they have not entered."""
    asked, signing_in = request.query_params, request.app.state.signing_in
    if signing_in is None:
        return RedirectResponse("/login", 303)
    try:
        entered = await signing_in.end(
            state=asked.get("state", ""),
            code=asked.get("code", ""),
            mark=request.cookies.get(MARK, ""),
            issuer=asked.get("iss"),
        )
        mark = await run_in_threadpool(_mark, request, entered.subject)
    except (NotEntered, SecretsUnusable) as error:
        say(f"nobody entered the console: {error}")
        response = _page(request, refused=True)
    else:
        person = Person(
            mark=mark,
            name=entered.name or mark,
            roles=entered.roles,
            session=entered.session,
            proof=entered.proof,
        )
        response = _open(request, request.app.state.sessions.open(entered.roles, person), entered.after)
    response.delete_cookie(MARK, path=BACK)
    return response


def _mark(request: Request, subject: str) -> str:
    """Return the keyed hash of a person, the same that a token of theirs is known by. Raises SecretsUnusable."""
    told = msgspec.json.encode(["token", request.app.state.signing_in.issuer, subject])
    return Secrets.open(ground_of(request).state).index_of(told).hex()[:16]


def _open(request: Request, name: str, after: str) -> Response:
    response = RedirectResponse(after, 303)
    response.set_cookie(COOKIE, name, httponly=True, samesite="lax", secure=request.app.state.secure)
    return response


async def leave(request: Request) -> Response:
    """End the session; where the provider can be left too, offer the way there.

    It is a link and no redirect: the page's `form-action` lets a form lead to this console alone.
    """
    sessions, signing_in = request.app.state.sessions, request.app.state.signing_in
    session = request.state.session
    sessions.leave(request.state.session_name)
    proof = session.person.proof if session and session.person else ""
    elsewhere = signing_in.leaving(proof, signing_in.home + "/login") if signing_in and proof else None
    response = _page(request, elsewhere=elsewhere) if elsewhere else RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE)
    return response


async def ended(request: Request) -> Response:
    """End the sessions of somebody who signed out at the identity provider, as the provider itself tells."""
    signing_in, form = request.app.state.signing_in, await request.form()
    if signing_in is None:
        return Response(status_code=404)
    try:
        out = await signing_in.out.read(str(form.get("logout_token", "")))
        mark = await run_in_threadpool(_mark, request, out.subject) if out.subject else None
    except (NotSignedOut, SecretsUnusable) as error:
        say(f"a sign-out at the identity provider does not count: {error}")
        return JSONResponse({"error": "invalid_request", "error_description": str(error)}, 400)
    request.app.state.sessions.signed_out(mark, out.session)
    return Response(status_code=200)


def _page(request: Request, *, wrong: bool = False, refused: bool = False, elsewhere: str | None = None) -> Response:
    after = _inside(request.query_params.get("next", ""))
    values = {
        "title": said(request)("login.title"),
        "wrong": wrong,
        "refused": refused,
        "elsewhere": elsewhere,
        "provider": request.app.state.signing_in is not None,
        "next": after,
    }
    return render(request, "login.html", values, status=403 if wrong or refused else 200)


def _inside(address: str) -> str:
    """Return an address of the console itself, whatever was asked for."""
    parts = urlsplit(address)
    outside = parts.scheme or parts.netloc or not address.startswith("/") or address.startswith(("//", "/\\"))
    return "/" if outside or address.startswith("/login") else address


PAGE = Page(
    name="login",
    path="/login",
    bare=True,
    routes=[
        Route("/login", show),
        Route("/login", enter, methods=["POST"]),
        Route(PROVIDER, go),
        Route(BACK, back),
        Route(ENDED, ended, methods=["POST"]),
        Route("/leave", leave, methods=["POST"]),
    ],
)
