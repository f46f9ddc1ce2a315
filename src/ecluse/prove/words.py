"""What was shown, told to a reader in English and in French: examples as sentences, never as code.

Law: an example says who asked, with what on record, which data, and where they would have gone; it is one that Cedar
confirmed.
"""

from collections.abc import Mapping
from typing import Any

from ecluse.domain.caller import CallerKind
from ecluse.domain.finding import MASKED_CLASSES
from ecluse.domain.verdict import Action
from ecluse.passage.decide.words import ANALYSIS_NAMES, CLASS_NAMES, joined
from ecluse.prove.verdicts import Witness

KINDS: Mapping[CallerKind, tuple[str, str]] = {
    CallerKind.STATE_ADMINISTRATION: ("a State administration", "une administration de l'État"),
    CallerKind.STATE_OPERATOR: ("a State operator", "un opérateur de l'État"),
    CallerKind.LISTED_GIP: ("a listed GIP", "un GIP inscrit sur la liste"),
    CallerKind.LOCAL_AUTHORITY: ("a local authority", "une collectivité territoriale"),
    CallerKind.HEALTH_ESTABLISHMENT: ("a health establishment", "un établissement de santé"),
    CallerKind.FINANCIAL_ENTITY: ("a financial entity", "une entité financière"),
    CallerKind.PRIVATE: ("a company", "une entreprise"),
    CallerKind.OTHER: ("another organisation", "une autre organisation"),
}
CLAIM = (
    (
        "What is shown is about the rules that are enforced and the facts on record; not about the truth of the facts, "
        "nor about what the classifier missed."
    ),
    (
        "Ce qui est démontré porte sur les règles appliquées et les faits enregistrés ; non sur l'exactitude des "
        "faits, ni sur ce que la détection n'a pas reconnu."
    ),
)


def said_classes(classes: frozenset[Any], *, fr: bool) -> str:
    """Say data classes as a list for a reader."""
    if not classes:
        return "des données publiques" if fr else "public data"
    return joined([CLASS_NAMES[c][fr] for c in sorted(classes)], "et" if fr else "and")


def said_caller(witness: Witness, *, fr: bool) -> str:
    """Say who asks, and with what on record."""
    caller = witness.caller
    who = KINDS[caller.kind][fr]
    if caller.care:
        who += ", à l'occasion de soins" if fr else ", in care"
    records = [ANALYSIS_NAMES[a][fr] for a in sorted(caller.analyses)]
    if caller.contract and witness.action is not Action.HOLD:
        records.insert(0, "un contrat avec le prestataire" if fr else "a contract with the provider")
    if not caller.purpose_on_record:
        who += ", pour une finalité non enregistrée" if fr else ", for a purpose that is not on record"
    if not records:
        return f"{who}, sans rien au dossier" if fr else f"{who}, with nothing on record"
    listed = joined(records, "et" if fr else "and")
    return f"{who}, avec au dossier {listed}" if fr else f"{who}, with {listed} on record"


def said_witness(witness: Witness, *, fr: bool) -> str:
    """Say a permitted question as a sentence."""
    who, what, where = said_caller(witness, fr=fr), said_classes(witness.classes, fr=fr), witness.thing.names[0]
    if witness.action is Action.HOLD:
        return f"{where} pourrait détenir {what} {_of(who)}." if fr else f"{where} could hold {what} of {who}."
    who = who[0].upper() + who[1:]
    if witness.action is Action.STORE:
        en = f"{who}, could have {what} kept at {where}."
        return f"{who}, pourrait faire conserver {what} chez {where}." if fr else en
    return f"{who}, pourrait envoyer {what} à {where}." if fr else f"{who}, could send {what} to {where}."


def _of(who: str) -> str:
    """Say *de* before a French noun: before a vowel it is elided."""
    return f"d'{who}" if who[0] in "aeiouyéè" else f"de {who}"


def told_witness(witness: Witness, *, fr: bool) -> dict[str, Any]:
    """Return a witness as a document."""
    caller = witness.caller
    return {
        "says": said_witness(witness, fr=fr),
        "action": witness.action.value,
        "caller": {
            "kind": caller.kind.value,
            "care": caller.care,
            "contract": caller.contract,
            "analyses": sorted(a.value for a in caller.analyses),
            "purpose_on_record": caller.purpose_on_record,
            "purpose": caller.purpose,
        },
        "classes": sorted(c.value for c in witness.classes),
        "masked": bool(witness.classes & MASKED_CLASSES),
        "where": list(witness.thing.names),
        "established": sorted(fact.value for fact in witness.thing.established),
        "non_eu_share_max": witness.thing.share,
    }


def said_facts(told: Mapping[str, Any], *, fr: bool) -> str:
    """Say the facts of a told witness's destination, which has no record where they could be read."""
    facts, share = ", ".join(told["established"]) or ("rien" if fr else "nothing"), told["non_eu_share_max"]
    en = f"(established of it: {facts}; held from outside the Union up to {share} %)"
    return f"(établi à son sujet : {facts} ; détenu hors de l'Union jusqu'à {share} %)" if fr else en
