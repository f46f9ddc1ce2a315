"""Special categories of GDPR article 9(1) besides health, said of somebody: belief, union, politics, origin, sex life.

The word alone is talk: *la loi sur les syndicats*, *l'église catholique*, *les musulmans de France*. It takes a person
as the subject of the sentence, and a word in the singular that is said of a person, not of a thing.
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import before, one_of
from ecluse.passage.classify.recogniser import LIKELY, PLAUSIBLE, Candidate, Hit, Recogniser
from ecluse.passage.classify.subjects import said_of_somebody, sentence_before

_RELIGION = one_of(
    "catholique|musulmane?|juif|juive|protestante?|evangelique|bouddhiste|hindoue?|sikh|athee|agnostique|chretienne?",
    "chretien|temoin de jehovah|mormone?|islamiste|muslim|jewish|catholic|christian|protestant|buddhist|hindu|atheist",
)
_LIFE = one_of(
    "homosexuel(?:le)?|heterosexuel(?:le)?|bisexuel(?:le)?|gay|lesbienne|transgenre|transsexuel(?:le)?|non-binaire",
    "lesbian|bisexual|transgender|homosexual|en transition de genre",
)
_UNIONS = "CGT|CFDT|FO|CFTC|CFE-CGC|UNSA|FSU|SUD|Solidaires|Force Ouvriere|IG Metall|Ver\\.?di|CCOO|UGT|CGIL|CISL|UIL"
_PARTIES = (
    "PS|PCF|LFI|RN|LR|EELV|Parti socialiste|Parti communiste|La France insoumise|Rassemblement national|Reconquete"
    "|Les Republicains|Renaissance|MoDem|Horizons|NPA|Lutte ouvriere|CDU|CSU|SPD|AfD|PSOE|Vox|Labour|Tory"
)
_MEMBER = one_of("adherente?|membre|militante?|deleguee?|encartee?|eluee?|sympathisante?")
_ORIGIN = one_of(
    "maghrebine?|africaine?|arabe|kabyle|berbere|asiatique|rom|tzigane|kurde|antillaise?|turque?|noire?|juive",
    "algerienne?|marocaine?|tunisienne?|senegalaise?|malienne?|chinoise|vietnamienne",
)
_THING = re.compile(
    r"\b(?:eglises?|ecoles?|cultes?|fetes?|parti|mouvements?|universites?|lycees?|colleges?|presse|journal|radio|monde"
    r"|pays|religion|tradition|calendrier|communaute|association|theologie|literature|litterature|church|school|bible"
    r"|film|livre|roman|cours|article|loi|histoire|art|cuisine|cimetiere|quartier|musee|rite|marriage|mariage pour)s? $"
)
_PLURAL = re.compile(r"\b(?:les|des|aux|ces|nos|leurs|certains|tous les|the|many|all) (?:\w+ )?$")


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, words = candidate
    near = before(text, start)
    if _THING.search(near) or _PLURAL.search(near) or not said_of_somebody(text, start, words):
        return None
    gap = len(sentence_before(text, start))
    return Hit(start, end, LIKELY if gap < _NEAR else PLAUSIBLE, "a special category of data, said of somebody")


_NEAR = 60


RECOGNISER = Recogniser(
    name="special_category",
    kind="special_category",
    data_class=DataClass.SPECIAL,
    patterns=(
        rf"(?i)\b(?:{_RELIGION}|{_LIFE})\b",
        r"(?i)\b(?:convertie? a l'islam|convertie? au (?:catholicisme|judaisme|protestantisme)|converted to islam)\b",
        r"(?i)\b(?:syndiquee?|syndicaliste|deleguee? syndicale?|trade unionist|union (?:member|rep|delegate))\b",
        rf"(?i)\b{_MEMBER} (?:a|de|du|chez|au)(?: la| l')? ?(?:{_UNIONS})\b",
        rf"(?i)\b(?:{_MEMBER}|vote) (?:a|de|du|chez|au|pour)(?: la| l'| le)? ?(?:{_PARTIES})\b",
        rf"\b(?:is|was) a member of the (?:{_PARTIES}|(?i:communist|socialist|conservative) party)\b",
        rf"(?i)\bd'origine (?:ethnique )?{_ORIGIN}\b",
        "(?i)\\b(?:ses|mes|my|his|her) "
        + one_of(
            "convictions? (?:religieuses?|politiques?)|opinions? politiques?|religious beliefs|political opinions",
        )
        + "\\b",
        "(?i)\\b(?:son|sa|mon|ma|my|his|her) "
        + one_of(
            "orientation sexuelle|vie sexuelle|religion|origine ethnique|appartenance syndicale|sexual orientation",
            "ethnic origin|union membership",
        )
        + "\\b",
    ),
    verify=_verify,
    dictionaries=("given_names", "not_names"),
    of_document=True,
    of_lines=True,
)
