"""Nationalities and origins, said of somebody: *a Turkish national*, *de nationalité belge*, *ressortissant malien*.

Beside a date and a trade they tell people apart, and name nobody by themselves: `indirect`. Peoples without such a
word (*la cuisine italienne*, *Polish law*) are none. Ethnic origin that is said as such is `special_category`.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import one_of
from ecluse.passage.classify.recogniser import LIKELY, Candidate, Hit, Recogniser

_ENGLISH = one_of(
    "Afghan|Albanian|Algerian|American|Angolan|Argentinian|Armenian|Australian|Austrian|Azerbaijani|Bangladeshi|Belarusian",
    "Belgian|Bosnian|Brazilian|British|Bulgarian|Burundian|Cameroonian|Canadian|Chechen|Chilean|Chinese|Colombian",
    "Congolese|Croatian|Cuban|Cypriot|Czech|Danish|Dutch|Ecuadorian|Egyptian|English|Eritrean|Estonian|Ethiopian",
    "Filipino|Finnish|French|Gambian|Georgian|German|Ghanaian|Greek|Guinean|Haitian|Hungarian|Icelandic|Indian|Indonesian",
    "Iranian|Iraqi|Irish|Israeli|Italian|Ivorian|Jamaican|Japanese|Jordanian|Kazakh|Kenyan|Korean|Kosovar|Kurdish|Kuwaiti",
    "Kyrgyz|Latvian|Lebanese|Liberian|Libyan|Lithuanian|Luxembourg|Macedonian|Malian|Maltese|Mauritanian|Mexican|Moldovan",
    "Mongolian|Montenegrin|Moroccan|Nepalese|Nigerian|Norwegian|Pakistani|Palestinian|Paraguayan|Peruvian",
    "Polish|Portuguese|Roma|Romani|Romanian|Russian|Rwandan|Saudi|Scottish|Senegalese|Serbian|Slovak|Slovakian|Slovenian",
    "Somali|Spanish|Sudanese|Surinamese|Swedish|Swiss|Syrian|Tajik|Tamil|Tanzanian|Thai|Tunisian",
    "New Zealand|South African|Sri Lankan",
    "Turkish|Turkmen|Ugandan|Ukrainian|Uruguayan|Uzbek|Venezuelan|Vietnamese|Welsh|Yemeni|Zambian|Zimbabwean",
)
_FRENCH = one_of(
    r"afghane?|albanaise?|algerien(?:ne)?|allemande?|americaine?|angolaise?|argentine?|armenien(?:ne)?|australien(?:ne)?",
    r"autrichien(?:ne)?|azerbaidjanaise?|bangladaise?|belge|beninoise?|bielorusse|bolivien(?:ne)?|bosnien(?:ne)?",
    r"bresilien(?:ne)?|britannique|bulgare|burkinabe|camerounaise?|canadien(?:ne)?|chilien(?:ne)?|chinoise?",
    r"colombien(?:ne)?|comorien(?:ne)?|congolaise?|coreen(?:ne)?|croate|cubaine?|danoise?|egyptien(?:ne)?|erythreen(?:ne)?",
    r"espagnole?|estonien(?:ne)?|ethiopien(?:ne)?|finlandaise?|francaise?|gabonaise?|georgien(?:ne)?|ghaneen(?:ne)?|grecque",
    r"grec|guineen(?:ne)?|haitien(?:ne)?|hongroise?|indien(?:ne)?|indonesien(?:ne)?|irakien(?:ne)?|iranien(?:ne)?|irlandaise?",
    r"israelien(?:ne)?|italien(?:ne)?|ivoirien(?:ne)?|japonaise?|kosovare?|kurde|lettone?|libanaise?|libyen(?:ne)?",
    r"lituanien(?:ne)?|luxembourgeoise?|macedonien(?:ne)?|malgache|malien(?:ne)?|maltaise?|marocaine?|mauricien(?:ne)?",
    r"mauritanien(?:ne)?|mexicaine?|moldave|neerlandaise?|nigeriane?|nigerien(?:ne)?|norvegien(?:ne)?|pakistanaise?",
    r"palestinien(?:ne)?|peruvien(?:ne)?|philippine?|polonaise?|portugaise?|roumaine?|russe|rwandaise?|senegalaise?|serbe",
    r"slovaque|slovene|somalien(?:ne)?|soudanaise?|suedoise?|suisse|syrien(?:ne)?|tchadien(?:ne)?|tchetchene|tcheque",
    r"thailandaise?|togolaise?|tunisien(?:ne)?|turc|turque|ukrainien(?:ne)?|venezuelien(?:ne)?|vietnamien(?:ne)?",
)
_AFTER = one_of(
    "nationals?|citizens?|citizenship|nationality|origin|descent|passport|parents|asylum seekers?|refugees?|immigrants?"
)


def _verify(candidate: Candidate) -> Hit | None:
    value, start = candidate.value, candidate.start
    if value[0].isupper() and value.split()[0][1:].islower() and not value.lower().startswith(_FRENCH_WORDS):
        words = value.split(" ")
        return Hit(start, start + len(" ".join(words[: -1 if len(words) > 1 else 1])), LIKELY, _SAID)
    said = value.rstrip().rsplit(maxsplit=1)[-1].lstrip(":=(")
    return Hit(candidate.end - len(said), candidate.end, LIKELY, _SAID)


_FRENCH_WORDS = ("nationali", "ressortissant", "citoyen", "d'origine", "citizen", "origine", "passeport")
_SAID = "a people's name beside a word for nationality or origin"

RECOGNISER = Recogniser(
    name="nationality",
    kind="nationality",
    data_class=DataClass.PERSONAL,
    patterns=(
        rf"\b{_ENGLISH}(?:-born)? {_AFTER}\b",
        rf"(?i:\b(?:nationality|citizenship)[ ]?[:=]? ?){_ENGLISH}\b",
        rf"(?i:\bnationalite[ ]?[:=]? ?(?:est )?{_FRENCH}\b)",
        rf"(?i:\b(?:ressortissante?s?|citoyen(?:ne)?s?|passeport|d'origine) {_FRENCH}s?\b)",
    ),
    verify=_verify,
    indirect=True,
)
