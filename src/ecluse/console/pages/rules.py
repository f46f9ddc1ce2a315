"""Rules: every rule in force in plain words, with its basis, its source, its mode, and what it decided of late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ecluse.console.digest import Filter
from ecluse.console.ground import Ground
from ecluse.console.page import Page
from ecluse.console.view import ground_of, render, said
from ecluse.domain.verdict import RuleId
from ecluse.edge.roles import Act
from ecluse.passage.decide import Rule

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
            for organisation in ground.settings.organisations
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


PAGE = Page(name="rules", act=Act.LOOK, path="/rules", routes=[Route("/rules", show)], group="know", order=50)
