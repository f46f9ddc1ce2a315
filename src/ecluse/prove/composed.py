"""The rules as one organisation has composed them: its modes, and the packs that it asked for.

Law: a rule in another mode than enforce refuses nothing, and nothing is proven of it; what is of the floor or permits
has no mode. The engine that confirms examples is made of the same composed rules.
"""

from collections.abc import Mapping
from dataclasses import replace

from ecluse.domain.verdict import RuleId
from ecluse.passage.decide.cedar import engine as cedar_engine
from ecluse.passage.decide.rulebook import CedarRulebook
from ecluse.passage.decide.rules import Rule
from ecluse.prove.confirm import Engine


def composed(rules: Mapping[RuleId, Rule], modes: Mapping[str, str]) -> dict[RuleId, Rule]:
    """Return the rules with an organisation's modes; those that it did not ask for stay opt-in. Raises ValueError."""
    if unknown := modes.keys() - rules.keys():
        raise ValueError(f"there is no rule {min(unknown)!r} (docs/reference/rules.md)")
    return {
        id_: replace(rule, reason=rule.in_mode(modes.get(id_)), opt_in=rule.opt_in and id_ not in modes)
        for id_, rule in rules.items()
    }


def engine_for(engine: Engine, modes: Mapping[str, str]) -> Engine:
    """Return an engine over the same facts that decides by the composed rules."""
    rules = composed(engine.rulebook.rules, modes)
    rulebook = CedarRulebook(
        rules=rules,
        engine=cedar_engine(engine.schema, tuple(rules.values()), engine.destinations),
        destinations=engine.destinations,
        today=engine.today,
    )
    return replace(engine, rulebook=rulebook)
