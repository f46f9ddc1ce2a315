r"""The spellings of a value: case, accents, ligatures, widths, look-alikes of other alphabets, spaces, escapes.

Law: a fold goes character by character, so that a place in a folded text has its place in the original; two spellings
of a value have the same fold without spaces. Nothing here grows faster than the text.
"""

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ecluse.domain.lookalikes import LOOKALIKES, PLAIN

_MEMO_LIMIT = 0x3000
"""Folds of characters below are remembered: a bounded table, whatever is sent."""
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"})
_WINDOWS = bytes(octet for octet in range(0x80, 0xA0) if octet not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}).decode("cp1252")
"""What Windows-1252 has where Latin-1 has controls: the second half of an accent of UTF-8 that was misread."""
_MARKS = "%\\&=\u00c2\u00c3"
_ESCAPE = re.compile(
    r"(?-i:\\U)000[0-9a-f]{5}|%u[0-9a-f]{4}|\\(?:0[4-7]|1[0-7])[0-7]"
    r"|%[0-7][0-9a-f]|%[cd][0-9a-f]%[89ab][0-9a-f]|%e[0-9a-f](?:%[89ab][0-9a-f]){2}|%f[0-7](?:%[89ab][0-9a-f]){3}"
    r"|=[cd][0-9a-f]=[89ab][0-9a-f]|=e[0-9a-f](?:=[89ab][0-9a-f]){2}|=[89a-f][0-9a-f]|=\r?\n|(?:\\[23][0-7]{2}){2,4}"
    rf"|\\[ux]\{{[0-9a-f]{{1,5}}\}}|[\u00c2\u00c3][\u0080-\u00bf{_WINDOWS}]"
    r"|\\'[89a-f][0-9a-f]|%[89a-f][0-9a-f]|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\\[bfnrt\"'/\\]|&(?:#(?:[0-9]{1,8}|x[0-9a-f]{1,8});?|[a-z]{2,8};)",
    re.IGNORECASE,
)
_HYPHENATED = re.compile(r"[-\u2010\u2011\u00ad](?<=\w.)[ \t]*\r?\n[ \t>]*(?=\w)")
"""A word that goes on in the next line. Like the two below it begins with a set of signs, to which `re` skips."""
_LOST = re.compile(r"[?\ufffd\x80-\x9f](?<=\w.)[?\ufffd\x80-\x9f]?(?=\w)", re.DOTALL)
"""What a conversion leaves of an accented letter: `Lef?vre`."""
_SIGNS = r"[\s.,;:/|*+_\-\u00b7\"'\[\]()]"
_LETTER_BY_LETTER = re.compile(
    rf"{_SIGNS}(?<=[^\W\d_].)(?<!\w\w.){_SIGNS}{{0,3}}[^\W\d_](?:{_SIGNS}{{1,4}}[^\W\d_]){{2,}}(?!\w)", re.DOTALL
)
"""A word that is spaced out, but for its first letter: `L e f è v r e`, or a list of letters, or one a line."""
_CONTROL = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_TAGS = range(0xE0020, 0xE007F)
"""Invisible characters that spell ASCII: a model reads them."""
_FILLERS = frozenset({0x115F, 0x1160, 0x3164, 0xFFA0})
"""Letters of Hangul that show nothing (Unicode, Default_Ignorable_Code_Point)."""
_STRETCH = 512
"""Characters whose places are looked up together."""
_ROUNDS = 3
"""A value may be escaped twice, a link in a JSON string, and once more by what quotes that."""


def _cell(code: int) -> str:
    """Return what one character is worth: letters and digits, nothing for marks, a space for all else."""
    if code in _FILLERS:
        return ""
    read = chr(code - 0xE0000 if code in _TAGS else code)
    character = LOOKALIKES.get(read, read)
    if character.isalpha():
        character = PLAIN.get(character, character)
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold()).translate(_LETTERS)
    worth = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain if c.isalnum())
    if worth or unicodedata.category(chr(code)) in {"Mn", "Me", "Mc", "Cf"}:
        return worth
    return " "


class _Fold(dict[int, str]):
    """The fold as `str.translate` reads it, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        cell = _cell(code)
        if code < _MEMO_LIMIT:
            self[code] = cell
        return cell


_FOLD = _Fold()


def spaced(text: str) -> str:
    """Fold a text: letters and digits without case and accents, a space for every other character."""
    return text.translate(_FOLD)


def compact(text: str) -> str:
    """Fold a text and drop the spaces: what all spellings of a value have in common."""
    return text.translate(_FOLD).replace(" ", "")


class Origins:
    """Where the characters of a folded text stand in the text.

    Only the stretch that one asks about is gone through, once: few values are seen in a long text.
    """

    __slots__ = ("_compact", "_folded", "_known", "_text")

    def __init__(self, text: str) -> None:
        """Measure each stretch."""
        self._text = text
        self._known: dict[tuple[int, bool], list[int]] = {}
        self._folded, self._compact = [0], [0]
        for at in range(0, len(text), _STRETCH):
            folded = spaced(text[at : at + _STRETCH])
            self._folded.append(self._folded[-1] + len(folded))
            self._compact.append(self._compact[-1] + len(folded) - folded.count(" "))

    def spaced(self, place: int) -> int:
        """Return where a character of `spaced(text)` stands in the text."""
        return self._source(place, self._folded, spaces=True)

    def compact(self, place: int) -> int:
        """Return where a character of `compact(text)` stands in the text."""
        return self._source(place, self._compact, spaces=False)

    def _source(self, place: int, begins: Sequence[int], *, spaces: bool) -> int:
        at = bisect_right(begins, place) - 1
        known = self._known.get((at, spaces))
        if known is None:
            first = at * _STRETCH
            known = self._known[at, spaces] = [
                i
                for i, character in enumerate(self._text[first : first + _STRETCH], first)
                for cell in _FOLD[ord(character)]
                if spaces or cell != " "
            ]
        return known[place - begins[at]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A text with its escapes read, or its broken words put together, and the reading before this one.

    `changes` says where something was read in the one before, and how many characters it is now.
    """

    text: str
    before: "Reading | None" = None
    changes: Sequence[tuple[int, int, int]] = ()
    spelt: bool = False

    @property
    def runs(self) -> Sequence[tuple[int, int]]:
        """Where words stand that were spelt letter by letter: nothing says where one of them ends."""
        found: list[tuple[int, int]] = []
        shift = 0
        for begin, end, length in self.changes if self.spelt else ():
            found.append((begin + shift, begin + shift + length))
            shift += length - (end - begin)
        return found

    def sources(self) -> tuple[Sequence[int], Sequence[int]]:
        """Return, for each character, where its source in the original begins and where that ends."""
        if self.before is None:
            return range(len(self.text)), range(1, len(self.text) + 1)
        first, last = self.before.sources()
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for begin, end, length in self.changes:
            starts += (*first[at:begin], *(first[begin],) * length)
            ends += (*last[at:begin], *(last[end - 1],) * length)
            at = end
        return (*starts, *first[at:]), (*ends, *last[at:])


def readings(text: str) -> tuple[Reading, ...]:
    """Read a text as it is, its escapes read, once and twice, and broken words put together, if that changes it."""
    reading = Reading(text=text)
    found = [reading]
    for _ in range(_ROUNDS):
        if not any(mark in reading.text for mark in _MARKS) or _ESCAPE.search(reading.text) is None:
            break
        reading = _read(reading, _ESCAPE, _meaning)
        found.append(reading)
    for pattern in (_HYPHENATED, _LOST, _LETTER_BY_LETTER):
        if pattern.search(reading.text):
            spelt = pattern is _LETTER_BY_LETTER
            reading = replace(_read(reading, pattern, compact, before=int(spelt)), spelt=spelt)
            found.append(reading)
    return tuple(found)


def _read(source: Reading, pattern: re.Pattern[str], meaning: Callable[[str], str], *, before: int = 0) -> Reading:
    """Put in the place of each match what it means, with so many characters as stand `before` it."""
    out: list[str] = []
    changes: list[tuple[int, int, int]] = []
    at = 0
    for match in pattern.finditer(source.text):
        begin = match.start() - before
        said = meaning(source.text[begin : match.end()])
        out += (source.text[at:begin], said)
        changes.append((begin, match.end(), len(said)))
        at = match.end()
    out.append(source.text[at:])
    return Reading(text="".join(out), before=source, changes=changes)


@lru_cache(maxsize=4096)
def _meaning(escape: str) -> str:
    if escape[0] == "&":
        return html.unescape(escape)
    if escape[0] == "\\":
        return _of_code(escape[1:])
    if escape[0] not in "%=":
        return _misread(escape)
    if escape[1] in "uU":
        return chr(int.from_bytes(bytes.fromhex(escape[2:]), "big"))
    return _percent(bytes.fromhex(escape.replace(escape[0], "").strip()))


def _of_code(escape: str) -> str:
    """Read what stands behind a backslash. RTF writes one octet of Windows-1252 behind `'`."""
    mark = escape[0].lower()
    if mark == "'" and len(escape) > 1:
        return bytes.fromhex(escape[1:]).decode("cp1252", "replace")
    if mark in "01":
        return chr(int(escape, 8))
    if mark in "23":
        return _percent(bytes(int(octet, 8) for octet in escape.split("\\")))
    if escape[1:2] == "{":
        return chr(int(escape[2:-1], 16))
    return chr(int.from_bytes(bytes.fromhex(escape[1:]), "big")) if mark in "ux" else _CONTROL.get(mark, mark)


def _misread(pair: str) -> str:
    """Read an accent of UTF-8 that somebody read as Windows-1252 or Latin-1."""
    octets = b"".join(c.encode("cp1252" if c in _WINDOWS else "latin-1") for c in pair)
    return octets.decode("utf-8", "replace")


def _percent(octets: bytes) -> str:
    """Read UTF-8; one octet that is none is Latin-1."""
    return octets.decode("latin-1" if len(octets) == 1 else "utf-8", "replace")
