"""What holds whatever destination anyone may add: invariants, classes that never widen, rules that are dead.

Law: an example is made as small as it can be, made into a real caller and destination, and shown only when Cedar and
the data plane's engine say the same of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import z3

from ecluse.domain.caller import AnalysisKind, CallerKind
from ecluse.domain.destination import DestinationId, Established, Place, PlaceId
from ecluse.domain.finding import DataClass
from ecluse.domain.verdict import Action, RuleId
from ecluse.passage.decide.cedar import engine as cedar_engine
from ecluse.passage.decide.rulebook import CedarRulebook
from ecluse.passage.decide.rules import Rule
from ecluse.prove.confirm import Engine, EngineDisagrees, said
from ecluse.prove.invariants import Broken, Widens
from ecluse.prove.space import KINDS, ON_RECORD, Caller, Thing
from ecluse.prove.symbolic.encode import Formula, Words, any_of, fires, permitted, possible, with_class, words
from ecluse.prove.verdicts import Witness, enforced

ANYBODY = "a destination that anyone may add"
SECONDS = 20
"""Longest that one question may take; a question without an answer proves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbolic:
    """What came out. `questions` is how many were put to the solver."""

    questions: int
    invariants: tuple[RuleId, ...]
    broken: tuple[Broken, ...]
    widening: tuple[Widens, ...]
    dead: tuple[RuleId, ...]
    redundant: tuple[RuleId, ...]


def show_symbolic(
    rules: Mapping[RuleId, Rule], invariants: Sequence[Rule], engine: Engine, *, kinds: Sequence[CallerKind] = KINDS
) -> Symbolic:
    """Prove over any facts, for callers of some kinds.

    Raises NotProvable, and EngineDisagrees for an example that is not confirmed.
    """
    decisive = enforced(rules.values())
    asking = Asking(decisive, engine, kinds)
    return Symbolic(
        invariants=tuple(rule.id for rule in invariants),
        broken=tuple(broken for rule in invariants for broken in asking.broken(rule)),
        widening=tuple(asking.widening()),
        dead=tuple(rule.id for rule in decisive if asking.dead(rule)),
        redundant=tuple(rule.id for rule in decisive if asking.redundant(rule)),
        questions=asking.questions,
    )


def broken_by(
    rules: Mapping[RuleId, Rule], invariant: Rule, engine: Engine, *, kinds: Sequence[CallerKind] = KINDS
) -> tuple[Broken, ...]:
    """Prove one invariant over any facts: return how it is broken, nothing if it holds. Raises as show_symbolic."""
    return tuple(Asking(enforced(rules.values()), engine, kinds).broken(invariant))


class Asking:
    """The solver, the words of each action, and what the rules permit in them."""

    def __init__(self, rules: Sequence[Rule], engine: Engine, kinds: Sequence[CallerKind]) -> None:
        self._rules = rules
        self._kinds = kinds
        self._engine = engine
        self.words = {action: words(action) for action in Action}
        self.permitted = {action: permitted(rules, of) for action, of in self.words.items()}
        self.questions = 0

    def broken(self, rule: Rule) -> Iterator[Broken]:
        """Iterate over the first way in which an invariant is broken, if it is."""
        for action, of in self.words.items():
            found = self.example(of, z3.And(self.permitted[action], fires(rule, of)))
            if found is None:
                continue
            there = engine_with(self._engine, found)
            if not (there.permits(found) and there.fires(rule, found)):
                raise EngineDisagrees(f"{rule.id}: {said(found)} is not confirmed")
            yield Broken(invariant=rule, example=found, questions=1)
            return

    def widening(self) -> Iterator[Widens]:
        """Iterate over the data classes that open something."""
        for data_class in DataClass:
            for action, of in self.words.items():
                opens = with_class(self.permitted[action], of, data_class, there=True)
                closed = z3.Not(with_class(self.permitted[action], of, data_class, there=False))
                found = self.example(of, z3.And(opens, closed, z3.Not(of.classes[data_class])))
                if found is None:
                    continue
                there, wider = engine_with(self._engine, found), replace(found, classes=found.classes | {data_class})
                if there.permits(found) or not there.permits(wider):
                    raise EngineDisagrees(f"{data_class} widens {said(found)}: not confirmed")
                yield Widens(data_class=data_class, example=found)
                break

    def dead(self, rule: Rule) -> bool:
        """Say whether no facts at all have a rule fire."""
        return not any(self._holds(of, fires(rule, of)) for of in self.words.values())

    def redundant(self, rule: Rule) -> bool:
        """Say whether the verdicts would be the same without a rule that fires, whatever the facts."""
        if self.dead(rule):
            return False
        for of in self.words.values():
            alike = [fires(other, of) for other in self._rules if other.permits is rule.permits and other is not rule]
            alone = z3.And(fires(rule, of), z3.Not(any_of(alike)))
            rest = [fires(other, of) for other in self._rules if other.permits is not rule.permits]
            if self._holds(of, z3.And(alone, z3.Not(any_of(rest)) if rule.permits else any_of(rest))):
                return False
        return True

    # ------------------------------------------------------------------ the solver
    def _holds(self, of: Words, formula: Formula) -> bool:
        solver = z3.Solver()
        solver.set("timeout", SECONDS * 1000)
        solver.add(possible(of), any_of([of.kinds[kind] for kind in self._kinds]), formula)
        return self._answer(solver)

    def _answer(self, solver: Formula) -> bool:
        self.questions += 1
        answer = solver.check()
        if answer == z3.unknown:
            raise EngineDisagrees("the solver gave no answer in time; nothing is proven")
        return bool(answer == z3.sat)

    def example(self, of: Words, formula: Formula) -> Witness | None:
        """Return an example of an action in which as little as possible is true, None when there is none."""
        solver = z3.Solver()
        solver.set("timeout", SECONDS * 1000)
        solver.add(possible(of), any_of([of.kinds[kind] for kind in self._kinds]), formula)
        if not self._answer(solver):
            return None
        for truth in (z3.Not(one) for one in of.every):
            self._keep(solver, truth)
        self._keep(solver, of.purpose)
        for kind in (CallerKind.PRIVATE, CallerKind.OTHER):
            self._keep(solver, of.kinds[kind])
        self._answer(solver)
        return _witness(of, solver.model())

    def _keep(self, solver: Formula, wanted: Formula) -> None:
        """Ask for something more of the example, if it can be had."""
        solver.push()
        solver.add(wanted)
        if not self._answer(solver):
            solver.pop()


def _witness(of: Words, model: Formula) -> Witness:
    def true(truth: Formula) -> bool:
        return bool(z3.is_true(model.eval(truth, model_completion=True)))

    (kind,) = (CallerKind(name) for name, truth in of.kinds.items() if true(truth))
    held = of.action is Action.HOLD
    thing = Thing(
        names=(ANYBODY,),
        provider=None,
        established=frozenset(Established(name) for name, truth in of.established.items() if true(truth)),
        share=model.eval(of.share, model_completion=True).as_long(),
    )
    caller = Caller(
        kind=kind,
        care=true(of.care),
        analyses=frozenset(AnalysisKind(name) for name, truth in of.analyses.items() if true(truth)),
        contract=true(of.contract) and not held,
        purpose=ON_RECORD,
        purpose_on_record=true(of.purpose),
    )
    classes = frozenset(DataClass(name) for name, truth in of.classes.items() if true(truth))
    return Witness(action=of.action, caller=caller, thing=thing, classes=classes)


def engine_with(engine: Engine, example: Witness) -> Engine:
    """Return an engine of the same rules over the one destination or place of an example."""
    established, share = example.thing.established, example.thing.share
    any_ = next(iter(engine.destinations.values()))
    destination = replace(any_, id=DestinationId(ANYBODY), established=established, non_eu_share_max=share)
    destinations = {destination.id: destination}
    rules = engine.rulebook.rules
    rulebook = CedarRulebook(
        rules=rules,
        engine=cedar_engine(engine.schema, tuple(rules.values()), destinations),
        destinations=destinations,
        today=engine.today,
    )
    place = Place(id=PlaceId(ANYBODY), role="runs", established=established, non_eu_share_max=share)
    return replace(engine, rulebook=rulebook, destinations=destinations, places={ANYBODY: place})
