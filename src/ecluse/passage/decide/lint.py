"""What a rule may not be: every trap by which a rule that reads well would permit, refused with its line.

Law: a construct that is not known here does not load. Each message says what to write instead.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

Node: TypeAlias = Mapping[str, object]
"""One expression of Cedar's JSON form: an operator, and what it is applied to."""

KNOWN = frozenset(
    {"Value", "Var", "Set", ".", "!", "&&", "||", "==", "!=", "<", "<=", ">", ">=", "contains", "containsAll"}
    | {"containsAny", "is"}
)
"""What a rule may be built of. None of these can err on a validated request."""

TRAPS: Mapping[str, str] = {
    "has": "`has` lets a fact that is unknown pass; every attribute is always there, write it without `has`",
    "isEmpty": "`isEmpty()` permits when nothing was found, which is not the same as nothing being there; name classes",
    "like": "`like` compares text that a typo escapes; compare with an entity of a closed list",
    "in": "`in` needs a hierarchy and there is none; write `==` or `[...].contains(...)`",
    "if-then-else": "`if` hides what a rule depends on; write two rules, or `&&` and `||`",
}

_COMMENT_OR_STRING = re.compile(r'//[^\n]*|"(?:[^"\\]|\\.)*"')
_OPTIONAL = re.compile(r"\?\s*:")


class RuleRefused(ValueError):
    """A rule cannot be loaded. Names the file, the line, and what to write."""

    def __init__(self, file: str, line: int, what: str) -> None:
        """Keep where it is wrong and what to write."""
        super().__init__(f"{file}:{line}: {what}")
        self.file = file
        self.line = line
        self.what = what


def check_schema(file: str, schema: str) -> None:
    """Refuse optional attributes: a rule that meets an absent one errs, and Cedar skips a forbid that errs."""
    plain = _COMMENT_OR_STRING.sub(lambda found: " " * len(found.group()), schema)
    optional = _OPTIONAL.search(plain)
    if optional is not None:
        line = plain.count("\n", 0, optional.start()) + 1
        raise RuleRefused(file, line, "an optional attribute lets an unknown fact pass; remove `?`, and always send it")


def check_constructs(file: str, line: int, rule: str, body: Node) -> None:
    """Refuse a construct that is a trap, or that nobody thought about."""
    for operator, _ in walk(body):
        if operator in TRAPS:
            raise RuleRefused(file, line, f"rule {rule}: {TRAPS[operator]}")
        if operator not in KNOWN:
            raise RuleRefused(file, line, f"rule {rule}: `{operator}` is not among what a rule may be built of")


def walk(node: Node) -> Iterator[tuple[str, object]]:
    """Iterate over every operator of an expression with what it is applied to."""
    for operator, applied in node.items():
        yield operator, applied
        if operator in {"Value", "Var"}:
            continue
        for below in _below(applied):
            yield from walk(below)


def _below(applied: object) -> Iterator[Node]:
    if isinstance(applied, Mapping):
        yield from (part for part in applied.values() if isinstance(part, Mapping))
    elif isinstance(applied, Sequence) and not isinstance(applied, str):
        yield from (part for part in applied if isinstance(part, Mapping))


def statement_lines(text: str) -> list[int]:
    """Return the line on which each statement begins. Comments and strings do not count."""
    return [line for line, statement in statement_spans(text) if statement.rstrip().endswith(";")]


def statement_spans(text: str) -> list[tuple[int, str]]:
    """Return the statements, each with the line on which it begins; the last one may have no end.

    Comments before a statement are left out; comments and strings are looked through for no `;`.
    """
    plain = _COMMENT_OR_STRING.sub(lambda found: re.sub(r"[^\n]", _blank(found.group()), found.group()), text)
    spans: list[tuple[int, str]] = []
    start = 0
    for stop in [*(found.end() for found in re.finditer(";", plain)), len(plain)]:
        begin = start + len(plain[start:stop]) - len(plain[start:stop].lstrip())
        if begin < stop:
            spans.append((plain.count("\n", 0, begin) + 1, text[begin:stop]))
        start = stop
    return spans


def _blank(found: str) -> str:
    """Return what stands for a comment or a string: a string is a part of its statement, a comment is not."""
    return " " if found.startswith("//") else "_"
