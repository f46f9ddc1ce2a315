"""What was last proven of the rules: by which run, when, over which snapshot.

Law: it says what a run showed and nothing else. A run over a snapshot that is no longer in force is told as what it is;
where none was made since the console began, that is said too. It takes seconds: for a thread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request

from ecluse.console.ground import Ground
from ecluse.domain.caller import CallerKind
from ecluse.domain.verdict import RuleId
from ecluse.edge.amendments.weighing import invariants_of
from ecluse.edge.engines import engine_over, places_of
from ecluse.packs.registry import establish, recipients
from ecluse.passage.decide import Rule
from ecluse.prove.composed import engine_for
from ecluse.prove.confirm import Engine
from ecluse.prove.invariants import Shown, show
from ecluse.prove.resting import resting

NAME = "the proof of the rules"
"""What the work is called while it is under way."""
EVERYBODY = tuple(CallerKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run showed: for every caller, or as one `organisation` composed the rules.

    `rests` are for each enforced rule that forbids the invariants that would break without it.
    """

    organisation: str
    shown: Shown
    rests: Mapping[RuleId, Sequence[RuleId]]

    @property
    def holds(self) -> bool:
        """Whether every invariant holds and no class widens."""
        return not self.shown.broken and not self.shown.widening

    @property
    def failed(self) -> frozenset[RuleId]:
        """The invariants that do not hold."""
        return frozenset(one.invariant.id for one in self.shown.broken)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastProof:
    """The runs over one snapshot, when they ended (UTC, ISO 8601), and the invariants by their ids."""

    snapshot: str
    at: str
    runs: Sequence[Run]
    invariants: Mapping[RuleId, Rule]

    def of(self, rule: RuleId) -> Run | None:
        """Return the first run that speaks of a rule that forbids; None where it was enforced in none."""
        return next((run for run in self.runs if rule in run.rests), None)


def last_proof(request: Request) -> LastProof | None:
    """Return what was last proven here; None where nothing was."""
    found: LastProof | None = getattr(request.app.state, "last_proof", None)
    return found


def prove_and_keep(request: Request, ground: Ground) -> None:
    """Prove the rules in force, and keep what came out for whoever reads them next."""
    request.app.state.last_proof = prove(ground)


def prove(ground: Ground) -> LastProof:
    """Prove the rules for every caller, then as each organisation with modes of its own composed them.

    Raises ValueError, EngineDisagrees or GatewayError when nothing can be said.
    """
    base, snapshot, today = ground.base, ground.snapshot, ground.today
    receiving = {one.id: one.destination for one in recipients(base.registry, today)}
    destinations = {**establish(base.registry, today), **receiving}
    engine = engine_over(base.policies, destinations, places_of(base.registry, today), today)
    invariants = invariants_of(base.policies)
    own = [one for one in base.settings.organisations if one.modes]
    runs = [
        _run("", engine, invariants, EVERYBODY),
        *(_run(one.id, engine_for(engine, one.modes), invariants, (one.kind,)) for one in own),
    ]
    known = {rule.id: rule for rule in invariants}
    return LastProof(
        snapshot=snapshot.id,
        at=datetime.fromtimestamp(ground.clock.now() / 1000, UTC).isoformat(),
        runs=runs,
        invariants=known,
    )


def _run(organisation: str, engine: Engine, invariants: Sequence[Rule], kinds: Sequence[CallerKind]) -> Run:
    rules = engine.rulebook.rules
    return Run(
        organisation=organisation,
        shown=show(rules, invariants, engine, kinds=kinds),
        rests=resting(rules, invariants, engine, kinds=kinds),
    )
