"""Texts made around what recognisers find and what they leave alone, for laws that ask for any text."""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

FIXTURES = Path(__file__).resolve().parents[2] / "recognisers"
BETWEEN = ("", " ", "\n", "\n\n", ", ", ". ", ": ", "; ", "\t", " - ", '"', "{", "}", "=", "\u202f", "\u00ad", "\u200b")
PROSE = (
    "La réunion de lundi a porté sur le budget de l'année prochaine et sur l'organisation des équipes.",
    "Merci de relire ce paragraphe, d'en corriger l'orthographe et de proposer un titre plus court.",
    "def total(lines: list[int]) -> int:\n    return sum(line * 2 for line in lines if line > 1024)",
    "Marie Kervadec signe ; Kervadec relit, et M. Karim Benali est prévenu par Mme Le Goff.",
    "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAx",
    "x" * 300,
)


@cache
def fixtures() -> Sequence[str]:
    """Return every text of the recognisers' tables, found or ignored."""
    said: list[str] = []
    for file in sorted(FIXTURES.glob("*.toml")):
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
        said.extend(row["text"] for rows in tables.values() if isinstance(rows, list) for row in rows)
    return said


def around_fixtures(most: int) -> st.SearchStrategy[str]:
    """Draw texts of fixtures, cut anywhere, among signs, prose and code."""
    whole = st.sampled_from(fixtures())
    cut = st.builds(lambda text, start, end: text[start : len(text) - end], whole, st.integers(0, 9), st.integers(0, 9))
    piece = whole | cut | st.sampled_from(BETWEEN) | st.sampled_from(PROSE) | st.text(max_size=3)
    return st.lists(piece, max_size=most).map("".join)
