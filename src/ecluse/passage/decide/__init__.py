"""Data classes x destinations -> a verdict, with the rules that decided it."""

from ecluse.passage.decide.agreement import Agreement, activate
from ecluse.passage.decide.compile import compile_rules, read_packs
from ecluse.passage.decide.decide import decide, explain, held
from ecluse.passage.decide.forms import forms
from ecluse.passage.decide.lint import RuleRefused
from ecluse.passage.decide.recipients import brought, recipients_of, with_recipients
from ecluse.passage.decide.resolve import resolve
from ecluse.passage.decide.rulebook import CedarRulebook
from ecluse.passage.decide.rules import Rule

__all__ = [
    "Agreement",
    "CedarRulebook",
    "Rule",
    "RuleRefused",
    "activate",
    "brought",
    "compile_rules",
    "decide",
    "explain",
    "forms",
    "held",
    "read_packs",
    "recipients_of",
    "resolve",
    "with_recipients",
]
