"""Every line of words in RTF, wherever it stands: notes, comments, headers, properties, deleted and hidden text.

Law: only tables of looks and pictures are left out. Linear in the file; what is no RTF gives what it gives.
"""

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    rb"(?P<open>\{)|(?P<close>\})|\\'(?P<octet>[0-9A-Fa-f]{2})|\\u(?P<code>-?\d{1,6}) ?"
    rb"|\\(?P<word>[A-Za-z]{1,32})(?P<number>-?\d{1,10})? ?|\\(?P<sign>[^A-Za-z])|(?P<text>[^\\{}\r\n]+)",
    re.DOTALL,
)
_LOOKS = frozenset(
    b"fonttbl colortbl stylesheet listtable listoverridetable rsidtbl latentstyles themedata colorschememapping"
    b" datastore pict objdata generator xmlnstbl mmathPr pgdsctbl filetbl".split()
)
_LINES = frozenset(b"par line row page sect column cell nestcell tab".split())
_CODE_PAGE = "cp1252"
_SIGNS = {b"~": "\u00a0", b"_": "-", b"-": "", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n"}


class _Reader:
    """The groups that are open: of each, whether it is left out, how many characters stand for one, if it is apart."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self._skip, self._stands_for, self._apart = False, 1, False
        self._outer: list[tuple[bool, int, bool]] = []
        self._to_skip = 0
        self._begun = False

    def take(self, token: re.Match[bytes]) -> None:
        kind = token.lastgroup
        if kind == "number":
            kind = "word"
        begun, self._begun = self._begun, kind == "open"
        if kind == "open":
            self._outer.append((self._skip, self._stands_for, self._apart))
            self._apart = False
        elif kind == "close":
            self._close()
        elif kind == "word":
            self._word(token["word"], token["number"], begun=begun)
        elif kind == "sign":
            self._sign(token["sign"], begun=begun)
        elif kind == "code":
            code = int(token["code"]) % 0x10000
            self._say(chr(code))
            self._to_skip = self._stands_for
        elif kind == "octet":
            self._fallback(bytes.fromhex(token["octet"].decode("ascii")).decode(_CODE_PAGE, "replace"))
        elif kind == "text":
            self._fallback(token["text"].decode(_CODE_PAGE, "replace"))

    def _close(self) -> None:
        if self._apart:
            self._say("\n")
        if self._outer:
            self._skip, self._stands_for, self._apart = self._outer.pop()
        self._to_skip = 0

    def _word(self, word: bytes, number: bytes | None, *, begun: bool) -> None:
        self._to_skip = 0
        if begun and not self._apart:
            self._begin(word)
        elif self._apart and word in _LOOKS:
            self._skip = True
        if word == b"uc":
            self._stands_for = int(number or 1)
        elif word in _LINES:
            self._say("\n")
        elif word in {b"emdash", b"endash"}:
            self._say("-")
        elif word in {b"lquote", b"rquote"}:
            self._say("'")

    def _begin(self, word: bytes) -> None:
        """Begin a group: what its first word names may be a text of its own, as a note is."""
        if word in _LOOKS:
            self._skip = True
        elif word in _OWN:
            self._apart = True
            self._say("\n")

    def _sign(self, sign: bytes, *, begun: bool) -> None:
        self._to_skip = 0
        if sign == b"*" and begun:
            self._apart = True
            self._say("\n")
        else:
            self._say(_SIGNS.get(sign, ""))

    def _fallback(self, text: str) -> None:
        """Say characters, but for those that stand for a code given before them."""
        skipped = min(self._to_skip, len(text))
        self._to_skip -= skipped
        self._say(text[skipped:])

    def _say(self, text: str) -> None:
        if not self._skip:
            self.said.append(text)


_OWN = frozenset(
    b"footnote annotation header headerl headerr headerf footer footerl footerr footerf info title subject author"
    b" manager company operator category keywords comment doccomm hlinkbase userprops propname staticval atnauthor"
    b" atnid bkmkstart fldinst shptxt nonesttables docvar".split()
)
"""Groups whose words are no part of the sentence around them."""


def rtf_lines(data: bytes) -> Iterator[str]:
    """Yield the lines of words in RTF."""
    reader = _Reader()
    for token in _TOKEN.finditer(data):
        reader.take(token)
    whole = "".join(reader.said).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    for line in whole.splitlines():
        if any(character.isalnum() for character in line):
            yield line.strip()
