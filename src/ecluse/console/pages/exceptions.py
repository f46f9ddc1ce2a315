"""Exceptions and contests: what waits for a second person, what is in force and until when, what was decided.

Law: the docket's own rules hold here as on the command line: two names in two roles, no rule of the floor, an end. The
page writes signed steps and nothing else; a step counts once the gateway has put it on its trail. Whoever signed in is
who the provider says, in a role of theirs; a name is typed only by whoever holds the printed token.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

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
from ecluse.domain.caller import Application, PolicyException
from ecluse.domain.contest import LONGEST
from ecluse.edge.chain import DocketUnusable
from ecluse.edge.decided import why_not
from ecluse.edge.docket import Docket, Kind, Matter, Move, Step
from ecluse.edge.keys import Secrets, SecretsUnusable
from ecluse.edge.naming import Names
from ecluse.edge.roles import Act
from ecluse.edge.stores.beside import any_docket, docket_of

SOON = timedelta(days=30)
MOVES = {"accept": Move.GRANTED, "reject": Move.REFUSED, "end": Move.ENDED}
FIELDS = ("application", "rule", "ground", "starts", "ends", "name", "role")
WRONG = (ValueError, SecretsUnusable)


async def show(request: Request) -> Response:
    """Show the docket."""
    return await _answer(request, None, {})


async def ask(request: Request) -> Response:
    """Ask for an exception; nothing is lifted by that."""
    ground, form = ground_of(request), await request.form()
    try:
        matter = await run_in_threadpool(_asked, ground, form, request.state.session.person)
    except WRONG as error:
        return await _answer(request, problem_of(request, error), _stated(form))
    return RedirectResponse(f"/exceptions?done={matter}#m-{matter}", 303)


async def decide(request: Request) -> Response:
    """Accept, turn down or end a matter."""
    ground, form = ground_of(request), await request.form()
    matter, act = request.path_params["matter"], request.path_params["act"]
    if act not in MOVES:
        return render(request, "missing.html", {"title": said(request)("frame.missing")}, status=404)
    try:
        await run_in_threadpool(_decided, ground, matter, MOVES[act], form, request.state.session.person)
    except WRONG as error:
        return await _answer(request, problem_of(request, error), {})
    return RedirectResponse(f"/exceptions?done={matter}#m-{matter}", 303)


def _asked(ground: Ground, form: FormData, person: Person | None) -> str:
    name, role, mark = _who(form, person)
    step = Step(
        kind=Kind.EXCEPTION,
        name=name,
        role=role,
        person=mark,
        application=_word(form, "application"),
        rule=_word(form, "rule"),
        ground=_word(form, "ground"),
        starts=_day(form, "starts"),
        ends=_day(form, "ends"),
        destinations=tuple(str(name) for name in form.getlist("destination")),
    )
    _possible(ground, step)
    return _docket(ground).ask(step, ground.clock.now()).matter


def _decided(ground: Ground, id_: str, move: Move, form: FormData, person: Person | None) -> None:
    docket = _docket(ground)
    found = next((one for one in docket.matters() if one.asked.matter == id_), None)
    if found is None:
        raise DocketUnusable(f"there is no matter {id_!r} on the docket", f"aucune demande {id_!r} n'est enregistrée")
    kind, ends = found.asked.kind, None
    if move is Move.GRANTED and kind is Kind.EXCEPTION:
        _possible(ground, found.asked)
    if move is Move.GRANTED and kind is Kind.CONTEST:
        ends = _day(form, "ends")
        if not ground.today <= ends <= ground.today + LONGEST:
            last = ground.today + LONGEST
            raise DocketUnusable(
                f"the last day is from {ground.today} to {last}", f"le dernier jour va du {ground.today} au {last}"
            )
    name, role, mark = _who(form, person)
    docket.decide(id_, kind, move, name=name, role=role, now=ground.clock.now(), ends=ends, person=mark)


def _who(form: FormData, person: Person | None) -> tuple[str, str, str]:
    """Return the name, the role and the mark of who acts; what a form says of somebody signed in is not read."""
    if person is None:
        return _word(form, "name"), _word(form, "role"), ""
    roles = [str(role) for role in person.roles_for(Act.DECIDE)]
    stated = _word(form, "role")
    return person.name, stated if stated in roles else roles[0], person.mark


def _possible(ground: Ground, step: Step) -> None:
    why = why_not(ground.snapshot, step)
    if why:
        raise DocketUnusable(str(why), why.fr)


def _docket(ground: Ground) -> Docket:
    return docket_of(ground.state, Secrets.open(ground.state))


def _matters(ground: Ground) -> Sequence[Matter]:
    """Return the matters, the newest first. No secret is made for a state directory that has no docket."""
    return _docket(ground).matters()[::-1] if any_docket(ground.state) else ()


async def _answer(request: Request, problem: Problem | None, stated: Mapping[str, str]) -> Response:
    ground = ground_of(request)
    status = 400 if problem else 200
    try:
        matters, persons = await run_in_threadpool(_matters, ground), names_on(request, "/exceptions")
    except WRONG as error:
        matters, persons, problem, status = (), Names(None), problem_of(request, error), 503
    today = ground.today
    ends = {one.asked.matter: _end(one) for one in matters}
    granted = [one for one in matters if one.state == "granted"]
    stated_ones = _written(ground, {one.asked.matter for one in matters})
    values: dict[str, Any] = {
        "title": said(request)("exceptions.title"),
        "persons": persons,
        "waiting": [one for one in matters if one.state == "open"],
        "standing": [one for one in granted if (end := ends[one.asked.matter]) is None or end >= today],
        "written": [one for one in stated_ones if one[1].ends >= today],
        "written_over": [one for one in stated_ones if one[1].ends < today],
        "closed": [one for one in matters if one not in granted and one.state != "open"]
        + [one for one in granted if (end := ends[one.asked.matter]) is not None and end < today],
        "ends": ends,
        "done": request.query_params.get("done", ""),
        "soon": today + SOON,
        "last": {"contest": today + LONGEST},
        "in_force": ground.rules(),
        "rules": [rule for rule in ground.rules().values() if not rule.permits and not rule.floor],
        "applications": ground.applications(),
        "destinations": {str(id_): ground.destination(id_) for id_ in ground.snapshot.destinations},
        "problem": problem,
        "stated": dict.fromkeys(FIELDS, "") | {"starts": today.isoformat()} | dict(stated),
        "serving": ground.asking is not None,
        "me": request.state.session.person,
        "my_roles": me.roles_for(Act.DECIDE) if (me := request.state.session.person) else [],
    }
    return render(request, "exceptions.html", values, status=status)


def _end(matter: Matter) -> date | None:
    return (matter.decided or matter.asked).ends


def _written(ground: Ground, docketed: set[str]) -> Sequence[tuple[Application, PolicyException]]:
    """Return the exceptions that the settings state, those that have ended too."""
    return [
        (application, one)
        for application in ground.base.applications.values()
        for one in application.exceptions
        if one.id not in docketed
    ]


def _word(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()


def _day(form: FormData, name: str) -> date:
    try:
        return date.fromisoformat(_word(form, name))
    except ValueError:
        raise DocketUnusable(
            "state the first and the last day, as 2027-01-31",
            "écrivez le premier et le dernier jour, par exemple 2027-01-31",
        ) from None


def _stated(form: FormData) -> dict[str, str]:
    return {name: _word(form, name) for name in FIELDS}


PAGE = Page(
    name="exceptions",
    act=Act.DECIDE,
    path="/exceptions",
    routes=[
        Route("/exceptions", show),
        Route("/exceptions", ask, methods=["POST"]),
        Route("/exceptions/{matter}/{act}", decide, methods=["POST"]),
    ],
    group="account",
    order=46,
)
