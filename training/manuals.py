"""Technical prose in which next to nobody is named: Debian's translated manuals and handbooks, unpacked below a folder.

Law: a piece that may name a person, a town or a country is left out; a fixed share is drawn by the piece itself.
"""

import gzip
import html
import re
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from ecluse.passage.classify.tagger.features import ascii_lower, key_of
from training.document import Document
from training.names import COUNTRY, GIVEN, SURNAME_OFTEN, TOWN, Names

_LANGS = {"fr": 3, "de": 14, "es": 14, "it": 14, "nl": 14, "pl": 14, "pt_BR": 14}
"""Of how many pieces of a language one is taken."""
_BOOKS = {"fr": "fr", "fr-FR": "fr", "de-DE": "de", "es-ES": "es", "it-IT": "it", "nl-NL": "nl", "pl-PL": "pl"}
_LONGEST, _SHORTEST = 700, 120
_ROFF = re.compile(
    r"\\f[A-Z(]|\\[,/&:]|\\s[-+]?\d|^\.(?:\\\"|TH|IP|TP|PP|RS|RE|P$|nf|fi|in|ad|hy|UR|UE|ME|MT).*$", re.MULTILINE
)
_MACRO = re.compile(r"^\.[A-Z]{1,2} ?", re.MULTILINE)
_TAG = re.compile(r"<(?:script|style|head)\b.*?</(?:script|style|head)>|<[^>]+>", re.DOTALL | re.IGNORECASE)
_SAYS_WHO = re.compile(
    r"author|auteur|autor|auteurs|copyright|contribu|traduc|\u00fcbersetz|traduzi|vertal|t\u0142umacz|@|licen|\u00a9|maint",
    re.IGNORECASE,
)
_WORD = re.compile(r"\b[A-Z\u00c0-\u00dd][\w'\u2019-]+")


def pieces(folder: Path, names: Names) -> Iterator[Document]:
    """Cut the manuals into paragraphs and take those that name nobody."""
    for lang, text in _texts(folder / "manuals"):
        for paragraph in re.split(r"\n\s*\n", text):
            said = " ".join(paragraph.split())[:_LONGEST]
            if len(said) < _SHORTEST or zlib.crc32(said.encode()) % _LANGS.get(lang, _LANGS["de"]):
                continue
            if not _may_name(said, names):
                yield Document(source="manuals", lang=lang[:2], text=said, spans=())


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    for lang in _LANGS:
        for file in sorted((folder / "usr/share/man" / lang).glob("man[1578]/*.gz")):
            plain = gzip.decompress(file.read_bytes()).decode("utf-8", "replace")
            yield lang, _without_roff(plain)
    for file in sorted((folder / "usr/share/doc").glob("**/*.html")):
        lang = next((_BOOKS[part] for part in file.parts if part in _BOOKS), "fr" if ".fr." in file.name else None)
        if lang is not None:
            yield lang, html.unescape(_TAG.sub(" ", re.sub(r"</p>|<br", "\n\n<x", file.read_text(errors="replace"))))


def _without_roff(text: str) -> str:
    text = re.sub(r"^\.(?:PP|TP|SH|SS|P|IP).*$", "\n", text, flags=re.MULTILINE)
    text = _MACRO.sub("", _ROFF.sub("", text))
    return text.replace("\\-", "-").replace("\\ ", " ").replace("\\(aq", "'").replace("\\(bu", "-").replace("\\e", "\\")


def _may_name(text: str, names: Names) -> bool:
    if _SAYS_WHO.search(text):
        return True
    words = [names.flags.get(key_of(ascii_lower(word)), 0) for word in _WORD.findall(text)]
    places = any(flags & (TOWN | COUNTRY) and not flags & GIVEN for flags in words[1:])
    persons = any(a & GIVEN and b & SURNAME_OFTEN for a, b in pairwise(words))
    return places or persons
