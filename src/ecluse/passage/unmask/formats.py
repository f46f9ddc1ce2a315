"""Format-valid surrogates in an answer: which they are, and what may still become one.

Law: only what is written in one of the ways that the vault knows is exchanged; a number that is nearly one is not. What
is held back is never longer than the longest of them.
"""

import re

from ecluse.domain.vault import GLUE, Vault
from ecluse.passage.unmask.forms import Form
from ecluse.passage.unmask.patterns import TOKEN

_BEGUN = rf"(?:(?<![{GLUE}])|(?<=\\[bfnrt])|(?<=\\u[0-9a-fA-F]{{4}}))"
"""Where a word may begin, in text or in JSON; the form says which."""


class Formats:
    """The format-valid surrogates of one vault. `token` finds them and the typed ones."""

    __slots__ = ("_firsts", "_prefixes", "longest", "originals", "shortest", "token")

    def __init__(self, vault: Vault) -> None:
        """List how each may begin."""
        self.originals = vault.formats
        shown = sorted(vault.formats, key=lambda s: (-len(s), s))
        self.longest = len(shown[0]) if shown else 0
        self.shortest = len(shown[-1]) if shown else 0
        self._prefixes = frozenset(s[:end] for s in shown for end in range(1, len(s) + 1))
        self._firsts = frozenset(s[0] for s in shown)
        self.token = TOKEN
        if shown:
            either = "|".join(map(re.escape, shown))
            self.token = re.compile(rf"{TOKEN.pattern}|{_BEGUN}(?P<format>(?i:{either}))(?![{GLUE}])", re.ASCII)

    def cut(self, window: str, floor: int, form: Form, reach: int) -> int:
        """Return from where on the end of `window` may still become a surrogate of either sort; else its length.

        What begins inside a surrogate that is whole is none: numbers overlap.
        """
        at = floor
        while True:
            match = form.unfinished.search(window, max(at, len(window) - reach))
            begun = self._begun(window, at, form)
            cut = min(begun, match.start() if match else begun)
            whole = next((m for m in self.token.finditer(window, at) if m.start() < cut < m.end()), None)
            if whole is None or not form.begins_word(window[max(0, whole.start() - form.context) : whole.start()]):
                return cut
            at = whole.end()

    def _begun(self, window: str, floor: int, form: Form) -> int:
        for at in range(max(floor, len(window) - self.longest), len(window)):
            if (
                window[at].lower() in self._firsts
                and window[at:].lower() in self._prefixes
                and form.begins_word(window[max(0, at - form.context) : at])
            ):
                return at
        return len(window)
