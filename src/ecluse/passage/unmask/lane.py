r"""One string that comes in pieces, with its surrogates exchanged as soon as they are whole.

Law: only an exact surrogate of the vault, standing as a word of its own and outside of links, is exchanged; case, `\_`,
`-` and any wrapping are tolerated, nothing is guessed. Any cut of the string gives the same result. What may still
become a surrogate is held back, as many characters as the longest has at most; everything else leaves at once.
"""

import re
from dataclasses import dataclass

from ecluse.domain.vault import CORE_LENGTH, MAX_SURROGATE, SurrogateType, Vault, stem
from ecluse.passage.unmask.beside import Shift
from ecluse.passage.unmask.damaged import REACH, Damaged
from ecluse.passage.unmask.formats import Formats
from ecluse.passage.unmask.forms import Form, Where

HOLD_BACK = max(MAX_SURROGATE.values())
"""Characters of a typed surrogate and a dot after it, held back at most; MAX_SURROGATE has the bound of each.

While what follows may make a host of it (`-a.`), so much more is held as the form reads ahead.
"""

_SHORTEST = min(len(word) for word in SurrogateType) + 1 + CORE_LENGTH
_READ = "\0"
"""Stands in what is searched for damaged surrogates where one was read."""
_SETTLE = 4096
"""Characters after which the place in links is brought up to date, so that nothing grows with the answer."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was done to one answer: exchanged, looked like a surrogate but is none, stood in a link."""

    restored: int = 0
    unknown: int = 0
    withheld: int = 0


class Lane:
    """One channel of one choice, or the arguments of one tool call."""

    __slots__ = (
        "_before", "_damaged", "_form", "_formats", "_kept", "_left", "_pending", "_shortest", "_shown", "_size",
        "_tally", "_token", "_unread", "_vault", "_where", "held", "shifts",
    )  # fmt: skip

    def __init__(
        self,
        vault: Vault,
        tally: Tally,
        form: Form,
        formats: Formats | None = None,
        damaged: Damaged | None = None,
    ) -> None:
        """Begin with nothing held and outside of links."""
        self._damaged = Damaged(vault) if damaged is None else damaged
        self._kept: list[str] = []
        self._vault = vault
        known = Formats(vault) if formats is None else formats
        self._formats = known if known.longest else None
        self._token = known.token
        self._shortest = min(_SHORTEST, known.shortest or _SHORTEST)
        self._tally = tally
        self._form = form
        self._where = Where()
        self._pending: list[str] = []
        self._size = self._unread = 0
        self._before = ""
        self._left = self._shown = 0
        self.shifts: list[Shift] = []
        self.held = ""

    def push(self, piece: str) -> str:
        """Return what may leave now."""
        text = self.held + piece
        before = self._before
        window = before + text
        cut = self._cut(window, len(before)) - len(before)
        self.held = text[cut:]
        return self._leave(text[:cut], self.held)

    def _cut(self, window: str, floor: int) -> int:
        """Return from where on the end of `window` is held: a surrogate may be coming, or a host that begins with one.

        A typed surrogate has no space, and no host has one.
        """
        length, ahead = len(window), self._form.reach
        if self._formats is None:
            begin = length - HOLD_BACK
            match = self._form.unfinished.search(window, begin if begin > floor else floor)  # noqa: FURB136 - `max` costs more, on each piece
            cut = match.start() if match else length
            if length - floor < self._shortest:
                return cut
            begin = max(floor, length - HOLD_BACK - ahead, window.rfind(" ") + 1)
        else:
            cut = self._formats.cut(window, floor, self._form, HOLD_BACK)
            begin = max(floor, length - max(HOLD_BACK, self._formats.longest) - ahead)
        for token in self._token.finditer(window, begin):
            if token.start() >= cut:
                break
            start = token.start()
            begins = self._form.begins_word(window[max(0, start - self._form.context) : start])
            if begins and self._form.begins_host(window[token.end() :]) is None:
                return start
        return cut

    def flush(self) -> str:
        """Return what was held: nothing more comes, or something else comes first."""
        text, self.held = self.held, ""
        return self._leave(text)

    def close(self) -> None:
        """Count what is left of damaged surrogates: the string is over. Idempotent."""
        if self._kept:
            self._tally.unknown += self._damaged.count(kept := "".join(self._kept), len(kept))[0]
            self._kept.clear()

    def part(self) -> None:
        """Begin another text: what stands before it is no part of its first word."""
        self._before = ""

    def _leave(self, text: str, after: str = "") -> str:
        left, self._left = self._left, self._left + len(text)
        if len(text) >= self._shortest:
            shown = self._exchange(text, left, after)
            self._shown += len(shown)
            self._before = (self._before + text)[-self._form.context :]
            return shown
        if text:
            self._shown += len(text)
            self._kept.append(text)
            self._pending.append(text)
            self._size += len(text)
            if self._size > _SETTLE:
                self._settle()
            self._before = (self._before + text)[-self._form.context :]
        return text

    def _exchange(self, text: str, left: int, after: str) -> str:
        """Exchange the surrogates of a text in which none is cut.

        `left` characters of the string came before it; `after` is what has come behind it.
        """
        out: list[str] = []
        at = unread = 0
        stands = self._shown
        for token in self._token.finditer(text):
            if not self._begins_word(token):
                continue
            self._kept += (text[unread : token.start()], _READ)
            unread = token.end()
            original = self._original(token)
            if original is None:
                continue
            before, at = text[at : token.start()], token.start()
            out.append(before)
            stands += len(before)
            self._note(before)
            if self._in_link(token) or self._begins_host(text, token.end(), after):
                continue
            self._tally.restored += 1
            shown = self._form.written(original, self._where)
            out.append(shown)
            start, end = left + token.start(), left + token.end()
            self.shifts.append(Shift(start, end, stands, stands + len(shown)))
            stands += len(shown)
            self._note(shown)
            at = token.end()
        self._kept.append(text[unread:])
        out.append(text[at:])
        self._note(out[-1])
        return "".join(out)

    def _begins_word(self, token: re.Match[str]) -> bool:
        start = token.start()
        before = self._before + token.string[max(0, start - self._form.context) : start]
        return self._form.begins_word(before[-self._form.context :])

    def _original(self, token: re.Match[str]) -> str | None:
        """Return the original behind what looks like a surrogate, if it is one."""
        if self._formats is not None and token["format"]:
            return self._formats.originals[token["format"].lower()]
        surrogate = f"{token[1]}_{token[2]}".upper()
        original = self._vault.originals.get(surrogate)
        if original is None and stem(surrogate) not in self._vault.excluded:
            self._tally.unknown += 1
        return original

    def _note(self, shown: str) -> None:
        """Remember what the caller sees, until it matters whether it opens a link."""
        self._pending.append(shown)
        self._size += len(shown)
        if self._size > _SETTLE:
            self._settle()

    def _in_link(self, token: re.Match[str]) -> bool:
        """Tell whether a surrogate would become part of a link; one of a whole link may be an address by itself."""
        self._settle()
        inside = self._where.inside and not (self._where.alone and (token[1] or "").upper() == SurrogateType.LINK)
        self._tally.withheld += inside
        return inside

    def _begins_host(self, text: str, end: int, after: str) -> bool:
        """Tell whether a surrogate is the first part of a host, by what follows; at the end, nothing does."""
        following = text[end : end + self._form.reach]
        begins = self._form.begins_host(following + after[: self._form.reach]) is True
        self._tally.withheld += begins
        return begins

    def _settle(self) -> None:
        self._where = self._form.follow(self._where, "".join(self._pending))
        self._pending.clear()
        self._unread += self._size
        self._size = 0
        if self._unread > _SETTLE:
            self._unread = 0
            kept = "".join(self._kept)
            damaged, read = self._damaged.count(kept, max(0, len(kept) - REACH))
            self._tally.unknown += damaged
            self._kept[:] = (kept[read:],)
