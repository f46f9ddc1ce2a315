"""A witness taken to the real engine: what Cedar does not confirm is never shown.

Law: our evaluator finds, Cedar decides. A witness that Cedar does not confirm, or a drawn question on which the two
differ, means that the evaluator is wrong: then nothing at all is proven.
"""

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

import cedarpy
import numpy as np

from ecluse.domain.caller import (
    HDS_ACTIVITIES,
    Analysis,
    Application,
    ApplicationId,
    Organisation,
    OrganisationId,
    Purpose,
)
from ecluse.domain.destination import Destination, DestinationId, Place
from ecluse.domain.finding import MASKED_FORM
from ecluse.domain.party import ProviderId
from ecluse.domain.verdict import Action, Choice, Mode, Question, RuleId, Ruling
from ecluse.passage.decide.question import Asked, destination_entity, place_entity, standing
from ecluse.passage.decide.rulebook import CedarRulebook
from ecluse.passage.decide.rules import Rule
from ecluse.prove.space import ELSEWHERE, Caller, Space
from ecluse.prove.tables import CLASSES, members
from ecluse.prove.verdicts import Verdicts, Witness, holds

_PLAIN = {masked: plain for plain, masked in MASKED_FORM.items()}
PER_CALLER = 8
"""Questions drawn of one caller: its facts are told to Cedar once."""


class EngineDisagrees(Exception):
    """Our evaluator and Cedar do not say the same. Nothing is proven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """The real engine over the facts of one day."""

    rulebook: CedarRulebook
    schema: cedarpy.Schema
    destinations: Mapping[DestinationId, Destination]
    places: Mapping[str, Place]
    today: date

    def ruling(self, witness: Witness) -> Ruling:
        """Return what the data plane says of a witness that is about a destination."""
        destination = self.destinations[DestinationId(witness.thing.names[0])]
        question, masked = question_of(witness, destination.provider)
        (ruling,) = self.rulebook.rule(question, [Choice(destination=destination.id, masked=masked)])
        return ruling

    def permits(self, witness: Witness) -> bool:
        """Say whether the data plane would permit the question of a witness."""
        if witness.action is not Action.HOLD:
            return self.ruling(witness).permitted
        question, _ = question_of(witness, None)
        reasons = self.rulebook.hold(question, self.places[witness.thing.names[0]])
        return all(reason.mode is not Mode.ENFORCE for reason in reasons)

    def fires(self, rule: Rule, witness: Witness) -> bool:
        """Say whether Cedar has a rule fire for a witness. Raises EngineDisagrees when Cedar reports an error."""
        name = witness.thing.names[0]
        held = witness.action is Action.HOLD
        provider = None if held else self.destinations[DestinationId(name)].provider
        question, _ = question_of(witness, provider)
        thing = place_entity(self.places[name]) if held else destination_entity(self.destinations[DestinationId(name)])
        asked = Asked(
            kind="Place" if held else "Destination",
            name=name,
            action=witness.action,
            purpose=question.purpose,
            classes=witness.classes,
        )
        alone = json.dumps({"templates": {}, "templateLinks": [], "staticPolicies": {rule.id: rule.est}})
        entities = json.dumps([standing(question, self.today).entity, thing])
        (result,) = cedarpy.is_authorized_batch(
            [asked.request],
            cedarpy.PolicySet.from_json_str(alone),
            cedarpy.Entities.from_json_str(entities, self.schema),
            self.schema,
        )
        if result.diagnostics.errors:
            raise EngineDisagrees(f"Cedar reports an error of {rule.id}")
        return rule.id in result.diagnostics.reasons


def question_of(witness: Witness, provider: ProviderId | None) -> tuple[Question, bool]:
    """Return the question that a witness stands for, and whether it is about the masked form."""
    masked = frozenset(_PLAIN[c] for c in witness.classes if c in _PLAIN)
    mixed = bool(masked & witness.classes) or witness.action is not Action.INFER
    question = Question(
        application=application_of(witness.caller, provider),
        action=witness.action,
        purpose=Purpose(witness.caller.purpose),
        classes=witness.classes if mixed else frozenset(c for c in witness.classes if c not in _PLAIN) | masked,
        covered=frozenset() if mixed else masked,
    )
    return question, bool(masked) and not mixed


def application_of(caller: Caller, provider: ProviderId | None) -> Application:
    """Return an application on record that stands where a caller of the space stands."""
    return Application(
        id=ApplicationId("witness"),
        organisation=Organisation(
            id=OrganisationId("witness"),
            name="witness",
            kind=caller.kind,
            contracts=frozenset({provider}) if caller.contract and provider else frozenset(),
        ),
        name="witness",
        purposes=(Purpose(caller.purpose if caller.purpose_on_record else ELSEWHERE),),
        analyses=tuple(
            Analysis(kind=kind, reference="witness", activities=HDS_ACTIVITIES) for kind in sorted(caller.analyses)
        ),
        care=caller.care,
    )


def agree(space: Space, rules: Sequence[Rule], found: Verdicts, engine: Engine, *, seed: int, callers: int) -> int:
    """Ask Cedar drawn questions and compare verdicts and fired rules. Return how many. Raises EngineDisagrees."""
    things = space.things[found.action]
    if not things:
        return 0
    draw = np.random.default_rng(seed)
    asked = 0
    for row in draw.integers(space.callers, size=callers).tolist():
        caller = space.caller(row)
        columns = draw.integers(len(things), size=PER_CALLER).tolist()
        # Few classes: with many at once nearly everything is refused, and little would be compared.
        chosen = (draw.random((PER_CALLER, len(CLASSES))) < 0.15).tolist()  # noqa: PLR2004 - two classes on average
        for column, picks in zip(columns, chosen, strict=True):
            subset = sum(1 << index for index, picked in enumerate(picks) if picked)
            witness = Witness(action=found.action, caller=caller, thing=things[column], classes=members(subset))
            ours = {id_ for id_, where in found.fired.items() if holds(space, where, row, column, subset)}
            permitted = holds(space, found.permitted, row, column, subset)
            _compare(rules, engine, witness, ours, permitted=permitted)
            asked += 1
    return asked


def _compare(
    rules: Sequence[Rule], engine: Engine, witness: Witness, ours: AbstractSet[RuleId], *, permitted: bool
) -> None:
    if engine.permits(witness) is not permitted:
        raise EngineDisagrees(f"{said(witness)}: ours {'permits' if permitted else 'refuses'}, Cedar does not")
    if witness.action is Action.HOLD:
        return
    ruling = engine.ruling(witness)
    theirs = {*ruling.permitted_by, *(reason.rule for reason in ruling.reasons)}
    if theirs != ours & {rule.id for rule in rules}:
        raise EngineDisagrees(f"{said(witness)}: ours fires {sorted(ours)}, Cedar {sorted(theirs)}")


def said(witness: Witness) -> str:
    """Say a witness in a few words."""
    caller = witness.caller
    on_record = ", ".join(sorted(caller.analyses)) or "nothing"
    classes = ", ".join(sorted(witness.classes)) or "no data class"
    return f"{witness.action} {classes} by {caller.kind} with {on_record} on record to {witness.thing.names[0]}"
