"""French postal addresses: number, kind of way, name of the way, postcode and town.

An address that a public body or a company is said to have is seen and not believed; a town alone is no address.
Kinds of way: the Base Adresse Nationale (https://adresse.data.gouv.fr), its most frequent ones.
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import one_of, words
from ecluse.passage.classify.recogniser import DOUBTFUL, LIKELY, PLAUSIBLE, Candidate, Hit, Recogniser

_PARTICLES = words("de du des d la le les l et en sur sous aux au a l'")
_WORD = re.compile(r"[ ]{0,2}(?:[dl]')?([A-Za-z0-9][A-Za-z0-9'.-]{0,30})")
_TOWN = re.compile(
    r"(?:(?:,? {0,2}(?i:appt?|apt|appartement|studio|bat|batiment|etage|bp|cs|esc|residence)\.? ?[A-Za-z0-9]{1,8})?"
    r"[ ]?[,-]?[ ]?\n?[ ]{0,2}(?:F-|FR-)?((?:0[1-9]|[1-8]\d|9[0-8]) ?\d{3}),?[ ]{1,2}[A-Z][A-Za-z'-]{1,40}"
    r"(?:[ -](?:[A-Z][A-Za-z'-]{1,30}|(?:le|la|les|sur|sous|en|de|du|des|lez|et)\b)){0,5}"
    r"(?: (?i:cedex))?(?:(?<=(?i:cedex)) \d{1,2}\b)?)"
)
_OF_A_BODY = re.compile(
    r"\b(?:sieges?(?: social)?|mairie|ministere|prefecture|tribunal|cnil|anssi|commissariat|societe|sarl|sas|entreprise"
    r"|hotel de ville|restaurant|musee|gare|agence|magasin|boutique|cabinet|hopital|chu|universite|ecole)\b[^\n]{0,60}$"
)
_ASKED = re.compile(
    r"\b(?:adresses?|address|domicilie[e]?s?|demeurant|habite\w*|reside\w*|vit au|loge\w*|domicile)\b[^\n]{0,40}$"
)
_MOST_WORDS = 8


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    said = text[max(0, start - 80) : start].lower()
    end, capital = _name_of_way(text, end)
    if end == candidate.end:
        return None
    town = _TOWN.match(text, end)
    asked = bool(_ASKED.search(said))
    if not (town or asked or capital):
        return None
    end = town.end() if town else end
    if _OF_A_BODY.search(said) and not asked:
        return Hit(start, end, DOUBTFUL, "the address of a body, not of a person")
    if town or asked:
        return Hit(
            start, end, LIKELY, "a number, a way and a town" if town else "a number and a way, said to be an address"
        )
    return Hit(start, end, PLAUSIBLE, "a number and a way")


def _name_of_way(text: str, at: int) -> tuple[int, bool]:
    """Return where the name of the way ends, and whether a capital shows that it is a name."""
    end, capital, small = at, False, 0
    for _ in range(_MOST_WORDS):
        word = _WORD.match(text, at)
        if word is None:
            break
        bare = word.group(1)
        if bare.isdigit() and len(bare) == 5:  # noqa: PLR2004 - a postcode
            break
        at = word.end()
        if bare.lower().rstrip("'") in _PARTICLES:
            continue
        if not (bare[0].isupper() or bare[0].isdigit()):
            small += 1
            if capital or small > 3:  # noqa: PLR2004 - a sentence goes on
                break
        capital = capital or bare[0].isupper()
        end = at - (bare.endswith(".") and len(bare) > 3)  # noqa: PLR2004 - an abbreviation keeps its point
    return end, capital


RECOGNISER = Recogniser(
    name="postal_address",
    kind="postal_address",
    data_class=DataClass.PERSONAL,
    patterns=(
        r"(?i)\b\d{1,4}(?:[ ]?(?:bis|ter|quater|[a-d]\b))?,?[ ]{1,2}"
        + one_of(
            r"rue|avenue|av\.?|ave\.?|boulevard|bld\.?|blvd\.?|bd\.?|place|pl\.|allees?|chemin|che?m?\.|impasse|imp\.|quai",
            r"route|rte\.?|square|cours|passage|faubourg|fbg?\.?|residence|lotissement|hameau|sentier|ruelle|villa|cite",
            r"rond-point|esplanade|promenade|venelle|montee|traverse|chaussee|parvis|voie|sente",
        )
        + r"\b",
    ),
    verify=_verify,
)
