"""The tables of cases that each pack comes with: who sends what where, and whether the rule lets it pass.

Law: a case says what a rule is meant to do; the tests play every one, and who reads a rule sees them beside it. A pack
without a table has none: that is said, never filled in.
"""

from ecluse.packs.policies.cases.read import Case, cases, rows

__all__ = ["Case", "cases", "rows"]
