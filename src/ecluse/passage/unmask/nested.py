r"""JSON that stands in a string of JSON: how many strings deep one stands in it.

Law: a string is JSON itself when it begins with `{` or `[` and then a string or another of these; a quote of prose
makes no JSON of it. Any cut of the string gives the same answer.
"""

import re
from dataclasses import dataclass

_WHITE = " \t\r\n"
_HEAD = re.compile(rf"[{{\[][{_WHITE}]*([^{_WHITE}])?")
_OPENS = _WHITE + "{["
_TELLING = re.compile(r'["\\]')
_CONTROLS = {"b": " ", "f": " ", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested:
    """Where one stands in a string that may be JSON.

    `json` is unknown until its first signs have come, which `head` has; `quoted` is whether one stands in a string of
    it, `within` where in that one, `escaped` whether a backslash came last.
    """

    json: bool | None = None
    head: str = ""
    quoted: bool = False
    escaped: bool = False
    within: "Nested | None" = None

    @property
    def depth(self) -> int:
        """How many strings one stands in."""
        if not self.quoted:
            return 0
        return 1 if self.within is None else 1 + self.within.depth

    def after(self, said: str) -> "Nested":
        """Return where one stands after more of the string, its escapes read."""
        if self.json is None:
            if said and not self.head and said[0] not in _OPENS:  # most strings are none
                return FLAT
            return self._begun((self.head + said).lstrip(_WHITE))
        return self._read(said) if self.json else self

    def _begun(self, head: str) -> "Nested":
        if not head:
            return self
        signs = _HEAD.match(head)
        if signs is not None and signs[1] is None:
            return Nested(head=head[0])
        return Nested(json=True).after(head) if signs is not None and signs[1] in '"{[' else FLAT

    def _read(self, said: str) -> "Nested":
        quoted, escaped, within = self.quoted, self.escaped, self.within or UNTOLD
        at = 0
        while at < len(said):
            if not quoted:
                at = said.find('"', at) + 1
                if not at:
                    break
                quoted, within = True, UNTOLD
            elif escaped:
                within, escaped = within.after(_CONTROLS.get(said[at], said[at])), False
                at += 1
            elif said[at] in '"\\':
                quoted, escaped = said[at] == "\\", said[at] == "\\"
                at += 1
            else:
                stop = _TELLING.search(said, at)
                end = stop.start() if stop else len(said)
                within = within.after(said[at:end])
                at = end
        return Nested(json=True, quoted=quoted, escaped=escaped, within=within if quoted else None)


UNTOLD = Nested()
FLAT = Nested(json=False)
