"""The entrance: a token that opens once.

Law: the token stands after `#` in the printed address, so that it reaches no log; a script puts it in the form.
"""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ecluse.console.guard import COOKIE
from ecluse.console.page import Page
from ecluse.console.view import render, said


async def show(request: Request) -> Response:
    """Show the entrance."""
    return _page(request, wrong=False)


async def enter(request: Request) -> Response:
    """Open a session, or say that the token is not the one."""
    form = await request.form()
    name = request.app.state.sessions.enter(str(form.get("token", "")))
    if name is None:
        return _page(request, wrong=True)
    response = RedirectResponse(_inside(str(form.get("next", ""))), 303)
    response.set_cookie(COOKIE, name, httponly=True, samesite="lax", secure=request.app.state.secure)
    return response


async def leave(request: Request) -> Response:
    """End the session."""
    request.app.state.sessions.leave(request.state.session_name)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE)
    return response


def _page(request: Request, *, wrong: bool) -> Response:
    after = _inside(request.query_params.get("next", ""))
    values = {"title": said(request)("login.title"), "wrong": wrong, "next": after}
    return render(request, "login.html", values, status=403 if wrong else 200)


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
        Route("/leave", leave, methods=["POST"]),
    ],
)
