"""Text of rules and facts of a day to a rulebook.

Law: validation is strict, the checks of `lint` and `polarity` come on top, and an empty set of rules refuses to load.
"""

from collections.abc import Mapping
from datetime import date

import cedarpy

from ecluse.domain.destination import Destination, DestinationId
from ecluse.domain.verdict import RuleId
from ecluse.passage.decide.cedar import engine
from ecluse.passage.decide.folded import Folded
from ecluse.passage.decide.lint import RuleRefused, check_schema
from ecluse.passage.decide.residual import NotFoldable
from ecluse.passage.decide.rulebook import NO_PERMIT, CedarRulebook
from ecluse.passage.decide.rules import BASE, Rule, read_rules

SCHEMA = "schema.cedarschema"


def compile_rules(
    schema: str,
    policies: Mapping[str, str],
    *,
    destinations: Mapping[DestinationId, Destination],
    today: date,
) -> CedarRulebook:
    """Return the rulebook over `destinations`, with analyses judged on `today`. Cedar decides in it until `activate`.

    `policies` is text by pack name. Raises RuleRefused naming file and line, and ValueError for facts that the schema
    does not have.
    """
    rules = {id_: rule.on(today) for id_, rule in read_packs(schema, policies).items()}
    parsed = _schema(schema)
    return CedarRulebook(
        rules=rules,
        engine=engine(parsed, tuple(rules.values()), destinations),
        destinations=destinations,
        today=today,
    )


def read_packs(schema: str, policies: Mapping[str, str]) -> Mapping[RuleId, Rule]:
    """Read and check every pack. Raises RuleRefused."""
    parsed = _schema(schema)
    check_schema(SCHEMA, schema)
    rules: dict[RuleId, Rule] = {}
    for pack, text in policies.items():
        for rule in read_rules(pack, text, schema, parsed):
            if rule.id in rules:
                other = rules[rule.id]
                what = f"rule {rule.id} stands in {other.pack}.cedar:{other.line} too; a rule's id is its own"
                raise RuleRefused(f"{pack}.cedar", rule.line, what)
            rules[rule.id] = rule
    if NO_PERMIT not in rules or not any(rule.permits for rule in rules.values()):
        raise RuleRefused(f"{BASE}.cedar", 1, f"the base permits and {NO_PERMIT} are missing; nothing would be decided")
    _check_foldable(rules)
    return rules


def _check_foldable(rules: Mapping[RuleId, Rule]) -> None:
    """Refuse what Cedar could decide and the folded rules could not: there is one way to decide, at two speeds."""
    for rule in rules.values():
        try:
            Folded([rule])
        except NotFoldable as error:
            raise RuleRefused(f"{rule.pack}.cedar", rule.line, f"rule {rule.id}: {error.what}") from error


def _schema(text: str) -> cedarpy.Schema:
    try:
        return cedarpy.Schema.from_str(text)
    except ValueError as error:
        raise RuleRefused(SCHEMA, 1, f"is not a Cedar schema: {error}") from error
