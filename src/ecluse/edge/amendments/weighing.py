"""What a draft does: the questions that change verdict, the invariants, and what the past month would have met.

Law: the same functions as `diff`, `prove` and `simulate`, on the facts of today, for each organisation that it touches.
An invariant that the rules in force keep and the draft does not is in the way of its publication; one that they break
already is told, and is not.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from time import monotonic

import cedarpy

from ecluse.edge.amendment import rules_id
from ecluse.edge.config import OrganisationSettings
from ecluse.edge.engines import engine_over, places_of
from ecluse.edge.snapshots import Grounds
from ecluse.packs.invariants import load as load_invariants
from ecluse.packs.policies import PolicySources
from ecluse.packs.registry import establish
from ecluse.passage.decide import Rule
from ecluse.passage.decide.rules import read_rules
from ecluse.prove.composed import engine_for
from ecluse.prove.confirm import Engine
from ecluse.prove.diff import Difference, compare
from ecluse.prove.invariants import Shown, show
from ecluse.prove.past import Asked, AsOf
from ecluse.prove.restated import Restated, restated
from ecluse.prove.simulate import Simulated, both_ways, verdict_at

SECONDS = 20.0
"""For how long past requests are asked again; those that are left then are counted, and told."""

Progress = Callable[[int, int], None]
"""Told how many pieces of work are done, and of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What comes out for one organisation. `newly` are the invariants and classes that the draft alone breaks.

    `terms` are what else differs of everybody's rules: those that come or go, their floor, day or longest exception.
    """

    organisation: str
    difference: Difference
    shown: Shown
    newly: tuple[str, ...]
    terms: tuple[Restated, ...] = ()


def touched(old: Grounds, new: Grounds) -> Sequence[OrganisationSettings]:
    """Return the organisations, as they are under `new`, for which something is not as it is under `old`."""
    before = {one.id: one.modes for one in old.settings.organisations}
    same = old.policies.policies == new.policies.policies
    return [one for one in new.settings.organisations if not same or before.get(one.id) != one.modes]


def weigh(old: Grounds, new: Grounds, today: date, progress: Progress = lambda _done, _of: None) -> Sequence[Weighed]:
    """Compare and prove for each organisation that is touched. For a thread: it takes seconds for each.

    Raises ValueError, RuleRefused, NotProvable, EngineDisagrees or GatewayError when nothing can be said.
    """
    if rules_id(old) == rules_id(new):
        return ()
    destinations, places = establish(new.registry, today), places_of(new.registry, today)
    engines = [engine_over(one.policies, destinations, places, today) for one in (old, new)]
    invariants = invariants_of(new.policies)
    terms = restated(*(engine.rulebook.rules for engine in engines))
    found: list[Weighed] = []
    organisations = touched(old, new)
    for number, one in enumerate(organisations):
        progress(number, len(organisations))
        modes = next(o.modes for o in old.settings.organisations if o.id == one.id)
        was, is_ = engine_for(engines[0], modes), engine_for(engines[1], one.modes)
        found.append(replace(_weighed(one, was, is_, invariants), terms=terms))
    return found


def invariants_of(sources: PolicySources, *folders: Path) -> list[Rule]:
    """Read the invariants, those of folders too, checked against the schema. Raises RuleRefused and PackError."""
    schema, texts = cedarpy.Schema.from_str(sources.schema), load_invariants(*folders)
    return [rule for name, text in texts.items() for rule in read_rules(name, text, sources.schema, schema)]


def _weighed(one: OrganisationSettings, old: Engine, new: Engine, invariants: list[Rule]) -> Weighed:
    shown = show(new.rulebook.rules, invariants, new, kinds=(one.kind,))
    failed = _failed(shown)
    before = _failed(show(old.rulebook.rules, invariants, old, kinds=(one.kind,))) if failed else frozenset()
    return Weighed(
        organisation=one.id,
        difference=compare(old, new, kinds=(one.kind,)),
        shown=shown,
        newly=tuple(sorted(failed - before)),
    )


def _failed(shown: Shown) -> frozenset[str]:
    broken = {str(one.invariant.id) for one in shown.broken}
    return frozenset(broken | {f"class:{one.data_class}" for one in shown.widening})


def in_the_way(weighed: Iterable[Weighed]) -> Mapping[str, tuple[str, ...]]:
    """Return what the draft newly breaks, by organisation."""
    return {one.organisation: one.newly for one in weighed if one.newly}


# ------------------------------------------------------------------ past traffic
def simulate(
    before: AsOf,
    after: AsOf,
    asked: Mapping[Asked, int],
    progress: Progress = lambda _done, _of: None,
    seconds: float = SECONDS,
) -> Simulated:
    """Ask past requests twice, each as of its moment, so that the rules alone differ. For a thread.

    What was asked most comes first. Raises GatewayError when the rules cannot answer.
    """
    ends = monotonic() + seconds

    def more(done: int, of: int) -> bool:
        progress(done, of)
        return monotonic() <= ends

    return both_ways(asked, partial(verdict_at, before), partial(verdict_at, after), more)
