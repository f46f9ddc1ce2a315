"""The assessment as a report for whoever answers for the data: what was counted, how, and what it does not say.

Law: each figure is a count of this corpus; the limits stand in the report, beside the figures, in both languages.
"""

from typing import Any

from ecluse.domain.finding import DataClass
from ecluse.passage.decide.words import CLASS_NAMES
from ecluse.prove.reports.document import Report, Section, Table, punctuated
from ecluse.scan.assess.attack import Sort
from ecluse.scan.assess.linking import BIRTH, DATES, JOB, POSTCODE, SEX
from ecluse.scan.assess.types import TYPES
from ecluse.scan.found import SAYS, Why
from ecluse.scan.kinds import Kind

SORTS: dict[Sort, tuple[str, str]] = {
    Sort.NAME_PART: ("part of a masked name", "élément d'un nom masqué"),
    Sort.LOGIN: ("account name made of a masked name or address", "identifiant tiré d'un nom ou d'une adresse masqués"),
    Sort.DATE: ("masked date, written otherwise", "date masquée, écrite autrement"),
    Sort.NUMBER: ("eight digits or more of a masked number", "huit chiffres ou plus d'un numéro masqué"),
    Sort.KNOWN_ELSEWHERE: (
        "name that was recognised in another document only",
        "nom reconnu dans un autre document seulement",
    ),
}
FACTS: dict[str, tuple[str, str]] = {
    POSTCODE: ("postcode", "code postal"),
    BIRTH: ("year of birth or age", "année de naissance ou âge"),
    SEX: ("sex", "sexe"),
    JOB: ("occupation", "métier"),
    DATES: ("two full dates", "deux dates complètes"),
}
UNIQUE = ("stands alone in the corpus", "seul de son espèce dans le corpus")
_METHOD = (
    (
        (
            "Each document was read and classified, then masked as a request is before it leaves, with every "
            "maskable class "
            "covered (the texts of one document together)."
        ),
        (
            "Chaque document a été lu et classé, puis masqué comme l'est une requête avant son départ, en "
            "couvrant toutes "
            "les classes masquables (les textes d'un document ensemble)."
        ),
    ),
    (
        (
            "First attack: someone who knows each masked value searches the masked text for rests of it: parts "
            "of names, "
            "account names, dates written otherwise, numbers; and names that another document gave away."
        ),
        (
            "Première attaque : quelqu'un qui connaît chaque valeur masquée cherche ce qu'il en reste dans le "
            "texte masqué : "
            "éléments de noms, identifiants, dates écrites autrement, numéros ; et des noms que trahit un autre "
            "document."
        ),
    ),
    (
        (
            "Second attack: someone who knows a few facts of a person looks for the record that fits. A record is "
            "a row of a "
            "table, or else a document. k is the number of records of the corpus that share the same facts."
        ),
        (
            "Seconde attaque : quelqu'un qui connaît quelques faits sur une personne cherche la fiche qui y "
            "répond. Une fiche "
            "est une ligne d'un tableau, sinon un document. k est le nombre de fiches du corpus qui ont les "
            "mêmes faits."
        ),
    ),
)
_LIMITS = (
    (
        (
            "What the detector missed is masked by nobody and counted only where the attack meets it. A part "
            "that was not "
            "read is not judged."
        ),
        (
            "Ce que le détecteur n'a pas vu n'est pas masqué, et n'est compté que si l'attaque le rencontre. Une "
            "partie non "
            "lue n'est pas jugée."
        ),
    ),
    (
        "People are counted by name: two of one name are one, one under two names is two.",
        (
            "Les personnes sont comptées par nom : deux homonymes n'en font qu'une, une personne sous deux noms en "
            "fait deux."
        ),
    ),
    (
        (
            "Standing alone in this corpus is not standing alone in the population, and the other way round: "
            "whoever has "
            "other sources links more than this."
        ),
        (
            "Être seul de son espèce dans ce corpus n'est pas l'être dans la population, et inversement : qui dispose "
            "d'autres sources recoupe davantage."
        ),
    ),
    (
        (
            "A document that tells of several people mixes their facts: some of its links are none. A word that "
            "is also a "
            "name may be counted as a rest."
        ),
        (
            "Un document qui parle de plusieurs personnes mêle leurs faits : certains recoupements n'en sont pas. "
            "Un mot qui "
            "est aussi un nom peut être compté comme un reste."
        ),
    ),
    (
        (
            "The attacks look for what they know, in French and English above all. Free text may give a person "
            "away without "
            "any of it. That little was found is no proof of anonymity: masked data stays personal data."
        ),
        (
            "Les attaques cherchent ce qu'elles connaissent, surtout en français et en anglais. Un texte libre "
            "peut désigner "
            "quelqu'un sans rien de tout cela. Trouver peu n'est pas une preuve d'anonymat : des données masquées "
            "restent des "
            "données personnelles."
        ),
    ),
)
_SMALL = (
    "With fewer than a hundred records nearly everybody stands alone: these figures say little.",
    "Avec moins de cent fiches, presque chacun est seul de son espèce : ces chiffres disent peu.",
)


def report(told: dict[str, Any], language: str) -> Report:
    """Write an assessment in English or French."""
    fr = language == "fr"
    sections = [
        _result(told, fr=fr),
        _documents(told, fr=fr),
        _content(told, fr=fr),
        _rests(told, fr=fr),
        _links(told, fr=fr),
        Section(title="Méthode" if fr else "Method", says=_said(_METHOD, fr=fr)),
        Section(
            title="Ce que ce rapport ne dit pas" if fr else "What this report does not say", says=_said(_LIMITS, fr=fr)
        ),
    ]
    if "examples" in told:
        sections.insert(5, _examples(told["examples"], fr=fr))
    made = Report(
        id="assessment",
        title="Risque résiduel de vos documents" if fr else "Residual risk of your documents",
        language=language,
        intro=(
            f"{told['date']} ; {'détecteur' if fr else 'detector'} : {told['detector']}.",
            "Rien n'a quitté cette machine." if fr else "Nothing left this machine.",
        ),
        sections=tuple(sections),
    )
    return punctuated(made)


def _said(sentences: tuple[tuple[str, str], ...], *, fr: bool) -> tuple[str, ...]:
    return tuple(one[fr] for one in sentences)


def _result(told: dict[str, Any], *, fr: bool) -> Section:
    people, links, documents = told["people"], told["links"], told["documents"]
    says = (
        (
            (
                f"{people['name_left']} des {people['named']} personnes nommées restent reconnaissables à un reste "
                f"de leur nom."
            ),
            (
                f"{links['unique']} des {links['records']} fiches sont seules de leur espèce par les faits laissés "
                f"en clair "
                f"(k = 1) ; {links['below_five']} le sont à moins de {told['few']}."
            ),
            (
                f"{told['documents_reidentifiable']} des {documents['masked']} documents masqués sont atteints par "
                f"l'une ou "
                "l'autre attaque."
            ),
        )
        if fr
        else (
            (
                f"{people['name_left']} of the {people['named']} people named can still be recognised by a rest of "
                f"their name."
            ),
            (
                f"{links['unique']} of the {links['records']} records stand alone by the facts left in clear (k = 1) ; "
                f"{links['below_five']} are fewer than {told['few']} alike."
            ),
            (
                f"{told['documents_reidentifiable']} of the {documents['masked']} masked documents are reached by "
                f"one attack "
                "or the other."
            ),
        )
    )
    return Section(
        title="Ce qui reste après masquage" if fr else "What is left after masking",
        says=(*says, *((_SMALL[fr],) if told["small"] else ())),
    )


def _documents(told: dict[str, Any], *, fr: bool) -> Section:
    one = told["documents"]
    says = [
        f"{one['all']} documents : {one['read_whole']} lus en entier, {one['read_in_part']} en partie, "
        f"{one['nothing_read']} sans aucun texte lu."
        if fr
        else f"{one['all']} documents : {one['read_whole']} read whole, {one['read_in_part']} in part, "
        f"{one['nothing_read']} without any text read."
    ]
    for code, n in one["not_masked"].items():
        says.append(
            f"{n} n'ont pas pu être masqués ({code}) : la passerelle ne les aurait pas envoyés masqués, et ils "
            "ne sont pas attaqués ici."
            if fr
            else f"{n} could not be masked ({code}) : the gateway would not have sent them masked, and they are not "
            "attacked here."
        )
    rows = [(TYPES[Kind(name)][fr], str(n)) for name, n in told["types"].items()]
    rows += [(f"{'non lu' if fr else 'not read'} : {SAYS[Why(why)][fr]}", str(n)) for why, n in told["unread"].items()]
    return Section(
        title="Documents",
        says=tuple(says),
        table=Table(columns=("type", "nombre") if fr else ("type", "number"), rows=tuple(rows)) if rows else None,
    )


def _content(told: dict[str, Any], *, fr: bool) -> Section:
    rows = [(kind, str(n["findings"]), str(n["documents"])) for kind, n in told["kinds"].items()]
    rows += [(f"{CLASS_NAMES[DataClass(name)][fr]}", "", str(n)) for name, n in told["classes"].items()]
    left = ", ".join(f"{CLASS_NAMES[DataClass(name)][fr]} ({n})" for name, n in told["left_in_clear"].items())
    says = (
        (f"Classes qu'aucun masque ne lève, et qui restent en clair (documents) : {left or 'aucune'}.",)
        if fr
        else (f"Classes that no mask lifts, and that stay in clear (documents) : {left or 'none'}.",)
    )
    columns = ("type ou classe", "détections", "documents") if fr else ("kind or class", "findings", "documents")
    return Section(
        title="Ce qui a été reconnu" if fr else "What was recognised",
        says=says,
        table=Table(columns=columns, rows=tuple(rows)) if rows else None,
    )


def _rests(told: dict[str, Any], *, fr: bool) -> Section:
    rows = tuple((SORTS[Sort(sort)][fr], str(n["places"]), str(n["documents"])) for sort, n in told["rests"].items())
    none = "Aucun reste n'a été trouvé." if fr else "No rest was found."
    return Section(
        title="Restes de valeurs masquées" if fr else "Rests of masked values",
        says=() if rows else (none,),
        table=Table(columns=("reste", "endroits", "documents") if fr else ("rest", "places", "documents"), rows=rows)
        if rows
        else None,
    )


def _links(told: dict[str, Any], *, fr: bool) -> Section:
    links = told["links"]
    rows = tuple(
        (
            " + ".join(FACTS[name][fr] for name in one["facts"]),
            str(one["records"]),
            str(one["unique"]),
            str(one["below_five"]),
        )
        for one in links["by"]
    )
    columns = (
        ("faits", "fiches", "k = 1", f"k < {told['few']}")
        if fr
        else ("facts", "records", "k = 1", f"k < {told['few']}")
    )
    says = (
        f"{links['linkable']} des {links['records']} fiches gardent en clair au moins une de ces combinaisons."
        if fr
        else f"{links['linkable']} of the {links['records']} records leave at least one of these combinations in clear."
    )
    return Section(
        title="Recoupement par les faits laissés en clair" if fr else "Links by the facts left in clear",
        says=(says,),
        table=Table(columns=columns, rows=rows),
    )


def _examples(examples: list[dict[str, str]], *, fr: bool) -> Section:
    def sort(name: str) -> str:
        return UNIQUE[fr] if name == "unique" else SORTS[Sort(name)][fr]

    rows = tuple((one["document"], sort(one["sort"]), one["text"]) for one in examples)
    columns = ("document", "quoi", "texte masqué") if fr else ("document", "what", "masked text")
    return Section(title="Exemples" if fr else "Examples", table=Table(columns=columns, rows=rows) if rows else None)
