"""Rules: every rule in force in plain words, with its basis, its source, its cases, its last proof, its mode.

Law: nothing is shown as proven that was not run here, over the snapshot that is named beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ecluse.console.beside import begin, beside, waiting
from ecluse.console.digest import Filter
from ecluse.console.drafting import drafted, liftable
from ecluse.console.ground import Ground
from ecluse.console.last_proof import NAME, last_proof, prove_and_keep
from ecluse.console.page import Page
from ecluse.console.problem import Problem, problem_of
from ecluse.console.view import ground_of, render, said
from ecluse.domain.caller import OrganisationId
from ecluse.domain.destination import OfferId
from ecluse.domain.errors import EcluseError
from ecluse.domain.party import ProviderId
from ecluse.domain.verdict import Mode, RuleId
from ecluse.edge.roles import Act
from ecluse.packs.errors import PackError
from ecluse.packs.policies.cases import Case, cases
from ecluse.passage.decide import Rule
from ecluse.passage.decide.words import ANALYSIS_NAMES
from ecluse.prove.confirm import EngineDisagrees
from ecluse.prove.simulate import Fate

DAYS = 30
EVERY = 10_000
MOST = 9
"""Rules that would have refused most, shown first."""
WRONG = (ValueError, EcluseError, EngineDisagrees)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A rule, its cases, and how often it decided. `modes` are the organisations that changed its mode."""

    rule: Rule
    refused: int
    observed: int
    modes: Sequence[tuple[str, str]]
    cases: Sequence[Case]


async def show(request: Request) -> Response:
    """Show every rule, pack by pack, the base first."""
    problem = None
    try:
        if waiting(request, NAME):
            await beside(request, NAME, lambda: None)
    except WRONG as error:
        problem = problem_of(request, error)
    return await run_in_threadpool(_page, request, problem)


async def prove(request: Request) -> Response:
    """Prove the rules in force beside the page, once for each snapshot."""
    ground, known = ground_of(request), last_proof(request)
    if known is None or known.snapshot != ground.snapshot.id:
        begin(request, NAME, partial(prove_and_keep, request, ground))
    return RedirectResponse("/rules#proof", 303)


def _page(request: Request, problem: Problem | None) -> Response:
    ground, t = ground_of(request), said(request)
    packs: dict[str, list[Told]] = {}
    tables, unread = _cases(ground)
    refused, observed = _fired(ground)
    for id_, rule in ground.rules().items():
        modes = [
            (organisation.name, str(organisation.modes[id_]))
            for organisation in ground.base.settings.organisations
            if id_ in organisation.modes
        ]
        told = Told(
            rule=rule,
            refused=refused.get(id_, 0),
            observed=observed.get(id_, 0),
            modes=modes,
            cases=tables.get(id_, []),
        )
        packs.setdefault(rule.pack, []).append(told)
    ordered = dict(sorted(packs.items(), key=lambda pack: (pack[0] != "base", pack[0])))
    first = (ground.today - timedelta(days=DAYS - 1)).isoformat()
    return render(
        request,
        "rules.html",
        {
            "title": t("rules.title"),
            "watching": _watching(observed, ground),
            "packs": ordered,
            "reviews": ground.base.policies.reviews,
            "first_day": first,
            "days": DAYS,
            "unread": unread,
            "analyses": ANALYSIS_NAMES,
            "where": partial(_where, request),
            "provider": partial(_provider, ground),
            "proof": (proof := last_proof(request)),
            "current": proof is not None and proof.snapshot == ground.snapshot.id,
            "proving": waiting(request, NAME),
            "problem": problem,
            "organisations": ground.organisations(),
        },
    )


def _cases(ground: Ground) -> tuple[Mapping[str, Sequence[Case]], str]:
    """Return the cases of each rule, and why they could not be read."""
    folders, found = tuple(ground.settings.rules.folders), dict[str, list[Case]]()
    try:
        for case in ground.kept(("cases", folders), lambda: cases(*map(Path, folders))):
            found.setdefault(case.rule, []).append(case)
    except PackError as error:
        return {}, str(error)
    return found, ""


def _where(request: Request, case: Case) -> str:
    """Name where a case would send, or hold."""
    ground, t = ground_of(request), said(request)
    if case.destination:
        model, place = ground.destination(case.destination)
        return f"{model} · {t.named(place)}" if place else model
    offer = ground.base.registry.offers.get(OfferId(case.place))
    if t.has(f"rules.place.{case.place}"):
        name = t(f"rules.place.{case.place}")
    elif offer is None:
        name = case.place
    else:
        provider = ground.base.registry.providers[offer.offer.provider].name
        told = any(word in offer.offer.name for word in provider.split())
        name = offer.offer.name if told else f"{provider} {offer.offer.name}"
    return f"{name} ({case.country})" if case.country else name


def _provider(ground: Ground, name: str) -> str:
    known = ground.base.registry.providers.get(ProviderId(name))
    return known.name if known else name


def _watching(observed: Mapping[str, int], ground: Ground) -> Sequence[tuple[Rule | None, str, int]]:
    """Return the rules that only observe and would have refused most, the first first."""
    most = sorted(observed.items(), key=lambda one: (-one[1], one[0]))[:MOST]
    return [(ground.rules().get(RuleId(id_)), id_, count) for id_, count in most]


def _fired(ground: Ground) -> tuple[Mapping[str, int], Mapping[str, int]]:
    digest, _ = ground.digest()
    if digest is None:
        return {}, {}
    asked = Filter(first_day=(ground.today - timedelta(days=DAYS - 1)).isoformat(), last_day=ground.today.isoformat())
    return dict(digest.fired(asked, "refused", EVERY)), dict(digest.fired(asked, "observed", EVERY))


async def draft(request: Request) -> Response:
    """Show what a change of a rule's mode would do to the past month."""
    ground, query = ground_of(request), request.query_params
    organisations, rules = ground.organisations(), liftable(ground)
    named, rule, mode = (query.get(name, "") for name in ("organisation", "rule", "mode"))
    values: dict[str, object] = {
        "title": said(request)("rules.draft"),
        "organisations": organisations,
        "liftable": rules,
        "modes": list(Mode),
        "stated": {"organisation": named, "rule": rule, "mode": mode},
        "applications": ground.applications(),
        "fates": list(Fate),
        "days": DAYS,
        "problem": None,
        "making": False,
        "drafted": None,
    }
    if named in organisations and rule in rules and mode in set(Mode):
        work = partial(drafted, ground, OrganisationId(named), RuleId(rule), Mode(mode))
        try:
            asked = ("draft", named, rule, mode)
            found = await beside(request, " ".join(asked), partial(ground.kept, asked, work), quick=ground.is_folded)
        except (EcluseError, ValueError) as error:
            values["problem"] = problem_of(request, error)
        else:
            values |= {"drafted": found, "making": found is None, "lines": _lines(ground, named, rule, mode)}
    return render(request, "draft.html", values)


def _lines(ground: Ground, named: str, rule: str, mode: str) -> str:
    """Write the line of the settings that would make a draft count."""
    stated = next(one for one in ground.base.settings.organisations if one.id == named)
    modes = {name: str(one) for name, one in stated.modes.items()} | {rule: mode}
    pairs = ", ".join(f'"{name}" = "{one}"' for name, one in sorted(modes.items()))
    return f'# [[organisations]] id = "{named}"\nmodes = {{ {pairs} }}'


PAGE = Page(
    name="rules",
    act=Act.LOOK,
    path="/rules",
    routes=[Route("/rules", show), Route("/rules/prove", prove, methods=["POST"]), Route("/rules/draft", draft)],
    group="know",
    order=50,
)
