"""Who is who among the names of a request: spellings and parts of one person's name share one surrogate.

Law: two mentions are one person when they share a whole word of the name and nothing in them disagrees. What fits two
persons is neither: it gets a surrogate of its own, since a wrong link would mislead a model. The type says woman, man
or several only where a civility or a word of kinship beside the name already says so in clear: it tells nothing that
the text does not tell.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ecluse.domain.vault import SurrogateType
from ecluse.passage.mask.common import row
from ecluse.passage.mask.spelling import compact

_HE, _SHE = r"(?:m|mr|monsieur)\.?", r"(?:mme|mlle|madame|mademoiselle|mrs|ms)\.?"
_AND, _OR = r"\s(?:et|&|and)\s", r"(?:\s?/\s?|\s(?:ou|or)\s|,\s)"
_EITHER = rf"{_HE}{_OR}{_SHE}|{_SHE}{_OR}{_HE}"
_PEOPLE = (
    rf"{_HE}{_AND}{_SHE}|{_SHE}{_AND}{_HE}|mm|mmes|mesdames|messieurs|mesdemoiselles|familles?|family|[ée]poux|consorts"
    r"|fr[èe]res|s(?:œ|oe)urs"
)
_WOMAN = (
    r"mme|madame|mlle|mademoiselle|mrs|ms|miss|frau|mevr|mevrouw|signora|sig\.ra|sra|se[ñn]ora|pani|docteure|dre"
    r"|professeure|ma[îi]tresse|sister"
)
_MAN = r"m|mr|monsieur|mister|herr|dhr|de\sheer|signor|se[ñn]or|pan|sir|brother"
_SAID_OF_HER = (
    r"m[èe]re|fille|femme|[ée]pouse|compagne|fianc[ée]e|s(?:œ|oe)ur|tante|ni[èe]ce|veuve|n[ée]e|dame|pr[ée]f[èe]te"
    r"|directrice|pr[ée]sidente|avocate|infirmi[èe]re|conseill[èe]re|s[ée]natrice|d[ée]put[ée]e|[ée]tudiante|patiente"
    r"|cliente|requ[ée]rante"
)
"""What a family or an office calls a woman. Most words for a man may be said of a woman too (`le docteur`)."""
_SAID_OF_HIM = (
    r"p[èe]re|fils|mari|compagnon|fr[èe]re|oncle|neveu|sieur|(?:son|mon|ton|notre|votre|leur|cet|un)\s[ée]poux"
    r"|l['\u2019][ée]poux"
)
_OFFICE = (
    r"(?:(?:(?:la|le|the)\s)?(?:dr|docteur|pr|prof|professeur|me|ma[îi]tre|lieutenant|commandant|pr[ée]fet|maire)\.?"
    r"|(?:la\s|le\s|l['\u2019])[^\W\d_]+(?:[ \-][^\W\d_]+)?)\s"
)
"""What may stand between a civility and a name: `Mme la préfète`, `M. le maire adjoint`."""
_BEFORE = re.compile(
    rf"(?<!\w)(?:(?P<either>{_EITHER})|(?P<people>{_PEOPLE}|les|aux)|(?P<woman>{_WOMAN}|{_SAID_OF_HER})"
    rf"|(?P<man>{_MAN}|{_SAID_OF_HIM}))\.?\s{{1,2}}(?:{_OFFICE})?\Z",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    rf"\s*(?:(?P<either>{_EITHER})|(?P<people>{_PEOPLE})|(?P<woman>{_WOMAN})|(?P<man>{_MAN}))\.?\s{{1,2}}(?=\S)",
    re.IGNORECASE,
)
_ONE_OF = r"(?i:(?P<women>mmes|mesdames|mesdemoiselles)|(?P<men>mm|messieurs))\.?\s{1,2}"
_AFTER_ONE = r"(?:,|\s(?:et|and|&))\s"
_LISTED = re.compile(
    rf"(?<!\w){_ONE_OF}(?:[A-Z\u00c0-\u00de][\w.'\u2019\-]*(?:\s[A-Z\u00c0-\u00de][\w.'\u2019\-]*){{0,3}}{_AFTER_ONE})*\Z"
)
"""Several, of whom each has a name: `Mmes Lefèvre et Dubois`."""
_GOES_ON = re.compile(rf"{_AFTER_ONE}[A-Z\u00c0-\u00de]")
_LOOK_BACK = 64
_LIST_LOOK_BACK = 160
_NAME = re.compile(r"(?:\b[dl]['\u2019])?([^\W_]+(?:[-\u2010\u2011][^\W_]+)*)", re.IGNORECASE)
TITLES = row(
    "mme madame mlle mademoiselle mrs ms miss mr monsieur mister frau herr dr docteur docteure pr prof professeur "
    "professeure me maitre mm mmes mesdames messieurs et and famille sir signor signora senor senora"
)
"""Words of a civility."""
PARTICLES = row("de du des la le les von van der den di da del della dos el al ben bin ibn ould et and of the zu zur")
"""Words of a name that name nobody. A letter alone is an initial; `d'` and `l'` are read with what follows."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name as it stands in a text, and what a civility beside it says of whom it names."""

    original: str
    says: SurrogateType


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody: the type of the surrogate, and what it derives from."""

    word: SurrogateType
    seed: str


@dataclass(slots=True)
class _Cluster:
    words: frozenset[str]
    says: SurrogateType
    first: int
    seed: str


def mention(text: str, start: int, end: int) -> Mention:
    """Read the name at `[start, end)` and the civility that stands before it or begins it."""
    original = text[start:end]
    title = _INSIDE.match(original) or _BEFORE.search(text, max(0, start - _LOOK_BACK), start)
    several = title is None or title["people"] is not None
    says = (_said_of_each(text, start, end) if several else None) or _said(title)
    return Mention(original=original, says=says)


def _said_of_each(text: str, start: int, end: int) -> SurrogateType | None:
    """Return what is said of each of several that are listed by name; nothing for one name that several bear."""
    listed = _LISTED.search(text, max(0, start - _LIST_LOOK_BACK), start)
    if listed is None or (listed[0].rstrip(". ").isalpha() and not _GOES_ON.match(text, end)):
        return None
    return SurrogateType.WOMAN if listed["women"] else SurrogateType.MAN


def _said(title: re.Match[str] | None) -> SurrogateType:
    if title is None or title["either"]:
        return SurrogateType.PERSON
    if title["people"]:
        return SurrogateType.PEOPLE
    return SurrogateType.WOMAN if title["woman"] else SurrogateType.MAN


def name_words(original: str) -> tuple[str, ...]:
    """Return the words of a name, folded, initials too; no civility, no particle."""
    words = (compact(match[1]) for match in _NAME.finditer(original))
    return tuple(word for word in words if word and word not in TITLES and word not in PARTICLES)


def name_parts(original: str) -> Iterator[str]:
    """Yield the words that name a person by themselves, as they are written: a compound, and what it is made of."""
    for match in _NAME.finditer(original):
        whole = match[1]
        for part in dict.fromkeys((whole, *re.split(r"[-\u2010\u2011]", whole))):
            folded = compact(part)
            if len(folded) > 1 and folded.isalpha() and folded not in TITLES and folded not in PARTICLES:
                yield part


def identities(mentions: Iterable[Mention]) -> Mapping[Mention, Person]:
    """Say whom each mention names; the mentions come in reading order."""
    order = {one: at for at, one in reversed(list(enumerate(mentions)))}
    words = {one: frozenset(name_words(one.original)) for one in order}
    clusters: list[_Cluster] = []
    joined: dict[Mention, _Cluster] = {}
    by_word: dict[str, list[_Cluster]] = {}
    for one in sorted(order, key=lambda m: (-_weight(words[m]), order[m])):
        cluster = _home(one, words[one], by_word)
        if cluster is None:
            cluster = _Cluster(words=words[one], says=one.says, first=order[one], seed=_seed(one, words[one]))
            clusters.append(cluster)
            for word in words[one]:
                by_word.setdefault(word, []).append(cluster)
        elif order[one] < cluster.first:
            cluster.first, cluster.seed = order[one], _seed(one, words[one])
        if cluster.says is SurrogateType.PERSON:
            cluster.says = one.says
        joined[one] = cluster
    return {one: Person(word=cluster.says, seed=cluster.seed) for one, cluster in joined.items()}


def _weight(words: frozenset[str]) -> int:
    return sum(2 if len(word) > 1 else 1 for word in words)


def _seed(one: Mention, words: frozenset[str]) -> str:
    return " ".join(sorted(words)) or compact(one.original) or one.original


def _home(one: Mention, words: frozenset[str], by_word: Mapping[str, Sequence[_Cluster]]) -> _Cluster | None:
    """Return the one person that a mention fits; of two, the one whose name is word for word the same."""
    near = {id(cluster): cluster for word in words if len(word) > 1 for cluster in by_word.get(word, ())}
    fitting = [c for c in near.values() if _agree(c.says, one.says) and _fit(c.words, words)]
    if len(fitting) <= 1:
        return fitting[0] if fitting else None
    same = [cluster for cluster in fitting if cluster.words == words]
    return same[0] if len(same) == 1 else None


def _agree(one: SurrogateType, other: SurrogateType) -> bool:
    """Tell whether two civilities may be one person's; none fits a woman or a man, and several are only several."""
    if SurrogateType.PEOPLE in {one, other}:
        return one is other
    return one is other or SurrogateType.PERSON in {one, other}


def _fit(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether two names, which share a word, have nothing that disagrees; an initial stands for what it begins."""
    left, right = one - other, other - one
    return not left or not right or any(_begins(a, b) or _begins(b, a) for a in left for b in right)


def _begins(initial: str, word: str) -> bool:
    return len(initial) == 1 and word.startswith(initial)
