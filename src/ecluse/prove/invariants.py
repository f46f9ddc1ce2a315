"""What is shown of a set of rules: invariants, classes that never widen, rules that are dead or change nothing.

Law: exhaustive over the space, confirmed by Cedar, and about enforced rules and recorded facts only: not about the
truth of the facts, nor about what a classifier missed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from ecluse.domain.caller import AnalysisKind, CallerKind
from ecluse.domain.destination import Destination, DestinationId, Established, Place
from ecluse.domain.finding import DataClass
from ecluse.domain.party import ProviderId
from ecluse.domain.verdict import Action, Mode, RuleId
from ecluse.passage.decide.rules import Rule
from ecluse.prove.composed import engine_for
from ecluse.prove.confirm import Engine, EngineDisagrees, agree, said
from ecluse.prove.residual import Asks, applies, asks, fold, table_at
from ecluse.prove.space import KINDS, ON_RECORD, Caller, Ids, Space, Thing, places_of, standpoint, things_of
from ecluse.prove.tables import NEVER, widening
from ecluse.prove.verdicts import Verdicts, Witness, alike_actions, count, distinct, enforced, united, verdicts, witness

SEED = 20261124
DRAWN_CALLERS = 24
"""Callers drawn for each action, to be asked of Cedar too."""
UNHELD = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """An invariant that the rules permit past: its plainest example, and how many questions in all.

    `by_modes`: it holds of the rules as they are, and not once an organisation only observes those that it may.
    """

    invariant: Rule
    example: Witness
    questions: int
    by_modes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Widens:
    """A data class that turns a refusal into a permit. `example` is the refused question without it."""

    data_class: DataClass
    example: Witness


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What came out. `agreed` is how many drawn questions Cedar answered alike.

    `dead` rules can fire for no facts at all; `asleep` for none of the facts on record that day; `redundant` rules fire
    and change no verdict on record.
    """

    questions: int
    agreed: int
    invariants: tuple[RuleId, ...]
    broken: tuple[Broken, ...]
    widening: tuple[Widens, ...]
    dead: tuple[RuleId, ...]
    asleep: tuple[RuleId, ...]
    redundant: tuple[RuleId, ...]
    not_enforced: tuple[RuleId, ...]


def show(
    rules: Mapping[RuleId, Rule],
    invariants: Sequence[Rule],
    engine: Engine,
    *,
    kinds: Sequence[CallerKind] = KINDS,
    seed: int = SEED,
    drawn: int = DRAWN_CALLERS,
) -> Shown:
    """Prove the invariants over every question of callers of some kinds. Raises NotProvable and EngineDisagrees."""
    decisive = enforced(rules.values())
    alike = alike_actions([*decisive, *invariants])
    spaces = {
        action: space_of(_for(action, [*decisive, *invariants]), engine.destinations, engine.places, kinds)
        for action in alike
    }
    found = [verdicts(spaces[action], decisive, action) for action in alike]
    agreed = sum(
        agree(spaces[one.action], decisive, replace(one, action=action), engine, seed=seed, callers=drawn)
        for one in found
        for action in alike[one.action]
    )
    fired = {id_ for one in found for id_, where in one.fired.items() if where.any()}
    broken = tuple(one for rule in invariants for one in _broken(spaces, found, alike, rule, engine))
    whole = [rule for rule in invariants if rule.floor and rule.id not in {one.invariant.id for one in broken}]
    dead = tuple(sorted(rule.id for rule in decisive if rule.id not in fired and not _can_fire(rule)))
    changing = {id_ for one in found for id_ in _decisive(spaces[one.action], decisive, distinct(one))}
    return Shown(
        questions=sum(spaces[first].questions(action) for first, group in alike.items() for action in group),
        agreed=agreed,
        invariants=tuple(rule.id for rule in invariants),
        broken=broken + tuple(_by_modes(spaces, decisive, alike, whole, engine)),
        widening=tuple(_widening(spaces, found, engine)),
        dead=dead,
        asleep=tuple(sorted(rule.id for rule in decisive if rule.id not in fired and rule.id not in dead)),
        redundant=tuple(sorted(id_ for id_ in fired if id_ not in changing)),
        not_enforced=tuple(sorted(rules.keys() - {rule.id for rule in decisive})),
    )


def _for(action: Action, rules: Sequence[Rule]) -> list[Rule]:
    """Keep the rules of one action: what the others speak of tells none of its callers apart."""
    return [rule for rule in rules if applies(rule, action)]


def space_of(
    rules: Sequence[Rule],
    destinations: Mapping[DestinationId, Destination],
    places: Mapping[str, Place],
    kinds: Sequence[CallerKind] = KINDS,
) -> Space:
    """Return the space of some rules over the facts of one day."""
    return Space(rules, things_of(destinations.values()), places_of(places.values()), kinds)


# ------------------------------------------------------------------ invariants
def _broken(
    spaces: Mapping[Action, Space],
    found: Sequence[Verdicts],
    alike: Mapping[Action, Sequence[Action]],
    rule: Rule,
    engine: Engine,
) -> Iterator[Broken]:
    """Return the plainest example of all actions, confirmed by Cedar."""
    examples: list[Witness] = []
    questions = 0
    for one in found:
        space = spaces[one.action]
        where = space.both(one.permitted, space.fires(rule, one.action))
        example = witness(space, where, one.action)
        if example is None:
            continue
        if not (engine.permits(example) and engine.fires(rule, example)):
            raise EngineDisagrees(f"{rule.id}: {said(example)} is not confirmed")
        examples.append(example)
        questions += count(space, where, space.things[one.action]) * len(alike[one.action])
    if examples:
        plainest = min(examples, key=lambda e: (e.action is Action.HOLD, len(e.classes), len(e.caller.analyses)))
        yield Broken(invariant=rule, example=plainest, questions=questions)


def _by_modes(
    spaces: Mapping[Action, Space],
    rules: Sequence[Rule],
    alike: Mapping[Action, Sequence[Action]],
    invariants: Sequence[Rule],
    engine: Engine,
) -> Iterator[Broken]:
    """Return the invariants of the floor that fail when every rule that has a mode is only observed."""
    left = [rule for rule in rules if rule.permits or rule.floor]
    found = [verdicts(spaces[action], left, action) for action in alike]
    moved: dict[str, str] = {rule.id: Mode.OBSERVE.value for rule in rules if rule not in left}
    observing = engine_for(engine, moved)
    for rule in invariants:
        for one in _broken(spaces, found, alike, rule, observing):
            yield replace(one, by_modes=True)


# ------------------------------------------------------------------ classes that widen
def _widening(spaces: Mapping[Action, Space], found: Sequence[Verdicts], engine: Engine) -> Iterator[Widens]:
    told: set[DataClass] = set()
    for one in found:
        space = spaces[one.action]
        opened: dict[DataClass, dict[int, int]] = {}
        for number in set(one.permitted.reshape(-1).tolist()):
            for data_class, table in widening(space.tables[number]):
                opened.setdefault(data_class, {})[number] = space.number(table)
        for data_class in sorted(opened.keys() - told):
            example = witness(space, _mapped(one.permitted, opened[data_class]), one.action)
            if example is None:
                continue
            wider = Witness(
                action=example.action,
                caller=example.caller,
                thing=example.thing,
                classes=example.classes | {data_class},
            )
            if engine.permits(example) or not engine.permits(wider):
                raise EngineDisagrees(f"{data_class} widens {said(example)}: not confirmed")
            told.add(data_class)
            yield Widens(data_class=data_class, example=example)


def _mapped(where: Ids, become: Mapping[int, int]) -> Ids:
    mapped = where * 0
    for number, table in become.items():
        mapped[where == number] = table
    return mapped


# ------------------------------------------------------------------ rules that change nothing
def _decisive(space: Space, rules: Sequence[Rule], found: Verdicts) -> Iterator[RuleId]:
    """Iterate over the rules without which some verdict would be another."""
    for permits in (False, True):
        group = [rule.id for rule in rules if rule.permits is permits and found.fired[rule.id].any()]
        before, after = [found.permits * 0], [found.permits * 0]  # NEVER has the number 0
        for id_ in group:
            before.append(space.either(before[-1], found.fired[id_]))
        for id_ in reversed(group):
            after.append(space.either(after[-1], found.fired[id_]))
        forbids = united(space, found.action, [found.fired[rule.id] for rule in rules if not rule.permits])
        for index, id_ in enumerate(group):
            alone = space.without(found.fired[id_], space.either(before[index], after[len(group) - 1 - index]))
            changed = space.without(alone, forbids) if permits else space.both(alone, found.permits)
            if changed.any():
                yield id_


def _can_fire(rule: Rule) -> bool:
    """Say whether any facts at all, on record or not, have a rule fire."""
    asked, folded = asks(rule), fold(rule)
    kinds = {action: "Place" if action is Action.HOLD else "Destination" for action in Action}
    for action in (action for action in Action if applies(rule, action)):
        for caller, thing in product(_callers(asked), _things(asked)):
            if table_at(folded, standpoint(caller, thing, kinds[action])) != NEVER:
                return True
    return False


def _callers(asked: Asks) -> Iterator[Caller]:
    named = [AnalysisKind(ref.name) for ref in asked.named("Analysis")]
    for kind, care, contract, on_record in product(CallerKind, (False, True), (False, True), (False, True)):
        for mask, purpose in product(range(1 << len(named)), (ON_RECORD, *sorted(asked.texts))):
            yield Caller(
                kind=kind,
                care=care,
                contract=contract,
                purpose=purpose,
                purpose_on_record=on_record,
                analyses=frozenset(a for bit, a in enumerate(named) if mask >> bit & 1),
            )


def _things(asked: Asks) -> Iterator[Thing]:
    named = [Established(ref.name) for ref in asked.named("Established")]
    shares = {0, 100, *(n + step for n in asked.numbers for step in (-1, 0, 1) if 0 <= n + step <= 100)}  # noqa: PLR2004 - percent
    if "resource.non_eu_share_max" not in asked.attributes:
        shares = {100}
    providers = [UNHELD, *(ref.name for ref in asked.named("Provider"))]
    for mask, share, provider in product(range(1 << len(named)), sorted(shares), providers):
        yield Thing(
            names=(UNHELD,),
            provider=ProviderId(provider),
            established=frozenset(fact for bit, fact in enumerate(named) if mask >> bit & 1),
            share=share,
        )
