"""The folded rules held against Cedar before they decide: on drawn questions, and on mutated rules.

Law: one difference and they are not activated; the drawn questions follow from a seed. It asks Cedar a few questions at
a time, because Cedar lets no other thread run while it answers. Not for the event loop.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from ecluse.domain.caller import AnalysisKind, CallerKind, Purpose
from ecluse.domain.destination import Destination, Place
from ecluse.domain.snapshot import never
from ecluse.domain.verdict import Action
from ecluse.passage.decide.cedar import ENGINE_ERRORS, Cedar, engine
from ecluse.passage.decide.folded import Folded, facts_of, subset
from ecluse.passage.decide.mutants import mutant
from ecluse.passage.decide.question import Asked, Standing
from ecluse.passage.decide.residual import CLASSES, NotFoldable
from ecluse.passage.decide.rulebook import CedarRulebook
from ecluse.passage.decide.rules import Rule

CALLERS = 16
"""Callers drawn against the rules as they are."""
MUTATIONS = 4
"""Times that every rule is written otherwise, all at once."""
MUTATION_CALLERS = 4
AT_ONCE = 8
"""Questions of one caller, asked of Cedar in one call."""
PURPOSE = Purpose("a purpose")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How many questions were compared, and the first on which the two differ, if one does."""

    compared: int
    difference: str | None = None


def activate(
    rulebook: CedarRulebook, places: Sequence[Place] = (), *, seed: int, stopped: Callable[[], bool] = never
) -> Agreement:
    """Compare the folded rules with Cedar, and let them decide when nothing differs and nobody stopped it.

    `stopped` is asked between pieces of a few milliseconds, and may let others come to turn before it answers.
    """
    rules = tuple(rulebook.rules.values())
    things: list[Destination | Place] = [*rulebook.destinations.values(), *places]
    draw = np.random.default_rng(seed)
    compared = 0
    try:
        folded = Folded(rules)
        for round_ in range(1 + MUTATIONS):
            made = _otherwise(rulebook, rules, draw, stopped) if round_ else (folded, rulebook.cedar)
            if made is None:
                return Agreement(compared=compared)
            evaluator, cedar = made
            for _ in range(MUTATION_CALLERS if round_ else CALLERS):
                if stopped():
                    return Agreement(compared=compared)
                compared += _compare(evaluator, cedar, things, draw)
    except Differs as difference:
        return Agreement(compared=compared, difference=str(difference))
    except (NotFoldable, *ENGINE_ERRORS) as error:
        return Agreement(compared=compared, difference=f"it could not be compared: {type(error).__name__}")
    rulebook.activate(folded)
    return Agreement(compared=compared)


def _otherwise(
    rulebook: CedarRulebook, rules: Sequence[Rule], draw: np.random.Generator, stopped: Callable[[], bool]
) -> tuple[Folded, Cedar] | None:
    """Return both evaluators of the rules written otherwise; None when it was stopped."""
    told = _mutated(rules, draw)
    if stopped():
        return None
    cedar = Cedar(engine(rulebook.cedar.schema, told, rulebook.destinations))
    return None if stopped() else (Folded(told), cedar)


class Differs(Exception):
    """The two do not say the same."""


def _compare(folded: Folded, cedar: Cedar, things: Sequence[Destination | Place], draw: np.random.Generator) -> int:
    """Ask both the same questions of one drawn caller. Raises Differs."""
    providers = sorted({thing.provider for thing in things if isinstance(thing, Destination)})
    caller = Standing(
        kind=_one(tuple(CallerKind), draw),
        contracts=_some(providers, 0.6, draw),
        purposes=_some([PURPOSE], 0.8, draw),
        analyses=_some(list(AnalysisKind), 0.5, draw),
        care=bool(draw.integers(2)),
    )
    entities = cedar.entities(caller, None)
    drawn = [_one(things, draw) for _ in range(AT_ONCE)]
    asked = [_asked(thing, draw) for thing in drawn]
    sent = [(thing, one) for thing, one in zip(drawn, asked, strict=True) if isinstance(thing, Destination)]
    theirs = cedar.evaluate(entities, [one for _, one in sent])
    held = [(thing, one) for thing, one in zip(drawn, asked, strict=True) if isinstance(thing, Place)]
    for place, one in held:
        theirs += cedar.evaluate(cedar.entities(caller, place), [one])
    every: list[tuple[Destination | Place, Asked]] = [*sent, *held]
    for (thing, one), fired in zip(every, theirs, strict=True):
        ours = folded.view(caller, one.action, one.purpose)[facts_of(thing)][subset(one.classes)]
        if ours != fired:
            raise Differs(f"{one.action} {', '.join(sorted(one.classes)) or 'no class'} to {one.name}")
    return len(drawn)


def _asked(thing: Destination | Place, draw: np.random.Generator) -> Asked:
    place = isinstance(thing, Place)
    return Asked(
        kind="Place" if place else "Destination",
        name=thing.id,
        action=Action.HOLD if place else _one((Action.INFER, Action.EMBED, Action.STORE), draw),
        purpose=PURPOSE,
        classes=_some(list(CLASSES), 0.15, draw),  # few classes: with many at once nearly everything is refused
    )


def _mutated(rules: Sequence[Rule], draw: np.random.Generator) -> tuple[Rule, ...]:
    return tuple(mutant(rule, draw) or rule for rule in rules)


def _one(among: Sequence[T], draw: np.random.Generator) -> T:
    return among[int(draw.integers(len(among)))]


def _some(among: Sequence[T], chance: float, draw: np.random.Generator) -> frozenset[T]:
    return frozenset(one for one, drawn in zip(among, draw.random(len(among)).tolist(), strict=True) if drawn < chance)
