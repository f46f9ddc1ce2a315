"""What stands behind a rule's answer: each fact that the rule asks of, whether it holds, and where it was read.

Law: a fact is told with its source, date and confidence, and one that does not hold with what is on record instead;
unknown is said as unknown. Only facts that the rule names are told.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from ecluse.domain.behind import Behind
from ecluse.domain.caller import AnalysisKind, Application
from ecluse.domain.destination import Attestation, Destination, Established, OperatedBy, Scope, Trilean
from ecluse.domain.party import Source
from ecluse.domain.verdict import Question, RuleId
from ecluse.edge.exposing import record_of
from ecluse.packs.registry import Registry
from ecluse.packs.registry.facts import Scheme
from ecluse.packs.registry.model import good
from ecluse.passage.decide import Rule
from ecluse.passage.decide.words import ANALYSIS_NAMES
from ecluse.prove.grounds import Record
from ecluse.prove.residual import asks

SHARE = "non_eu_share_max"
SCHEMES: Mapping[Established, Scheme] = {
    Established.SECNUMCLOUD: Scheme.SECNUMCLOUD,
    Established.HDS: Scheme.HDS_V2,
    Established.KEPT_UNDER_HDS: Scheme.HDS_V2,
    **{Established(f"seal_{level}"): Scheme(f"ec_seal_{level}") for level in range(1, 5)},
}
"""Which attestation proves what: the rest of what is established has other grounds."""

_SCOPES: Mapping[Scope, tuple[str, str]] = {
    Scope.EU: ("in the European Union", "dans l'Union européenne"),
    Scope.EEA: ("in the European Economic Area", "dans l'Espace économique européen"),
    Scope.EEA_ADEQUATE: ("in the EEA and adequate countries", "dans l'EEE et des pays adéquats"),
    Scope.WORLD: ("in no promised place", "sans lieu garanti"),
    Scope.UNKNOWN: ("in an unknown place", "en un lieu inconnu"),
}
_TRAINS: Mapping[Trilean, tuple[str, str]] = {
    Trilean.YES: ("trains on what it is sent", "s'entraîne sur ce qui lui est envoyé"),
    Trilean.NO: ("does not train on what it is sent", "ne s'entraîne pas sur ce qui lui est envoyé"),
    Trilean.UNKNOWN: ("whether it trains is unknown", "s'il s'entraîne est inconnu"),
}
_WEAK = (" (this source is too weak to open anything)", " (cette source est trop faible pour ouvrir quoi que ce soit)")
_NOBODY = ("nobody but you has the request", "personne d'autre que vous n'a la requête")


def behind(
    rules: Mapping[RuleId, Rule],
    fired: Iterable[RuleId],
    question: Question,
    destination: Destination,
    registry: Registry,
    today: date,
) -> tuple[Behind, ...]:
    """Return what the rules that decided ask of this destination and of the application's record, each fact once."""
    named: dict[str, Behind] = {}
    for id_ in fired:
        asked = asks(rules[id_])
        facts = sorted(Established(ref.name) for ref in asked.named("Established"))
        for one in (_of_destination(fact, destination, registry, today) for fact in facts):
            named.setdefault(one.fact, one)
        if "resource.non_eu_share_max" in asked.attributes:
            named.setdefault(SHARE, _of_shares(destination, registry))
        for one in _of_application(asked.attributes, {ref.name for ref in asked.named("Analysis")}, question, today):
            named.setdefault(one.fact, one)
        if "principal.contracts" in asked.attributes:
            named.setdefault("contracts", _of_contract(question.application, destination))
    return tuple(named.values())


# ------------------------------------------------------------------ of the application: the organisation's own record
def _of_application(
    attributes: frozenset[str], analyses: set[str], question: Question, today: date
) -> Iterator[Behind]:
    application = question.application
    counts = application.on_record(today)
    if "principal.kind" in attributes:
        who = application.organisation.kind
        yield Behind(fact="kind", holds=True, en=f"your organisation is {who}", fr=f"votre organisation : {who}")
    if "principal.care" in attributes:
        en, fr = ("comes", "proviennent") if application.care else ("does not come", "ne proviennent pas")
        yield Behind(
            fact="care",
            holds=application.care,
            en=f"the application's record says that its data {en} from care",
            fr=f"l'application déclare que ses données {fr} du soin",
        )
    if "principal.purposes" in attributes:
        known = question.purpose in application.purposes
        yield Behind(
            fact="purposes",
            holds=known,
            en="the purpose is on record" if known else "the purpose is not on record",
            fr="la finalité est enregistrée" if known else "la finalité n'est pas enregistrée",
        )
    for kind in sorted(AnalysisKind(name) for name in analyses):
        found = next((one for one in application.analyses if one.kind is kind), None)
        en, fr = ANALYSIS_NAMES[kind]
        if found is None:
            yield Behind(fact=kind, holds=False, en=f"{en}: none on record", fr=f"{fr} : rien au dossier")
            continue
        until = found.valid_until
        why = ("", "")
        if found.kind is AnalysisKind.HDS_CONTRACT and not application.hds_activities <= found.activities:
            missing = ", ".join(map(str, sorted(application.hds_activities - found.activities)))
            why = (f"; it does not name the activities {missing}", f" ; il ne nomme pas les activités {missing}")
        yield Behind(
            fact=kind,
            holds=kind in counts,
            en=f"{en}: {found.reference}" + (f", until {until}" if until else "") + why[0],
            fr=f"{fr} : {found.reference}" + (f", jusqu'au {until}" if until else "") + why[1],
        )


def _of_contract(application: Application, destination: Destination) -> Behind:
    known = destination.provider in application.organisation.contracts
    en, fr = ("is", "est") if known else ("is not", "n'est pas")
    return Behind(
        fact="contracts",
        holds=known,
        en=f"a contract with {destination.provider} {en} on record",
        fr=f"un contrat avec {destination.provider} {fr} enregistré",
    )


# ------------------------------------------------------------------ of the destination: the registry
def _of_destination(fact: Established, destination: Destination, registry: Registry, today: date) -> Behind:
    record = record_of(registry, destination)
    en, fr, sources = _said(fact, destination, record, registry, today)
    return Behind(fact=fact, holds=fact in destination.established, en=en, fr=fr, sources=sources)


_OPERATION = frozenset({Established.OPERATED_BY_CALLER, Established.ON_OWN_PREMISES, Established.STATE_CLOUD})
_PLACE = frozenset({Established.PROCESSING_IN_EU, Established.PROCESSING_IN_EEA, Established.PROCESSING_IN_ADEQUATE})
_TERMS = frozenset({Established.NO_TRAINING, Established.NO_RETENTION})
_KEPT = frozenset({Established.KEPT_STATED, Established.KEPT_IN_ADEQUATE})


def _said(
    fact: Established, destination: Destination, record: Record, registry: Registry, today: date
) -> tuple[str, str, tuple[Source, ...]]:
    if fact in _OPERATION:
        return _of_operation(fact, destination, record)
    if fact in _PLACE:
        return _of_scope(destination, record, today)
    if fact in _TERMS or fact in _KEPT:
        return _of_terms(fact, destination) if fact in _TERMS else _of_keeping(destination)
    if fact is Established.TRANSFER_TOOL:
        return _of_tool(record)
    if fact is Established.EU_CONTROL:
        shares = _of_shares(destination, registry)
        proof = _of_attestation(Scheme.SECNUMCLOUD, destination, record, today)
        return f"{proof[0]}; {shares.en}", f"{proof[1]} ; {shares.fr}", (*proof[2], *shares.sources)
    return _of_attestation(SCHEMES[fact], destination, record, today)


def _of_tool(record: Record) -> tuple[str, str, tuple[Source, ...]]:
    if record.tool is None:
        return "no transfer tool on record", "aucun outil de transfert enregistré", ()
    return _weighed("a transfer tool is on record", "un outil de transfert est enregistré", record.tool)


def _of_operation(fact: Established, destination: Destination, record: Record) -> tuple[str, str, tuple[Source, ...]]:
    source = (record.offer.source,)
    if fact is Established.STATE_CLOUD:
        en, fr = ("is", "est") if record.state else ("is not", "n'est pas")
        return (
            f"the offer {en} on record as kept for the State",
            f"l'offre {fr} enregistrée comme réservée à l'État",
            source,
        )
    if destination.operated_by is not OperatedBy.CALLER:
        by = destination.operated_by
        return f"operated by: {by}", f"exploité par : {by}", source
    if fact is Established.ON_OWN_PREMISES and not record.premises:
        return "you run it, on another's machines", "vous l'exploitez, sur les machines d'un tiers", source
    return "you run it yourself", "vous l'exploitez vous-même", source


def _of_terms(fact: Established, destination: Destination) -> tuple[str, str, tuple[Source, ...]]:
    if destination.operated_by is OperatedBy.CALLER:
        return (*_NOBODY, ())
    terms = destination.terms
    if fact is Established.NO_TRAINING:
        en, fr = _TRAINS[terms.trains_on_input]
    elif terms.retention_days is None:
        en, fr = "how long it keeps requests is unknown", "la durée de conservation est inconnue"
    else:
        en, fr = f"keeps requests {terms.retention_days} days", f"conserve les requêtes {terms.retention_days} jours"
    return _weighed(en, fr, terms.source)


def _of_keeping(destination: Destination) -> tuple[str, str, tuple[Source, ...]]:
    keeps = destination.keeps
    if keeps is None:
        return "what it keeps on demand is not on record", "ce qu'il conserve sur demande n'est pas enregistré", ()
    en, fr = _SCOPES[keeps.storage]
    if keeps.days is None:
        return _weighed(
            f"keeps on demand {en}, without a known end", f"conserve sur demande {fr}, sans fin connue", keeps.source
        )
    return _weighed(
        f"keeps on demand {en}, {keeps.days} days at most",
        f"conserve sur demande {fr}, {keeps.days} jours au plus",
        keeps.source,
    )


def _of_scope(destination: Destination, record: Record, today: date) -> tuple[str, str, tuple[Source, ...]]:
    if Established.SECNUMCLOUD in destination.established:  # 19.2 of the referential: within the Union
        return _of_attestation(Scheme.SECNUMCLOUD, destination, record, today)
    scope = destination.scope
    processed, stored = _SCOPES[scope.processing], _SCOPES[scope.storage]
    where = f" ({', '.join(scope.countries)})" if scope.countries else ""
    return _weighed(
        f"processed {processed[0]}, stored {stored[0]}{where}",
        f"traité {processed[1]}, stocké {stored[1]}{where}",
        scope.source,
    )


def _of_attestation(
    scheme: Scheme, destination: Destination, record: Record, today: date
) -> tuple[str, str, tuple[Source, ...]]:
    """Tell the attestation that counts, or the one that comes nearest and why it does not."""
    mine = destination.operated_by is OperatedBy.CALLER
    offers = [record.offer, *([record.ground] if mine and record.ground else [])]
    rows = [row for offer in offers for row in offer.attestations if row.scheme == scheme]
    if not rows:
        return f"{scheme}: none on record", f"{scheme} : rien d'enregistré", ()
    row = max(rows, key=lambda one: (_why(one, today)[0] == "", one.valid_until or date.min))
    en, fr = _why(row, today)
    dates = f"{row.valid_from or '?'} - {row.valid_until or '?'}"
    if scheme is Scheme.HDS_V2:
        named = ", ".join(row.scope)
        en += f", activities {named}" if named else ""
        fr += f", activités {named}" if named else ""
    return f"{scheme}: {row.reference}, {dates}{en}", f"{scheme} : {row.reference}, {dates}{fr}", (row.source,)


def _why(row: Attestation, today: date) -> tuple[str, str]:
    """Say why an attestation does not count, or nothing."""
    if row.valid_from is None or row.valid_until is None or not row.scope:
        return ", its dates or its scope are unknown", ", dates ou périmètre inconnus"
    if today >= row.valid_until:
        return ", ended", ", terminée"
    if today < row.valid_from:
        return ", not begun", ", pas commencée"
    return ("", "") if good(row.source) else _WEAK


def _of_shares(destination: Destination, registry: Registry) -> Behind:
    record = record_of(registry, destination)
    share = destination.non_eu_share_max
    sources = [stake.source for stake in registry.stakes if stake.held == record.entity]
    if record.entity is not None:
        sources.insert(0, registry.entities[record.entity].source)
    return Behind(
        fact=SHARE,
        holds=share == 0,
        en=f"held from outside the Union for up to {share} %",
        fr=f"détenu depuis l'extérieur de l'Union jusqu'à {share} %",
        sources=tuple(dict.fromkeys(sources)),
    )


def _weighed(en: str, fr: str, source: Source) -> tuple[str, str, tuple[Source, ...]]:
    weak = ("", "") if good(source) else _WEAK
    return en + weak[0], fr + weak[1], (source,)
