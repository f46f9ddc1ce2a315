"""What Cedar does not say of a text that it refuses: on which line, which word was meant, what to write.

Law: a line is of the word that is wrong when it can be found, else of the rule; a guess is offered as a question.
"""

import difflib
import re
from collections.abc import Iterable

import cedarpy

from ecluse.passage.decide.lint import KNOWN, TRAPS, RuleRefused, statement_spans

GRAMMAR = frozenset(
    {"permit", "forbid", "when", "unless", "principal", "action", "resource", "context", "true", "false", "in"}
    | {word for word in KNOWN | TRAPS.keys() if word.isalpha()}
)
"""The words of the language."""

_ADVICE = (
    ("unexpected end of input", "a rule ends with `;`, and each bracket and quote is closed; see what is missing here"),
    ("invalid policy effect", "a rule begins with `forbid`, and in base.cedar with `permit`"),
    ("invalid policy condition", "a condition is `when { ... }` or `unless { ... }`"),
    ("invalid variable in the policy scope", "the scope is `(principal, action, resource)`"),
    ("is not a valid operator", "compare with `==` or `!=`"),
    ("is not a valid method", "ask a set with `contains`, `containsAny` or `containsAll`"),
    ("unexpected token", "something is missing or too much before it"),
)
_NAMED = re.compile(r"`([^`]+)`|'([^']+)'|: (\w+)$")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def unparsed(file: str, text: str, error: ValueError) -> RuleRefused:
    """Return the refusal of a text that does not parse: the first statement that does not parse alone."""
    for start, statement in statement_spans(text):
        try:
            cedarpy.policies_to_json_str(statement)
        except ValueError as of_one:
            return _refusal(file, start, statement, str(of_one), ())
    return _refusal(file, 1, text, str(error), ())


def unvalidated(file: str, start: int, statement: str, message: str, words: Iterable[str]) -> RuleRefused:
    """Return the refusal of a statement, which begins on line `start`, that does not fit the schema's `words`."""
    return _refusal(file, start, statement, message, words)


def line_of_note(start: int, statement: str, name: str) -> int:
    """Return the line of an annotation of a statement that begins on line `start`; that one when it has none."""
    at = statement.find(f"@{name}")
    return start if at < 0 else start + statement.count("\n", 0, at)


def meant(word: str, words: Iterable[str], *, fr: bool = False) -> str:
    """Return a question about which of the words was meant, nothing when it is like none."""
    near = _nearest(word, set(words))
    if not near:
        return ""
    return f" ; vouliez-vous dire `{near}` ?" if fr else f"; did you mean `{near}`?"


def _refusal(file: str, start: int, statement: str, message: str, words: Iterable[str]) -> RuleRefused:
    parsed = bool(words)
    what = message if parsed else f"is not Cedar: {message}"
    line = start
    for word in _named(message):
        if (at := _place(statement, word)) is not None:
            line = start + statement.count("\n", 0, at)
        if near := _nearest(word, {*words, *GRAMMAR}):
            return RuleRefused(file, line, f"{what}; did you mean `{near}`?")
    advice = next((f"; {advice}" for told, advice in _ADVICE if told in message), "") if not parsed else ""
    return RuleRefused(file, line, f"{what}{advice}")


def _named(message: str) -> list[str]:
    """List what a message of Cedar names, as the last part of a path and without quotes."""
    found = (next(part for part in groups if part) for groups in _NAMED.findall(message))
    return [word.strip('"').rsplit("::", 1)[-1].strip('"') for word in found]


def _place(statement: str, word: str) -> int | None:
    if _WORD.fullmatch(word):
        found = re.search(rf"(?<![A-Za-z0-9_]){re.escape(word)}(?![A-Za-z0-9_])", statement)
        return found.start() if found else None
    return statement.find(word) if statement.count(word) == 1 else None


def _nearest(word: str, words: set[str]) -> str | None:
    """Return the word that was meant, None when the word is known or like no other."""
    if word in words or not _WORD.fullmatch(word):
        return None
    return next(iter(difflib.get_close_matches(word, sorted(words), n=1, cutoff=0.7)), None)
