"""Other readings of a text: what a value hidden by an encoding looks like once it is undone.

Law: a view is made only where its trigger is seen, once, not again inside itself; escapes of JSON and HTML are read
twice, and the other views see what they hid. Findings are reported on the span of the original that holds them. A long
run of base64 or hexadecimal digits that hides no text cannot be read, and is said to be so.
"""

import base64
import binascii
import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from ecluse.passage.classify.normalise import Edit, Reading, read

URL_CODE = r"%[0-9A-Fa-f]{2}"
BASE64_RUN = r"[A-Za-z0-9+/_-]{16}"
SPACED = r"(?:[!-~] ){7}[!-~]"
ESCAPE = r"\\[ux][0-9A-Fa-f]{2}|\\[bfnrt/\"'\\]|&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});"
QUOTED = r'(?:^|[:,{\[] ?)"'
TRIGGERS = (URL_CODE, BASE64_RUN, SPACED, ESCAPE, QUOTED)
"""RE2 patterns, in the order of `view`'s index."""

UNREADABLE_FROM = 1024
"""Characters of base64 that hide no text, from which a text counts as unreadable: a picture, an archive, a cipher."""

ESCAPES = 3
"""The trigger of JSON and HTML escapes: every accented letter that a default `json.dumps` writes is one."""
QUOTES = 4
_ROUNDS = 2
_ESCAPES = re.compile(
    r"\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\[bfnrt/\"'\\]"
    r"|&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});"
)
_CONTROL = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_URL_RUN = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_LINE = r"[A-Za-z0-9+/_-]{15,}[A-Za-z0-9+/_]"
_BASE64 = re.compile(rf"(?<![A-Za-z0-9+/_-]){_LINE}(?:\r?\n{_LINE})*={{0,2}}")
"""It starts where a run does: tried inside a rule of dashes, which no run may end with, it would cost their square."""
_HEX = re.compile(r"[0-9A-Fa-f\s]+")
_SPACED_RUN = re.compile(r"(?<![!-~])[!-~](?: [!-~]){7,}(?![0-9A-Za-z])")
_DATA_URL = re.compile(r"\s*data:[\w.+/-]{0,100}(?:;[\w.=+-]{1,100}){0,4};base64,[A-Za-z0-9+/_=\s%-]*", re.ASCII)
_PUBLIC = re.compile(
    r"(?:BEGIN CERTIFICATE|PUBLIC KEY|CERTIFICATE REQUEST|X509 CRL|PRIVATE KEY)-----\s*$|ssh-[a-z0-9-]+ $"
)
_PRINTABLE = frozenset(map(chr, (9, 10, 13, *range(32, 127))))
_READABLE_SHARE = 0.9
_WRAPPED_FROM = 60


class View(NamedTuple):
    """Another reading, or None when nothing was hidden, and whether the text holds what cannot be read."""

    reading: Reading | None
    unreadable: bool = False


def is_long_data_url(text: str) -> bool:
    """Say whether the whole text is a base64 data URL (RFC 2397) over 1 KB: a file, not a text."""
    return len(text) > UNREADABLE_FROM and text[:64].lstrip().startswith("data:") and bool(_DATA_URL.fullmatch(text))


def view(trigger: int, reading: Reading) -> View:
    """Undo the encoding that `TRIGGERS[trigger]` announces."""
    if trigger == 0:
        return View(reading.edited(_url_decoded(reading.text)))
    if trigger == 1:
        return _base64_decoded(reading)
    if trigger == ESCAPES:
        return View(_unescaped(reading))
    if trigger == QUOTES:  # what stands in a JSON string begins a line of its own, as a marking must
        return View(Reading(text=reading.text.replace('"', "\n"), runs=reading.runs))
    return View(reading.edited(_closed_up(reading.text)))


def _url_decoded(text: str) -> Iterator[Edit]:
    for run in _URL_RUN.finditer(text):
        at = run.start()
        hidden = bytes.fromhex(run.group().replace("%", ""))
        for letter in hidden.decode("utf-8", "surrogateescape"):
            end = at + 3 * len(letter.encode("utf-8", "surrogateescape"))
            yield Edit(at, end, read(letter).text)
            at = end


def _unescaped(reading: Reading) -> Reading | None:
    unescaped: Reading | None = None
    for _ in range(_ROUNDS):
        edits = [Edit(*m.span(), read(_meaning(m[0])).text) for m in _ESCAPES.finditer((unescaped or reading).text)]
        if not edits:
            break
        unescaped = (unescaped or reading).edited(edits)
    return unescaped


def _meaning(escape: str) -> str:
    if escape[0] == "&":
        return html.unescape(escape)
    if escape[1] in "ux":
        units = bytes.fromhex("".join(escape.replace("\\u", " ").replace("\\x", " 00").split()))
        return units.decode("utf-16-be", "surrogatepass")
    return _CONTROL.get(escape[1], escape[1])


def _base64_decoded(reading: Reading) -> View:
    edits: list[Edit] = []
    unreadable = False
    for run in _BASE64.finditer(reading.text):
        hidden = _hidden_text(run.group())
        if hidden is not None:
            edits.append(Edit(run.start(), run.end(), hidden))
            continue
        if "\n" in run.group():
            edits.extend(_line_by_line(run))
        unreadable = unreadable or _is_a_file(run, reading.text)
    return View(reading.edited(edits) if edits else None, unreadable)


def _is_a_file(run: re.Match[str], text: str) -> bool:
    """Say whether a run that hides no text is long enough to be a file; a list of hashes or of names is none."""
    if len(run.group()) < UNREADABLE_FROM or _PUBLIC.search(text[max(0, run.start() - 40) : run.start()]):
        return False
    lines = run.group().split()
    even = {len(line) for line in lines[:-1]}
    return len(lines) == 1 or (len(even) == 1 and min(even) >= _WRAPPED_FROM and not _HEX.fullmatch(run.group()))


def _line_by_line(run: re.Match[str]) -> Iterator[Edit]:
    for line in re.finditer(r"[^\r\n]+", run.group()):
        if (hidden := _hidden_text(line.group())) is not None:
            yield Edit(run.start() + line.start(), run.start() + line.end(), hidden)


def _hidden_text(run: str) -> str | None:
    return _text_of(_unhexed(run)) if _HEX.fullmatch(run) else _text_of(_unpacked(run))


def _unhexed(run: str) -> bytes | None:
    try:
        return bytes.fromhex(run)
    except ValueError:
        return None


def _unpacked(run: str) -> bytes | None:
    packed = "".join(run.split()).rstrip("=").translate({45: 43, 95: 47})
    if len(packed) % 4 == 1:
        return None
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4))
    except binascii.Error:
        return None


def _text_of(hidden: bytes | None) -> str | None:
    try:
        plain = read((hidden or b"").decode("utf-8")).text
    except UnicodeDecodeError:
        return None
    readable = sum(letter in _PRINTABLE for letter in plain)
    return plain if readable >= _READABLE_SHARE * len(plain) and plain else None


def _closed_up(text: str) -> Iterator[Edit]:
    for run in _SPACED_RUN.finditer(text):
        for at in range(run.start() + 1, run.end(), 2):
            # A capital after a small letter begins a word: its space is kept.
            if not (text[at + 1].isupper() and text[at - 1].islower()):
                yield Edit(at, at + 1, "")
