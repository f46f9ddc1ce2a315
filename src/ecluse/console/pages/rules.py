"""Rules: every rule in force in plain words, with its basis, its source, its mode, and what it decided of late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ecluse.console.beside import beside
from ecluse.console.digest import Filter
from ecluse.console.drafting import drafted, liftable
from ecluse.console.ground import Ground
from ecluse.console.page import Page
from ecluse.console.view import ground_of, reader_of, render, said
from ecluse.domain.caller import OrganisationId
from ecluse.domain.errors import EcluseError
from ecluse.domain.verdict import Mode, RuleId
from ecluse.edge.roles import Act
from ecluse.passage.decide import Rule
from ecluse.prove.simulate import Fate

DAYS = 30
EVERY = 10_000
MOST = 9
"""Rules that would have refused most, shown first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A rule, and how often it decided. `modes` are the organisations that changed its mode."""

    rule: Rule
    refused: int
    observed: int
    modes: Sequence[tuple[str, str]]


def show(request: Request) -> Response:
    """Show every rule, pack by pack, the base first."""
    ground, t = ground_of(request), said(request)
    packs: dict[str, list[Told]] = {}
    refused, observed = _fired(ground)
    for id_, rule in ground.rules().items():
        modes = [
            (organisation.name, str(organisation.modes[id_]))
            for organisation in ground.base.settings.organisations
            if id_ in organisation.modes
        ]
        told = Told(rule=rule, refused=refused.get(id_, 0), observed=observed.get(id_, 0), modes=modes)
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
            "first_day": first,
            "days": DAYS,
        },
    )


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
        "problem": "",
        "making": False,
        "drafted": None,
    }
    if named in organisations and rule in rules and mode in set(Mode):
        work = partial(drafted, ground, OrganisationId(named), RuleId(rule), Mode(mode))
        try:
            asked = ("draft", named, rule, mode)
            found = await beside(request, " ".join(asked), partial(ground.kept, asked, work), quick=ground.is_folded)
        except EcluseError as error:
            values["problem"] = error.sentence(reader_of(request).language)
        except ValueError as error:
            values["problem"] = str(error)
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
    routes=[Route("/rules", show), Route("/rules/draft", draft)],
    group="know",
    order=50,
)
