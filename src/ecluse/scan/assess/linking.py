"""An attacker who knows some facts of a person looks for the one record that fits them.

Law: a record is a row of a table, or a document. What is counted is how alike records are *in this corpus*: k is the
number of records that share a combination. It says nothing of the population, and is read with the limits that the
report states.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ecluse.domain.vault import CORE_PATTERN
from ecluse.scan.assess.attack import blanked
from ecluse.scan.assess.folding import days, fold

POSTCODE, BIRTH, SEX, JOB, DATES = "postcode", "birth_year", "sex", "job", "dates"
COMBINATIONS: tuple[tuple[str, ...], ...] = (
    (POSTCODE, BIRTH, SEX),
    (POSTCODE, BIRTH),
    (BIRTH, SEX, JOB),
    (POSTCODE, JOB),
    (JOB,),
    (DATES,),
)
"""What is looked up together. Sweeney (2000) is the classic for the first."""
FEW = 5
_MOST_VALUES = 3
"""Values of one sort in a record: with more, several people are told of, and none is looked up by it."""
_MOST_DATES = 6

_POSTCODE = re.compile(r"(?<![\d\w])(?:F-)?((?:0[1-9]|[1-8]\d|9[0-578])\d{3})(?=[ ,]{1,2}[A-ZÉÈÎŒ])")
_POSTCODE_NAMED = re.compile(
    r"(?i)(?:code postal|postcode|postal code|zip|\bcp)\W{1,4}(\d{5}|[a-z]{1,2}\d[\da-z]? ?\d[a-z]{2})\b"
)
_BORN = re.compile(
    r"(?i)(?:\bnée? (?:en |le |the )|ann[ée]e de naissance\W{1,4}|\bborn (?:in |on )?|year of birth\W{1,4}"
    r"|date de naissance\W{1,4}|date of birth\W{1,4}|naissance\W{1,4})[^\n\t\0]{0,18}?\b((?:19|20)\d{2})\b"
)
_AGED = re.compile(
    r"(?i)(?:\bâge|\bage|\bâgée?|\baged)[ :]{1,3}(?:de )?(\d{1,3})\b|(?<![\w.,])(\d{2,3})[ \u00a0-](?:ans\b|years? old)"
)
_SEX: tuple[tuple[str, "re.Pattern[str]", "re.Pattern[str]"], ...] = (
    (
        "stated",
        re.compile(r"(?i)\b(?:sexe|sex|gender|genre)\W{1,4}(?:f|femme|f[ée]minin|female|w)\b"),
        re.compile(r"(?i)\b(?:sexe|sex|gender|genre)\W{1,4}(?:m|h|homme|masculin|male)\b"),
    ),
    ("born", re.compile(r"\b[Nn]ée (?:le|en|à)\b"), re.compile(r"\b[Nn]é (?:le|en|à)\b")),
    (
        "word",
        re.compile(r"(?i)\b(?:patiente|assurée|salariée|locataire madame|requérante|veuve)\b"),
        re.compile(r"(?i)\b(?:patient|assuré|salarié|requérant|veuf)\b"),
    ),
    (
        "title",
        re.compile(rf"\b(?:Mme|Madame|Mlle|Mrs|Ms)\b|\bWOMAN_{CORE_PATTERN}"),
        re.compile(rf"\b(?:M\.|Monsieur|Mr)(?=\s)|\bMAN_{CORE_PATTERN}"),
    ),
)
_JOB = re.compile(
    r"(?i)(?:\b(?:profession|m[ée]tier|emploi|fonction|poste occup[ée]|job title|occupation)\s?[:=]\s?"
    r"|\bexerce (?:la profession|le m[ée]tier|les fonctions) (?:de |d['\u2019])"
    r"|\btravaille comme |\bworks as an? |\ben qualité (?:de |d['\u2019])|\bretraitée? de (?:la |l['\u2019])?)"
    r"([^\W\d_][^\n\t.,;:()|]{2,40})"
)
_JOB_WORDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is left in clear of one record that tells its person from others, by the sort of fact."""

    facts: Mapping[str, frozenset[str]]

    def combinations(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield each combination that the record has, and its value."""
        for names in COMBINATIONS:
            if all(self.facts.get(name) for name in names):
                for values in itertools.product(*(sorted(self.facts[name]) for name in names)):
                    yield names, " | ".join(values)


def record(masked: str) -> Record:
    """Read what a masked text, or a row, leaves in clear."""
    text = blanked(masked)
    postcodes = {m[1] for m in _POSTCODE.finditer(text)} | {m[1].upper() for m in _POSTCODE_NAMED.finditer(text)}
    births = {m[1] for m in _BORN.finditer(text)} or {f"{m[1] or m[2]} years" for m in _AGED.finditer(text)}
    jobs = {_job(m[1]) for m in _JOB.finditer(text)} - {""}
    held = sorted({min(day.days).isoformat() for day in days(text)})
    dated = [f"{a} {b}" for a, b in itertools.combinations(held, 2)] if len(held) <= _MOST_DATES else []
    return Record(
        facts={
            POSTCODE: _few(postcodes),
            BIRTH: _few(births),
            SEX: _sex(masked),
            JOB: _few(jobs),
            DATES: frozenset(dated),
        }
    )


def _few(values: set[str]) -> frozenset[str]:
    return frozenset(values) if len(values) <= _MOST_VALUES else frozenset()


def _job(said: str) -> str:
    spoken = re.split(r"[\s'\u2019]+", said)[:_JOB_WORDS]
    return " ".join(filter(None, map(fold, spoken)))


def _sex(text: str) -> frozenset[str]:
    """Return the sex that the strongest words say; both is none."""
    for _, woman, man in _SEX:
        said = frozenset(name for name, pattern in (("F", woman), ("M", man)) if pattern.search(text))
        if said:
            return said if len(said) == 1 else frozenset()
    return frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """How many records have a combination, how many of them alone, and how many with fewer than five others alike."""

    records: int
    unique: int
    below_five: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """All records: how alike they are by each combination; `unique` are the places of those that stand alone by one."""

    records: int
    by: Mapping[tuple[str, ...], Alike]
    linkable: int
    unique: frozenset[int]
    below_five: frozenset[int]


def link(records: Sequence[Record]) -> Linked:
    """Count the records that share each combination."""
    held = [dict.fromkeys(one.combinations()) for one in records]
    shared = Counter(combination for one in held for combination in one)
    least: list[dict[tuple[str, ...], int]] = [_least(one, shared) for one in held]
    return Linked(
        records=len(records),
        by={names: _alike([one[names] for one in least if names in one]) for names in COMBINATIONS},
        linkable=sum(1 for one in least if one),
        unique=frozenset(n for n, one in enumerate(least) if 1 in one.values()),
        below_five=frozenset(n for n, one in enumerate(least) if any(k < FEW for k in one.values())),
    )


def _least(
    combinations: Iterable[tuple[tuple[str, ...], str]], shared: Mapping[tuple[tuple[str, ...], str], int]
) -> dict[tuple[str, ...], int]:
    found: dict[tuple[str, ...], int] = {}
    for names, value in combinations:
        found[names] = min(found.get(names, shared[names, value]), shared[names, value])
    return found


def _alike(ks: Sequence[int]) -> Alike:
    return Alike(records=len(ks), unique=sum(k == 1 for k in ks), below_five=sum(k < FEW for k in ks))
