"""Reads GUM, whose mentions are whole phrases: of each that a proper noun heads, the run of proper nouns is the name.

Law: only the genres whose texts may ship are read. A sentence with a proper noun of which its mentions do not say what
it names is left out: what is a name for nobody would be taught as no name.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from ecluse.passage.classify.checks import words

GENRES = ("academic", "bio", "court", "interview", "news", "voyage")
"""CC BY 4.0 (academic, court), CC BY 2.5 (interview, news), CC BY-SA 3.0 (bio, voyage); others are not for all uses."""
KINDS = {"person": "PER", "place": "LOC", "organization": "ORG"}
_TEXT = "# text = "
_ENTITY = re.compile(r"(?:^|\|)Entity=([^|]*)")
_BRACKET = re.compile(r"\((?P<opens>[^()]+)(?P<closes>\))?|(?P<ends>[^()]+)\)")
_JOINS = frozenset(
    ["of", "the", "and", "&", "de", "for", "-", "'s", "\u2019s", ".", "du", "la", "van", "von", "der", "al"]
)
_TITLES = words(
    "President Senator Professor King Queen Prince Princess Judge Justice Chief Minister Secretary General Captain"
    " Colonel Governor Mayor Ambassador Chancellor Sergeant Detective Officer Congressman Representative Rep. Sen."
    " Gov. Pope Saint Lord Lady Sir Dame Emperor Prime Vice Attorney Director Chairman Coach Sheriff"
)
_HEADS = 5
"""The field of a mention that numbers the tokens which head it."""
Name = tuple[int, int, str]


def sentences(folder: Path) -> Iterator[tuple[str, list[Name]]]:
    """Yield each sentence with its names: characters and kind."""
    for genre in GENRES:
        for file in sorted(folder.glob(f"GUM_{genre}_*.conllu")):
            for part in file.read_text(encoding="utf-8").split("\n\n"):
                lines = part.splitlines()
                text = next((line.removeprefix(_TEXT) for line in lines if line.startswith(_TEXT)), "")
                names = _names(text, [row for row in (line.split("\t") for line in lines) if row[0].isdigit()])
                if names is not None:
                    yield text, names


def _names(text: str, rows: list[list[str]]) -> list[Name] | None:
    at, places = 0, []
    for row in rows:
        start = max(text.find(row[1], at), at)
        at = start + len(row[1])
        places.append((start, at))
    found: list[Name] = []
    untold = {i for i, row in enumerate(rows) if row[3] == "PROPN" and row[1] not in _TITLES}
    for first, last, kind, heads in _mentions(rows):
        if any(rows[i][3] != "PROPN" for i in heads):
            continue
        start, end = _run(rows, first, last, heads)
        untold -= set(range(start, end + 1))
        while kind == "person" and start <= end and rows[start][1] in _TITLES:
            start += 1
        if kind in KINDS and start <= end and rows[end][4] != "NNPS":
            found.append((places[start][0], places[end][1], KINDS[kind]))
    return None if untold or not text else found


def _mentions(rows: list[list[str]]) -> Iterator[tuple[int, int, str, list[int]]]:
    """Yield first and last token of each mention, its kind, and the tokens that head it."""
    opened: dict[str, list[tuple[int, list[str]]]] = {}
    for i, row in enumerate(rows):
        said = _ENTITY.search(row[9])
        for bracket in _BRACKET.finditer(said[1] if said else ""):
            if bracket["opens"]:
                fields = bracket["opens"].split("-")
                opened.setdefault(fields[0], []).append((i, fields))
            name = (
                (bracket["opens"].split("-")[0] if bracket["closes"] else "") if bracket["opens"] else bracket["ends"]
            )
            if name and opened.get(name):
                first, fields = opened[name].pop()
                told = len(fields) > _HEADS and fields[_HEADS][0].isdigit()
                heads = [first + int(n) - 1 for n in fields[_HEADS].split(",")] if told else []
                if heads and max(heads) <= i:
                    yield first, i, fields[1], heads


def _run(rows: list[list[str]], first: int, last: int, heads: list[int]) -> tuple[int, int]:
    """Widen the head to the proper nouns beside it, across the small words between two of them."""
    start, end = min(heads), max(heads)
    while start > first and rows[start - 1][3] == "PROPN":
        start -= 1
    while end < last:
        step = 1
        while end + step < last and rows[end + step][1] in _JOINS:
            step += 1
        if rows[end + step][3] not in {"PROPN", "NUM"} or not rows[end + step][1][:1].isupper():
            break
        end += step
    return start, end
