"""Persons named after a civility or a title: 'Mme Marie Dubois', 'Maître de La Tour', 'Dr ETIENNE', 'Frau Müller'."""

from itertools import islice

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import one_of
from ecluse.passage.classify.names import DICTIONARIES, Name, is_also_a_word, is_given, is_surname, name_at, words_from
from ecluse.passage.classify.recogniser import LIKELY, PLAUSIBLE, STRONG, Candidate, Hit, Recogniser

_AMBIGUOUS = frozenset({"m", "me", "pr", "pan", "sir", "miss", "mm", "sr"})
"""Titles that are also words or initials: the gazetteers must know the name."""


def _verify(candidate: Candidate) -> Hit | None:
    text, words = candidate.text, candidate.words
    at = candidate.end - 1
    title = candidate.value[:-1].strip().lower()
    name = name_at(text, at, words) if _begins_a_name(text, at) else _small_letters(candidate, at)
    if name is None:
        return None
    start, end = name.words[0].start, name.words[-1].end
    if title in _AMBIGUOUS and not (name.known and _begins_a_name(text, at)):
        return None
    if name.given and name.surname and len(name.words) > 1:
        return Hit(start, end, STRONG, "a title, a known given name and a known surname")
    if not _begins_a_name(text, at):
        return Hit(start, end, PLAUSIBLE, "a title and a known given name in small letters")
    return Hit(start, end, LIKELY, "a title and a name")


def _begins_a_name(text: str, at: int) -> bool:
    """Say whether a capital stands there, or after `d'`: d'Ormesson. After `l'` stands a function: l'Ambassadeur."""
    return text[at].isupper() or (text[at : at + 2] == "d'" and text[at + 2 : at + 3].isupper())


def _small_letters(candidate: Candidate, at: int) -> Name | None:
    """Read 'marie dubois' after a title: a known given name or surname, and a known surname after it."""
    words = candidate.words
    found = list(islice(words_from(candidate.text, at), 2))
    if not found or is_also_a_word(found[0], words):
        return None
    if not (is_given(found[0], words) or is_surname(found[0], words)):
        return None
    more = len(found) > 1 and is_surname(found[1], words)
    return Name(tuple(found[: 1 + more]), given=True, surname=more)


RECOGNISER = Recogniser(
    name="person_titled",
    kind="person",
    data_class=DataClass.PERSONAL,
    patterns=(
        r"\b"
        + one_of(
            "M|MM|Mr|Mrs|Ms|Mme|Mmes|MME|Mlle|MLLE|Dr|DR|Dre|Drs|Pr|PR|Me|Prof|Mgr|Sr|Sra|Sig|Dhr|Mevr|Miss|Sir|Pan|Pani",
            "Herr|Frau",
        )
        + r"(?:\.|\.?[ \n]{1,2})[A-Za-z]",
        r"(?i:\b"
        + one_of(
            "monsieur|madame|mademoiselle|messieurs|mesdames|mme|mlle|docteure?|professeure?|maitre|signora?|senora?|mister"
        )
        + r")[ \n]{1,2}[A-Za-z]",
    ),
    verify=_verify,
    dictionaries=DICTIONARIES,
    revision=2,
)
