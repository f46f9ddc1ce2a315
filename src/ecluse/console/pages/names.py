"""Names of persons: who had them shown, where and why; and the form that shows them on one page for a while.

Law: a name is shown only once the trail says who reads it, where and why. What is shown is one page's names, to one
session, for a quarter of an hour.
"""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ecluse.console.ground import Ground
from ecluse.console.page import Page
from ecluse.console.problem import Problem, problem_of
from ecluse.console.session import Person
from ecluse.console.view import ground_of, names_on, render, said
from ecluse.edge.docket import Step
from ecluse.edge.docket_trail import tell_now
from ecluse.edge.keys import Secrets, SecretsUnusable
from ecluse.edge.naming import Names, ask_names
from ecluse.edge.roles import Act
from ecluse.edge.stores.beside import any_docket, docket_of

PATH = "/names"
WHILE = 15 * 60 * 1000
"""Milliseconds for which names stay shown."""
MOST = 200
"""Looks that are listed."""
APPLICATION = "/applications/"
WRONG = (ValueError, SecretsUnusable)


async def show(request: Request) -> Response:
    """Show who had names shown."""
    return await _answer(request, None)


async def ask(request: Request) -> Response:
    """Show the names of a page, once the trail says who reads them and why."""
    ground, form = ground_of(request), await request.form()
    page, session = str(form.get("page", "")), request.state.session
    if page not in {PATH, "/exceptions", *(f"{APPLICATION}{name}" for name in ground.applications())}:
        return render(request, "missing.html", {"title": said(request)("frame.missing")}, status=404)
    try:
        await run_in_threadpool(_on_trail, ground, form, page, session.person)
    except WRONG as error:
        return await _answer(request, problem_of(request, error))
    session.shown[page] = ground.clock.now() + WHILE
    return RedirectResponse(page, 303)


def _on_trail(ground: Ground, form: FormData, page: str, person: Person | None) -> None:
    own = Secrets.open(ground.state)
    docket = docket_of(ground.state, own)
    if person is None:
        name, role, mark = _word(form, "name"), _word(form, "role"), ""
    else:
        name, role, mark = person.name, str(person.roles_for(Act.NAMES)[0]), person.mark
    why, now = _word(form, "why"), ground.clock.now()
    ask_names(docket, name=name, role=role, why=why, page=page, now=now, person=mark)
    tell_now(ground.state, docket, own, ground.clock)


async def _answer(request: Request, problem: Problem | None) -> Response:
    ground = ground_of(request)
    status = 400 if problem else 200
    looks: list[tuple[Step, bool]] = []
    try:
        looks = await run_in_threadpool(_looks, ground)
        names = names_on(request, PATH)
    except WRONG as error:
        names, problem, status = Names(None), problem_of(request, error), 503
    values = {
        "title": said(request)("names.title"),
        "looks": looks,
        "names": names,
        "problem": problem,
    }
    return render(request, "names.html", values, status=status)


def _looks(ground: Ground) -> list[tuple[Step, bool]]:
    """Return the newest looks first. No secret is made for a state directory that has no docket."""
    if not any_docket(ground.state):
        return []
    return list(docket_of(ground.state, Secrets.open(ground.state)).looks()[::-1][:MOST])


def _word(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()


PAGE = Page(
    name="names",
    act=Act.NAMES,
    path=PATH,
    routes=[Route(PATH, show), Route(PATH, ask, methods=["POST"])],
    group="account",
    order=48,
)
