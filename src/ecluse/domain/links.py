r"""Where a text stands inside a link, so that no original ever becomes part of one (decision 26).

Law: a link that a model writes could carry a person's name to whoever owns the host, and without a click when it is an
image. Any cut of the same text gives the same answer. In doubt a text stands inside: a surrogate that stays is a
nuisance, an original that leaves is a breach. Inside are: `scheme://` and every `//`, `www.`, a bare host before `/`,
`?` or `#`, `mailto:`, a share (`\\host`), the target of a Markdown link or image, `url(...)`, HTML attributes that are
fetched, and what stands in quotes after the name of an address (`"url": "..."`).
White space of ASCII and `<` end a link that stands in no quotes. A no-break space does not; whether `"` and `>` did is
told by what follows (CommonMark 0.31, section 6.3; GFM 0.29, section 6.9). In HTML only white space and `>` end a
value that has no quotes; where a reference is defined (`[x]: `), only white space does.
Code that fetches is a link too: from a word that fetches (`curl`, `fetch(`, `requests.post(`), or from the sign that
joins something to a link in quotes (`"https://..." + `), to the next blank line or the end of the block of code.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

from ecluse.domain.fetching import ADDRESS, ATTRIBUTE, CALL

DOTS = ".\u3002\uff0e\uff61"
"""What parts the names of a host (RFC 3490, section 3.1)."""
LABEL = 62
"""Characters of a host's first part that may follow a word and a sign (RFC 1035, section 2.3.4: 63 in all)."""
JOINED = rf"\\{{0,2}}(?:[-_\u2010\u2011][\w\-]{{0,{LABEL}}})?"
HOST_GOES_ON = re.compile(rf"{JOINED}[{DOTS}][^\W_]")
"""After a word, what makes it the first part of a host: some programs show `name-a.example` as a link."""
HOST_MAY_GO_ON = re.compile(rf"{JOINED}[{DOTS}]?\Z")
"""What may still become that. With its dot and one more it is `HOST_REACH` characters long at most."""
HOST_REACH = 2 + 1 + LABEL + 1
_SCHEMES = ("http", "https", "ftp", "ftps", "ws", "wss", "mailto", "javascript", "vbscript")
_SCHEME_BEFORE = "|".join(rf"(?<={scheme}:)(?<![a-z0-9]{scheme}:)" for scheme in _SCHEMES)
_NO_SCHEME = rf"(?!(?:{'|'.join(_SCHEMES)}):)"
_OPENER = re.compile(
    rf"(?P<call>{CALL})"
    r"|/[/\\]|\\(?:/|(?P<share>(?<![^\s\"'`(=<>,;:|\[{]\\)\\))"
    rf"|:(?:{_SCHEME_BEFORE})|(?P<field>:(?:(?<=[\"']:)|(?<=[\"'\s]\s:)))"
    rf"|\.(?:(?<=www\.)(?<![a-z0-9]www\.)|(?<=[a-z0-9\u00a1-\uffff]\.){_NO_SCHEME}"
    r"(?:[a-z\u00a1-\uffff]{2,24}|xn--[a-z0-9\-]{2,20})(?::[0-9]{1,5})?[/?#])"
    r"|(?P<target>\((?:(?<=\]\()|(?<=url\()(?<![a-z0-9]url\()))"
    r"|(?P<attribute>=)",
    re.IGNORECASE | re.ASCII,
)
"""Every way to open a link begins with a mark that prose has few of, so that the search for it costs little.

A call comes first: `requests.aa` opens one at its first letter, before `?` could make it a host.
"""
_ATTRIBUTE = re.compile(rf"{ATTRIBUTE}\s{{0,8}}\Z", re.IGNORECASE | re.ASCII)
_FIELD = re.compile(rf"([\"']){ADDRESS}\1\s{{0,8}}\Z", re.IGNORECASE | re.ASCII)
_LONGEST_NAME = 48
_OUTSIDE = frozenset({"", ":"})
_LONGEST_OPENER = 33
_TAIL = 96
_BEFORE = re.compile(r"[0-9A-Za-z+.\-:@_%~]{0,40}\Z", re.ASCII)
_APOSTROPHE = re.compile(
    r"(?!(?:.*[^0-9a-z_])?(?:[bru]|r?f|fr|rb|br)'\Z).*[0-9A-Za-z\u00c0-\uffff]'\Z", re.DOTALL | re.IGNORECASE
)
"""The elision of `l'https://`; `f'https://` begins a string of code."""
_CALL_BEFORE = re.compile(r"[0-9A-Za-z_$.:\-]{0,40}\Z", re.ASCII)
_ATTRIBUTE_QUOTE = re.compile(r"=\s{0,8}([\"'])\s{0,8}\Z")
_SPACE = re.compile(r"\s*")
_BARE_END = re.compile(r"[ \t\n\f\r<>\"]")
_VALUE_END = re.compile(r"[ \t\n\f\r>]")
_REFERENCE_END = re.compile(r"[ \t\n\f\r]")
_REFERENCE = re.compile(r"\]:\s{0,8}\Z")
_ENDS_BARE = frozenset(" \t\n\f\r,;:.!?)]}|'`*_<>\"\\")
"""What, behind `"` or `>`, says that a bare link ended before it."""
_ANGLE_END = re.compile(r"[>\n]")
_CALL_END = re.compile(r"\n[ \t\r]{0,64}(?:\n|```|~~~)")
_CALL_ENDING = re.compile(r"\n[ \t\r]{0,64}(?:`{1,2}|~{1,2})?\Z")
_JOINS = "+%&|"
_LONGEST_PAUSE = 16
_TARGET_MARK = re.compile(r"[\\()\n]")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkState:
    """Where a text stands.

    `closing` says what ends the link: nothing when outside; a space for a bare link, `?` after what may have ended one,
    `/` for a value without quotes, `]` for a reference; a quote or `>`; `)` for a target;
    `=` while an attribute has not begun, `:` while a field has not, a backslash while a share has not; a line's end for
    code that fetches; `+` after a link in quotes, to which something may be joined. `depth` counts the parentheses of a
    target, `escaped` is whether its last character was a backslash, `alone` is whether nothing has come yet in the
    quotes of a field. `tail` is what an opening mark may have begun with, outside, what may become an end, in code, or
    what would end a share.
    """

    closing: str = ""
    depth: int = 0
    escaped: bool = False
    alone: bool = False
    tail: str = ""

    @property
    def inside(self) -> bool:
        """Whether what comes next would be part of a link."""
        return self.closing not in _OUTSIDE and (self.closing != "+" or self.tail[-1:] == ".")


def advance(state: LinkState, text: str) -> LinkState:
    """Return where one stands after `text`."""
    for turn in _turns(state, text):
        state = turn.state
    return state


def links(text: str) -> tuple[tuple[int, int, int], ...]:
    """List the links of `text`: where one begins, from where on one stands inside, and where it is closed.

    One stands inside at every position from the second to the third, both included.
    """
    found: list[tuple[int, int, int]] = []
    opened: tuple[int, int] | None = None
    for turn in _turns(LinkState(), text):
        if opened is None and turn.state.inside:
            meets = found and turn.start <= found[-1][2]  # what was no share may begin the next link
            opened = found.pop()[:2] if meets else (turn.start, turn.stop)
        elif opened is not None and not turn.state.inside:
            found.append((*opened, max(turn.start, turn.stop - 1)))  # what joined nothing was in doubt
            opened = None
    if opened is not None:
        found.append((*opened, len(text)))
    return tuple(found)


class _Turn(NamedTuple):
    state: LinkState
    start: int
    stop: int


def _turns(state: LinkState, text: str) -> Iterator[_Turn]:
    position = 0
    while position < len(text):
        turn = _STEPS[state.closing](state, text, position)
        state, position = turn.state, turn.stop
        yield turn


def _outside(state: LinkState, text: str, position: int) -> _Turn:
    tail = "" if position else state.tail
    window = tail + text if tail else text
    floor = max(0, position - len(state.tail)) if position else 0
    shift = len(tail)
    match = _opener(window, floor, max(floor, position + shift - _LONGEST_OPENER))
    if match is None:
        return _Turn(state=LinkState(tail=window[max(floor, len(window) - _TAIL) :]), start=position, stop=len(text))
    start = match.start()
    if match["call"]:
        before = _CALL_BEFORE.search(window, max(floor, start - 40), start)
        start = before.start() if before else start
        return _Turn(state=LinkState(closing="\n"), start=start - shift, stop=match.end() - shift)
    closing = ")" if match["target"] else match["attribute"] or match["field"]
    if closing is not None:
        return _Turn(
            state=LinkState(closing=closing, tail=match[0] if closing == ":" else ""),
            start=start - shift,
            stop=match.end() - shift,
        )
    before = _BEFORE.search(window, max(floor, start - 40), start)
    start = before.start() if before else start
    closing = _closing(window, floor, start)
    opened = LinkState(closing="\\", tail=closing) if match["share"] else LinkState(closing=closing)
    return _Turn(state=opened, start=start - shift, stop=match.end() - shift)


def _opener(window: str, floor: int, position: int) -> re.Match[str] | None:
    """Find the next opener; `=` is one after an attribute that is fetched, `:` after the name of an address."""
    for match in _OPENER.finditer(window, position):
        if match["call"]:
            begun = max(floor, match.start() - _LONGEST_OPENER)  # what the last link ended with is no word of code
            if _OPENER.search(window[begun : match.end()], match.start() - begun):
                return match
            continue
        name = _ATTRIBUTE if match["attribute"] else _FIELD if match["field"] else None
        if name is None or name.search(window, max(floor, match.start() - _LONGEST_NAME), match.start()):
            return match
    return None


def _closing(window: str, floor: int, start: int) -> str:
    """Return what ends a link that begins at `start`: the quote or bracket that it stands in, if any."""
    last = window[start - 1] if start > floor else ""
    if _REFERENCE.search(window, max(floor, start - 12), start):
        return "]"
    if last == "<":
        return ">"
    if last in {'"', "`"} or (last == "'" and not _APOSTROPHE.search(window, max(floor, start - 4), start)):
        return last
    quoted = _ATTRIBUTE_QUOTE.search(window, max(floor, start - 20), start)
    return quoted[1] if quoted else " "


def _until(end: re.Pattern[str]) -> Callable[[LinkState, str, int], _Turn]:
    def step(state: LinkState, text: str, position: int) -> _Turn:
        match = end.search(text, position)
        if match is None:
            return _Turn(state=state, start=position, stop=len(text))
        return _Turn(state=LinkState(tail=match[0]), start=position, stop=match.end())

    return step


def _bare(state: LinkState, text: str, position: int) -> _Turn:
    match = _BARE_END.search(text, position)
    if match is None:
        return _Turn(state=state, start=position, stop=len(text))
    ended = LinkState(tail=match[0]) if match[0] not in '">' else LinkState(closing="?", tail=match[0])
    return _Turn(state=ended, start=position, stop=match.end())


def _maybe_ended(state: LinkState, text: str, position: int) -> _Turn:
    """Tell by what follows a `"` or `>` whether it ended a bare link."""
    after = LinkState(tail=state.tail) if text[position] in _ENDS_BARE else LinkState(closing=" ")
    return _Turn(state=after, start=position, stop=position)


def _quoted(quote: str) -> Callable[[LinkState, str, int], _Turn]:
    def step(state: LinkState, text: str, position: int) -> _Turn:
        end = text.find(quote, position)
        if end < 0:
            return _Turn(state=replace(state, alone=False), start=position, stop=len(text))
        return _Turn(state=LinkState(closing="+", tail=quote), start=position, stop=end + 1)

    return step


def _joined(state: LinkState, text: str, position: int) -> _Turn:
    """Tell whether something is joined to a link in quotes: `+`, `%`, `&`, `|`, `.format`, or a dot between spaces."""
    character, pause = text[position], state.tail[1:]
    if pause.endswith("."):
        joins = character.isalpha() or character == "_" or (pause[-2:-1].isspace() and character.isspace())
    else:
        joins = character in _JOINS
        if (character.isspace() or character == ".") and len(pause) < _LONGEST_PAUSE:
            pausing = LinkState(closing="+", tail=state.tail + character)
            return _Turn(state=pausing, start=position, stop=position + 1)
    if joins:
        return _Turn(state=LinkState(closing="\n"), start=position, stop=position + 1)
    return _Turn(state=LinkState(tail=state.tail), start=position, stop=position)


def _call(state: LinkState, text: str, position: int) -> _Turn:
    """Stay in code that fetches until a blank line, or the end of its block."""
    window = state.tail + text[position:]
    match = _CALL_END.search(window)
    if match is None:
        ending = _CALL_ENDING.search(window)
        return _Turn(state=LinkState(closing="\n", tail=ending[0] if ending else ""), start=position, stop=len(text))
    stop = position + match.end() - len(state.tail)
    return _Turn(state=LinkState(tail=match[0][-1]), start=position, stop=stop)


def _attribute(state: LinkState, text: str, position: int) -> _Turn:
    """Skip white space before an attribute's value; a quote there is what ends it."""
    blank = _SPACE.match(text, position)
    position = blank.end() if blank else position
    if position == len(text):
        return _Turn(state=state, start=position, stop=position)
    if text[position] in "\"'":
        return _Turn(state=LinkState(closing=text[position]), start=position, stop=position + 1)
    return _Turn(state=LinkState(closing="/"), start=position, stop=position)


def _field(state: LinkState, text: str, position: int) -> _Turn:
    """Skip white space before the quotes of a field; what has none is no field."""
    blank = _SPACE.match(text, position)
    stop = blank.end() if blank else position
    tail = text[stop - 1] if stop > position else state.tail
    if stop == len(text):
        return _Turn(state=replace(state, tail=tail), start=position, stop=stop)
    if text[stop] in "\"'":
        return _Turn(state=LinkState(closing=text[stop], alone=True), start=stop + 1, stop=stop + 1)
    return _Turn(state=LinkState(tail=tail), start=stop, stop=stop)


def _share(state: LinkState, text: str, position: int) -> _Turn:
    """Tell whether a name follows two backslashes or more; a line that ends in them is none."""
    character = text[position]
    if character == "\\":
        return _Turn(state=state, start=position, stop=position + 1)
    if character.isalnum():
        return _Turn(state=LinkState(closing=state.tail), start=position, stop=position + 1)
    return _Turn(state=LinkState(tail="\\"), start=position, stop=position)


def _target(state: LinkState, text: str, position: int) -> _Turn:
    """Stay in a target until its parentheses balance or its line ends (CommonMark 0.31, section 6.3)."""
    if state.escaped:
        return _Turn(state=replace(state, escaped=False), start=position, stop=position + 1)
    if not state.depth:
        blank = _SPACE.match(text, position)
        position = blank.end() if blank else position
        if position == len(text):
            return _Turn(state=state, start=position, stop=position)
        if (mark := text[position]) in "<\"'":
            return _Turn(state=LinkState(closing=_PAIR[mark]), start=position, stop=position + 1)
        state = replace(state, depth=1)
    match = _TARGET_MARK.search(text, position)
    if match is None:
        return _Turn(state=state, start=position, stop=len(text))
    return _Turn(state=_marked(state, match[0]), start=position, stop=match.end())


def _marked(state: LinkState, mark: str) -> LinkState:
    if mark == "\\":
        return replace(state, escaped=True)
    depth = state.depth + (1 if mark == "(" else -1)
    return LinkState(tail=mark) if mark == "\n" or not depth else replace(state, depth=depth)


_Step: TypeAlias = Callable[[LinkState, str, int], _Turn]
_PAIR: Mapping[str, str] = {"<": ">", '"': '"', "'": "'"}
_STEPS: Mapping[str, _Step] = {
    "": _outside,
    " ": _bare,
    "?": _maybe_ended,
    "/": _until(_VALUE_END),
    "]": _until(_REFERENCE_END),
    '"': _quoted('"'),
    "'": _quoted("'"),
    "`": _quoted("`"),
    "+": _joined,
    "\n": _call,
    ">": _until(_ANGLE_END),
    ")": _target,
    "=": _attribute,
    ":": _field,
    "\\": _share,
}
