"""One pack of rules, from text to rules with their reasons, checked strictly against the schema.

Law: a rule has an id, a plain sentence in two languages, a source, a basis and a mode, or it does not load; only `base`
permits. An organisation may change a rule's mode, but never of a permit nor of the floor.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

import cedarpy

from ecluse.domain.verdict import Basis, Mode, Reason, RuleId
from ecluse.passage.decide.lint import Node, RuleRefused, check_constructs, statement_lines, statement_spans
from ecluse.passage.decide.mistakes import line_of_note, meant, unparsed, unvalidated
from ecluse.passage.decide.polarity import Sense, check_polarity

BASE = "base"
EXCEPTION_DAYS = 366
"""Days that an exception from a rule lasts at most, unless the rule says otherwise."""
REQUIRED = {
    "id": '@id("pack.rule")',
    "reason": '@reason("a sentence for the reader")',
    "reason_fr": '@reason_fr("une phrase pour le lecteur")',
    "source": '@source("the text that it rests on")',
    "basis": '@basis("law"), "authority", "contract" or "house"',
    "mode": '@mode("enforce"), "warn" or "observe"',
}
"""The annotations of every rule, and what to write."""
NOTES = frozenset(REQUIRED) | {"floor", "opt_in", "applies_from", "exception_days"}
"""All annotations: another one is a typo of these, and would say nothing."""

_ID = re.compile(r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ATTRIBUTE = re.compile(r"^\s+([a-z_]+):", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule and where it stands. `est` is Cedar's JSON form, from which the engine is fed.

    A rule that is `opt_in` holds only for organisations that name it among their modes. Before the day that it
    `applies_from` it is `early`: it is told and refuses nothing, whatever an organisation names.
    Days of exceptions that a rule states itself bound all of them `together`: one after the other is no new term.
    """

    reason: Reason
    permits: bool
    floor: bool
    opt_in: bool = False
    applies_from: date | None = None
    early: bool = False
    exception_days: int = EXCEPTION_DAYS
    together: bool = False
    pack: str
    line: int
    est: Mapping[str, object]

    @property
    def id(self) -> RuleId:
        """The rule's id, which never changes."""
        return self.reason.rule

    def excepted(self, exception: str) -> Reason:
        """Return the reason under an exception: it is told, and refuses nothing. The floor has none."""
        return (
            self.reason if self.floor or self.permits else replace(self.reason, mode=Mode.OBSERVE, exception=exception)
        )

    def on(self, today: date) -> "Rule":
        """Return the rule as it is on a day: before it applies it is only told."""
        if self.applies_from is None or today >= self.applies_from:
            return self
        return replace(self, reason=replace(self.reason, mode=Mode.OBSERVE), early=True)

    def in_mode(self, stated: str | None) -> Reason:
        """Return the reason under an organisation's mode. The floor has one mode. Raises ValueError for no mode."""
        if stated is None or self.floor or self.permits or self.early:
            return self.reason
        return replace(self.reason, mode=Mode(stated))


def read_rules(pack: str, text: str, schema_text: str, schema: cedarpy.Schema) -> tuple[Rule, ...]:
    """Read one pack. Raises RuleRefused with the line and what to write."""
    file = f"{pack}.cedar"
    lines = statement_lines(text)
    try:
        est = json.loads(cedarpy.policies_to_json_str(text))
    except ValueError as error:
        raise unparsed(file, text, error) from error
    if est["templates"]:
        raise RuleRefused(
            file, 1, "a template permits nothing by itself; write a rule without `?principal` or `?resource`"
        )
    policies: dict[int, Mapping[str, object]] = {
        int(name.removeprefix("policy")): policy for name, policy in est["staticPolicies"].items()
    }
    if len(lines) != len(policies):
        raise RuleRefused(file, 1, "has a `;` where no rule ends")
    statements = [statement for _, statement in statement_spans(text)]
    for index in sorted(policies):
        _check_notes(file, lines[index], statements[index], policies[index])
    rules = tuple(_rule(pack, file, lines[index], policies[index]) for index in sorted(policies))
    _validate(file, text, schema_text, schema, rules)
    return rules


def _check_notes(file: str, start: int, statement: str, est: Mapping[str, object]) -> None:
    """Refuse an annotation that means nothing, a basis or a mode that there is not: each on its own line."""
    notes = cast("Mapping[str, str | None]", est.get("annotations", {}))
    rule = notes.get("id") or "here"
    for name in notes:
        if name not in NOTES:
            line = line_of_note(start, statement, name)
            what = f"rule {rule}: @{name} is no annotation{meant(name, NOTES) or '; take it away'}"
            raise RuleRefused(file, line, what)
    for name, words in (("basis", tuple(Basis)), ("mode", tuple(Mode))):
        if (stated := notes.get(name)) and stated not in words:
            what = f"rule {rule}: there is no {name} `{stated}`{meant(stated, words)}; write {REQUIRED[name]}"
            raise RuleRefused(file, line_of_note(start, statement, name), what)


def _rule(pack: str, file: str, line: int, est: Mapping[str, object]) -> Rule:
    notes = cast("Mapping[str, str | None]", est.get("annotations", {}))
    for name, example in REQUIRED.items():
        if not notes.get(name):
            raise RuleRefused(file, line, f"the rule {notes.get('id') or 'here'} has no @{name}; write {example}")
    words = {name: notes[name] or "" for name in REQUIRED}
    if not _ID.match(words["id"]):
        raise RuleRefused(file, line, f"`{words['id']}` is no rule id; write pack.rule in small letters")
    permits = est["effect"] == "permit"
    applies_from = _day(file, line, words["id"], notes.get("applies_from"))
    floor, opt_in = notes.get("floor"), notes.get("opt_in")
    for name, stated in (("floor", floor), ("opt_in", opt_in)):
        if stated not in {None, "true"}:
            raise RuleRefused(file, line, f'rule {words["id"]}: write @{name}("true"), or nothing')
    if (opt_in or applies_from) and (floor or permits):
        what = "what is of the floor or permits is for everybody and every day; no @opt_in, no @applies_from"
        raise RuleRefused(file, line, f"rule {words['id']}: {what}")
    if permits and pack != BASE:
        raise RuleRefused(
            file, line, f"rule {words['id']}: only base.cedar permits; write a forbid, or record a dated fact"
        )
    rule = Rule(
        reason=_reason(words),
        permits=permits,
        floor=floor is not None,
        opt_in=opt_in is not None,
        applies_from=applies_from,
        exception_days=_days(file, line, words["id"], notes.get("exception_days")),
        together=notes.get("exception_days") is not None,
        pack=pack,
        line=line,
        est=est,
    )
    if permits and rule.reason.mode is not Mode.ENFORCE:
        raise RuleRefused(file, line, f'rule {rule.id}: a permit has @mode("enforce")')
    _check_conditions(file, line, rule)
    return rule


def _days(file: str, line: int, rule: str, stated: str | None) -> int:
    if stated is None:
        return EXCEPTION_DAYS
    if not stated.isdecimal():
        raise RuleRefused(file, line, f'rule {rule}: write @exception_days("366"), the days an exception lasts at most')
    return int(stated)


def _day(file: str, line: int, rule: str, stated: str | None) -> date | None:
    try:
        return None if stated is None else date.fromisoformat(stated)
    except ValueError:
        raise RuleRefused(file, line, f'rule {rule}: write @applies_from("2027-12-02"), the first day') from None


def _reason(words: Mapping[str, str]) -> Reason:
    return Reason(
        rule=RuleId(words["id"]),
        en=words["reason"],
        fr=words["reason_fr"],
        source=words["source"],
        basis=Basis(words["basis"]),
        mode=Mode(words["mode"]),
    )


def _check_conditions(file: str, line: int, rule: Rule) -> None:
    for condition in cast("Sequence[Mapping[str, object]]", rule.est["conditions"]):
        body = cast("Node", condition["body"])
        check_constructs(file, line, rule.id, body)
        sense = Sense.UP if condition["kind"] == "when" else Sense.DOWN
        check_polarity(file, line, rule.id, body, refuses=sense.turned if rule.permits else sense)


def _validate(file: str, text: str, schema_text: str, schema: cedarpy.Schema, rules: Sequence[Rule]) -> None:
    """Validate strictly against the schema. Raises RuleRefused for the first error."""
    result = cedarpy.validate_policies(text, schema)
    if result.validation_passed:
        return
    error, spans = result.errors[0], statement_spans(text)
    index = error.policy_id.removeprefix("policy")
    line, statement = spans[int(index)] if index.isdigit() and int(index) < len(spans) else (1, text)
    said = error.error
    if index.isdigit() and int(index) < len(rules):
        said = said.replace(f"for policy `{error.policy_id}`", f"rule {rules[int(index)].id}")
    words = set(_WORD.findall(schema_text))
    if ", attribute `" in said:
        words = set(_ATTRIBUTE.findall(schema_text)) - {"principal", "resource", "context"}
        said = f"{said}; attributes are: {', '.join(sorted(words))}"
    raise unvalidated(file, line, statement, said, words)
