r"""The two forms of a string that comes in pieces: text, and JSON that has text in its strings.

Law: a surrogate stands for the same original in both; only what surrounds it is read otherwise. In JSON the `n` of `\n`
is no letter, an original is written with JSON's escapes, and each string of the document is a text of its own.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from ecluse.domain.fetching import ADDRESS_ALONE, COMMAND_ALONE
from ecluse.domain.links import DOTS, HOST_GOES_ON, HOST_MAY_GO_ON, HOST_REACH, LinkState, advance
from ecluse.domain.vault import GLUE
from ecluse.passage.unmask.nested import UNTOLD, Nested
from ecluse.passage.unmask.patterns import UNFINISHED, UNFINISHED_IN_JSON

_GLUED = re.compile(rf"[{GLUE}]", re.ASCII)
_ESCAPED = re.compile(r"(\\+)(?:[bfnrt]|u([0-9a-fA-F]{4}))\Z")
_MARK = re.compile(r'"|\\(?:u([0-9a-fA-F]{4})|(.))', re.DOTALL)
_CUT_DIGITS = re.compile(r"u[0-9a-fA-F]{0,3}\Z")
_ESCAPE_LENGTH = 6
_HOST_SIGNS = frozenset(rf"\-_{DOTS}" + "\u2010\u2011")
"""What a host may go on with after a word, an escape included."""
_SHORT_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}

_OPENED = LinkState(tail='"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where one stands in the links of a string. `cut` is an escape of which the rest has not come.

    `commanded` is whether a string of these arguments was a command that fetches: the others are its arguments.
    `quoted` is whether one stands in a string of JSON; `named` whether the last one was the name of an address, and
    `address` whether this one is what has that name. `nested` is of a string of JSON that may be JSON itself.
    """

    links: LinkState = field(default_factory=LinkState)
    cut: str = ""
    commanded: bool = False
    quoted: bool = False
    named: bool = False
    address: bool = False
    nested: Nested = UNTOLD

    @property
    def inside(self) -> bool:
        """Whether what comes next would be part of a link, or of code that fetches."""
        return self.commanded or self.address or self.links.inside

    @property
    def alone(self) -> bool:
        """Whether an address begins here: what the caller wrote as one may come back as one."""
        if self.commanded:
            return False
        return self.links.alone or (self.address and self.links.tail == '"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a string is read.

    `unfinished` finds what may still become a surrogate at the end; `context` is how many characters before a surrogate
    say whether a word begins there, which `begins_word` tells; `written` writes an original at a place; `follow` reads
    on; `begins_host` tells of what follows a surrogate whether it makes it the first part of a host, or nothing while
    that depends on what comes, `reach` characters at most.
    """

    unfinished: re.Pattern[str]
    context: int
    begins_word: Callable[[str], bool]
    written: Callable[[str, Where], str]
    follow: Callable[[Where, str], Where]
    begins_host: Callable[[str], bool | None]
    reach: int


def _begins_word(before: str) -> bool:
    return not before or _GLUED.match(before[-1]) is None


def _written(original: str, where: Where) -> str:  # noqa: ARG001 - text is text everywhere
    return original


def _follow(where: Where, shown: str) -> Where:
    return Where(links=advance(where.links, shown))


def _begins_host(following: str) -> bool | None:
    if following and following[0] not in _HOST_SIGNS:
        return False
    if HOST_GOES_ON.match(following):
        return True
    return None if HOST_MAY_GO_ON.match(following) else False


TEXT = Form(
    unfinished=UNFINISHED,
    context=1,
    begins_word=_begins_word,
    written=_written,
    follow=_follow,
    begins_host=_begins_host,
    reach=HOST_REACH,
)


def _begins_word_in_json(before: str) -> bool:
    r"""Tell whether a word may begin; the `n` of `\n` and the digits of `\u00a0` belong to no word."""
    escape = _ESCAPED.search(before)
    if escape and len(escape[1]) % 2:
        return escape[2] is None or _GLUED.match(chr(int(escape[2], 16))) is None
    return _begins_word(before)


def _written_in_json(original: str, where: Where) -> str:
    """Write an original with JSON's escapes; once more for each string of JSON in JSON, unless it has them already."""
    written = _escaped(original)
    if written != original and where.nested.depth and not _has_escapes(original):
        for _ in range(where.nested.depth):
            written = _escaped(written)
    return written


def _escaped(text: str) -> str:
    return msgspec.json.encode(text).decode()[1:-1]


def _has_escapes(original: str) -> bool:
    """Tell whether an original was cut out of JSON: nothing in it would end a string."""
    try:
        msgspec.json.decode(f'"{original}"', type=str)
    except msgspec.DecodeError:
        return False
    return True


def _follow_json(where: Where, shown: str) -> Where:
    r"""Read escapes before looking for links (`\/`, `\u002f`); each string begins outside, in its quotes.

    A string that is a command that fetches makes all strings after it part of one: `["curl", "-d", "..."]`.
    An escaped quote reads as `'`: it opens and closes a link in nested JSON, and never closes the string it is in.
    """
    shown = where.cut + shown
    if where.quoted and '"' not in shown and "\\" not in shown:  # most of what comes: the middle of a string
        nested = where.nested
        return Where(
            links=advance(where.links, shown),
            commanded=where.commanded,
            quoted=True,
            named=where.named,
            address=where.address,
            nested=nested if nested.json is False else nested.after(shown),
        )
    whole = _whole(shown)
    links, commanded, quoted, named, address = where.links, where.commanded, where.quoted, where.named, where.address
    nested = where.nested
    for i, string in enumerate(_strings(shown[:whole])):
        if i:
            if quoted:
                commanded = commanded or COMMAND_ALONE.search(links.tail) is not None
                named = ADDRESS_ALONE.search(links.tail) is not None
            quoted, links, nested = not quoted, _OPENED, UNTOLD
        if quoted:
            links, nested = advance(links, string.replace('"', "'")), nested.after(string)
        elif string:
            address = named if ":" in string else address and "}" not in string
    return Where(
        links=links,
        cut=shown[whole:],
        commanded=commanded,
        quoted=quoted,
        named=named,
        address=address,
        nested=nested,
    )


def _whole(shown: str) -> int:
    """Return the length of `shown` without an escape that is cut at its end."""
    digits = _CUT_DIGITS.search(shown, max(0, len(shown) - 4))
    base = digits.start() if digits else len(shown)
    marks = base - len(shown[:base].rstrip("\\"))
    return base - 1 if marks % 2 else len(shown)


def _strings(shown: str) -> list[str]:
    """Split JSON at its real quotes, and read the escapes of each piece."""
    strings: list[str] = []
    read: list[str] = []
    at = 0
    for mark in _MARK.finditer(shown):
        read.append(shown[at : mark.start()])
        at = mark.end()
        if mark[0] == '"':
            strings.append("".join(read))
            read = []
        else:
            read.append(chr(int(mark[1], 16)) if mark[1] else _SHORT_ESCAPES.get(mark[2], mark[2]))
    strings.append("".join(read) + shown[at:])
    return strings


def _begins_host_in_json(following: str) -> bool | None:
    r"""Read the escapes first (`\\u002d`), to the end of the string: nothing goes on behind its quotes."""
    if following and following[0] not in _HOST_SIGNS:
        return False
    string, *others = _strings(following[: _whole(following)])
    begins = _begins_host(string)
    return False if begins is None and others else begins


JSON = Form(
    unfinished=UNFINISHED_IN_JSON,
    context=32,
    begins_word=_begins_word_in_json,
    written=_written_in_json,
    follow=_follow_json,
    begins_host=_begins_host_in_json,
    reach=_ESCAPE_LENGTH * HOST_REACH,
)
