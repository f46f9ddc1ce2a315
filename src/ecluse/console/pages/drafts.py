"""Drafts of the rules: written by one, weighed beside the page, approved by another, published; and the history.

Law: the same steps as `ecluse rules`, by the same functions; a role decides who may take which, and whoever signed in
is who the provider says. What takes seconds is made beside the page, which shows how far it is.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from ecluse.console.beside import begin, beside, waiting
from ecluse.console.drafting import liftable, past_month
from ecluse.console.ground import Ground
from ecluse.console.page import Page
from ecluse.console.problem import Problem, problem_of
from ecluse.console.session import Person
from ecluse.console.view import ground_of, names_on, reader_of, render, said
from ecluse.domain.errors import EcluseError
from ecluse.domain.verdict import Mode
from ecluse.edge.amendment import Amendment, rules_id
from ecluse.edge.amendments.office import Office, Who
from ecluse.edge.drafts import Draft
from ecluse.edge.keys import SecretsUnusable
from ecluse.edge.roles import Act
from ecluse.prove.simulate import Fate
from ecluse.prove.verdicts import Witness
from ecluse.prove.words import said_witness

WRONG = (ValueError, SecretsUnusable, EcluseError)
ACTS: Mapping[str, Act] = {
    "revise": Act.DRAFT_RULES,
    "withdraw": Act.DRAFT_RULES,
    "approve": Act.APPROVE_RULES,
    "publish": Act.PUBLISH_RULES,
}
FIELDS = ("organisation", "rule", "mode", "pack", "text", "holder", "without_pack", "restore", "reason", "name", "role")


async def show(request: Request) -> Response:
    """Show every draft, and begin one."""
    return await _list(request, None, dict(request.query_params))


async def write(request: Request) -> Response:
    """Keep a draft."""
    if (closed := _closed(request, Act.DRAFT_RULES)) is not None:
        return closed
    form = await request.form()
    try:
        draft = await run_in_threadpool(_written, ground_of(request), form, _who(request, form, Act.DRAFT_RULES), "")
    except WRONG as error:
        return await _list(request, problem_of(request, error), _stated(form))
    return RedirectResponse(f"/drafts/{draft}", 303)


async def one(request: Request) -> Response:
    """Show a draft, and what it would do."""
    return await _one(request, request.path_params["draft"], None, {})


async def step(request: Request) -> Response:
    """Take a step with a draft."""
    id_, name = request.path_params["draft"], request.path_params["act"]
    if name not in ACTS:
        return render(request, "missing.html", {"title": said(request)("frame.missing")}, status=404)
    if (closed := _closed(request, ACTS[name])) is not None:
        return closed
    ground, form = ground_of(request), await request.form()
    try:
        await run_in_threadpool(_stepped, request, ground, id_, name, form)
        if name == "publish":
            office, who = await run_in_threadpool(_office, ground), _who(request, form, ACTS[name])
            begin(request, f"publish {id_}", partial(office.publish, id_, who, _progress(request, f"publish {id_}")))
    except WRONG as error:
        return await _one(request, id_, problem_of(request, error), _stated(form))
    return RedirectResponse(f"/drafts/{id_}", 303)


def _stepped(request: Request, ground: Ground, id_: str, name: str, form: FormData) -> None:
    who = _who(request, form, ACTS[name])
    if name == "revise":
        _written(ground, form, who, id_)
    elif name == "approve":
        _office(ground).approve(id_, _word(form, "content"), who)
    elif name == "withdraw":
        _office(ground).withdraw(id_, who)


def _written(ground: Ground, form: FormData, who: Who, revised: str) -> str:
    office = _office(ground)
    content = office.draft(revised).content if revised else office.standing
    if restored := _word(form, "restore"):
        content = office.before(restored)
    if mode := _word(form, "mode"):
        stated = None if mode == "settings" else Mode(mode)
        content = content.with_mode(_word(form, "organisation"), _word(form, "rule"), stated)
    if pack := _word(form, "pack"):
        content = office.composed(content, _word(form, "holder"), pack, str(form.get("text", "")))
    if gone := _word(form, "without_pack"):
        content = office.without_pack(content, gone)
    return office.write(content, _word(form, "reason"), who, revised).draft


def _office(ground: Ground) -> Office:
    """Return the office; a console alone takes what the gateway took meanwhile."""
    office = Office(ground.settings, ground.base, ground.clock.now())
    if ground.asking is None and rules_id(ground.base) != rules_id(office.old):
        ground.adopt(ground.settings, office.old)
    return office


# ------------------------------------------------------------------ who
def _closed(request: Request, act: Act) -> Response | None:
    if act in request.state.session.acts:
        return None
    return PlainTextResponse("Your roles do not take this step. / Vos rôles ne permettent pas ce geste.\n", 403)


def _who(request: Request, form: FormData, act: Act) -> Who:
    """Return who acts; what a form says of somebody signed in is not read, but for which of their roles."""
    person: Person | None = request.state.session.person
    if person is None:
        return Who(name=_word(form, "name"), role=_word(form, "role"))
    roles = [str(role) for role in person.roles_for(act)]
    stated = _word(form, "role")
    return Who(name=person.name, role=stated if stated in roles else roles[0], person=person.mark)


# ------------------------------------------------------------------ pages
async def _list(request: Request, problem: Problem | None, stated: Mapping[str, str]) -> Response:
    ground = ground_of(request)
    status = 400 if problem else 200
    drafts: list[tuple[Draft, bool]] = []
    standing = Amendment()
    try:
        office = await run_in_threadpool(_office, ground)
        drafts, standing = [(each, office.outdated(each)) for each in office.drafts()], office.standing
    except WRONG as error:
        problem, status = problem_of(request, error), 503
    values = _shared(request, problem, stated) | {
        "title": said(request)("drafts.title"),
        "open": [each for each in drafts if each[0].state in {"open", "approved"}],
        "closed": [each for each, _ in drafts if each.state not in {"open", "approved"}],
        "standing": standing,
    }
    return render(request, "drafts.html", values, status=status)


async def _one(request: Request, id_: str, problem: Problem | None, stated: Mapping[str, str]) -> Response:
    ground = ground_of(request)
    try:
        office = await run_in_threadpool(_office, ground)
        draft = office.draft(id_)
    except WRONG as error:
        return await _list(request, problem_of(request, error), {})
    publishing, weighed, simulated = f"publish {id_}", None, None
    going = draft.state in {"open", "approved"}
    try:
        if waiting(request, publishing):
            await beside(request, publishing, lambda: None)
            draft = office.draft(id_)
            going = draft.state in {"open", "approved"}
        if going and not waiting(request, publishing):
            weighed = await _made(request, "weigh", office, draft.content, partial(office.weigh, draft.content))
            simulated = await _made(request, "past", office, draft.content, partial(_past, ground, office, draft))
    except WRONG as error:
        problem = problem or problem_of(request, error)
        going = False
    fr = reader_of(request).language == "fr"
    values = _shared(request, problem, stated) | {
        "title": f"{said(request)('drafts.draft')} {id_}",
        "draft": draft,
        "outdated": draft.state in {"open", "approved"} and office.outdated(draft),
        "publishing": _far(request, publishing) if waiting(request, publishing) else "",
        "weighed": weighed,
        "weighing": going and weighed is None,
        "far": _far(request, f"weigh {id_}"),
        "simulated": simulated,
        "simulating": going and simulated is None,
        "in_the_way": bool(weighed and any(each.newly for each in weighed)) and not office.restores(draft.content),
        "restores": office.restores(draft.content),
        "says": lambda example: _said(ground, example, fr=fr),
        "fates": list(Fate),
        "applications": ground.applications(),
        "standing": draft.content,
    }
    return render(request, "draft_one.html", values, status=400 if problem else 200)


def _said(ground: Ground, example: Witness, *, fr: bool) -> str:
    """Say an example as a sentence, with the destination as the console names it."""
    named = example.thing.names[0]
    model, place = ground.destination(named)
    said_ = said_witness(example, fr=fr)
    return said_.replace(named, f"{model} ({place})") if place else said_


async def _made(request: Request, name: str, office: Office, content: Amendment, work: Callable[..., object]) -> Any:  # noqa: ANN401 - what the work returns
    """Return what was made of a content under the rules in force; None while it is under way."""
    key = (name, content.hash, rules_id(office.old))
    call = partial(work, _progress(request, name))
    return await beside(request, " ".join(key), partial(ground_of(request).kept, key, call))


def _past(ground: Ground, office: Office, draft: Draft, progress: Callable[[int, int], None]) -> object:
    return office.simulate(draft.content, past_month(ground), progress)


def _progress(request: Request, name: str) -> Callable[[int, int], None]:
    far = _fars(request)

    def tell(done: int, of: int) -> None:
        far[name] = (done, of)

    return tell


def _far(request: Request, name: str) -> tuple[int, int]:
    return _fars(request).get(name, (0, 0))


def _fars(request: Request) -> dict[str, tuple[int, int]]:
    state = request.app.state
    if not hasattr(state, "far"):
        state.far = {}
    found: dict[str, tuple[int, int]] = state.far
    return found


def _shared(request: Request, problem: Problem | None, stated: Mapping[str, str]) -> dict[str, Any]:
    ground, session = ground_of(request), request.state.session
    return {
        "problem": problem,
        "persons": names_on(request, "/drafts"),
        "organisations": ground.organisations(),
        "liftable": liftable(ground),
        "modes": list(Mode),
        "stated": {name: str(stated.get(name, "")) for name in FIELDS},
        "me": session.person,
        "may": {name: act in session.acts for name, act in ACTS.items()},
        "several": ground.settings.store.url is not None,
    }


def _word(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()


def _stated(form: FormData) -> dict[str, str]:
    return {name: str(form.get(name, "")) for name in FIELDS}


PAGE = Page(
    name="drafts",
    act=Act.READ,
    path="/drafts",
    routes=[
        Route("/drafts", show),
        Route("/drafts", write, methods=["POST"]),
        Route("/drafts/{draft}", one),
        Route("/drafts/{draft}/{act}", step, methods=["POST"]),
    ],
    group="account",
    order=47,
)
