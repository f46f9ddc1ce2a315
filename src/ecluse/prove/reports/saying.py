"""What several reports say alike: data classes, recipients, where they are, who can compel them, what is on record.

Law: unknown is said as unknown; a list that is empty says why.
"""

from collections.abc import Iterable
from datetime import date

from ecluse.domain.caller import Analysis, AnalysisKind, Application
from ecluse.domain.destination import Established, OperatedBy, Scope, Trilean
from ecluse.domain.finding import DataClass
from ecluse.domain.hosted import HostedKind
from ecluse.passage.decide.words import ANALYSIS_NAMES, CLASS_NAMES
from ecluse.prove.reports.document import missing, unknown
from ecluse.prove.reports.material import Material, Part, Recipient, Use

SCOPES = {
    Scope.EU: ("European Union", "Union européenne"),
    Scope.EEA: ("European Economic Area", "Espace économique européen"),
    Scope.EEA_ADEQUATE: ("EEA or adequate countries", "EEE ou pays adéquats"),
    Scope.WORLD: ("anywhere", "partout dans le monde"),
    Scope.UNKNOWN: ("unknown", "inconnu"),
}
_INSIDE = {Established.PROCESSING_IN_EU: Scope.EU, Established.PROCESSING_IN_EEA: Scope.EEA}


def line(words: tuple[str, str], what: str, *, fr: bool) -> str:
    """Say what something is, under its name in English or in French, where a space stands before the colon."""
    return f"{words[fr]}{' :' if fr else ':'} {what}"


def classes(found: Iterable[DataClass], *, fr: bool) -> str:
    """Name data classes."""
    names = [CLASS_NAMES[one][fr] for one in sorted(found)]
    return ", ".join(names) or ("aucune reconnue ni déclarée" if fr else "none recognised or declared")


def seen(uses: Iterable[Use]) -> frozenset[DataClass]:
    """Return every class of some uses."""
    return frozenset(one for use in uses for one in use.classes)


def sent(uses: Iterable[Use]) -> tuple[Use, ...]:
    """Keep what left; what a hosted tool received left with what called it."""
    return tuple(use for use in uses if use.destination is not None and use.through is None)


def who(recipient: Recipient, *, fr: bool) -> str:
    """Name a recipient: the company, its seat, whose machines it runs on, and the sub-processors on record."""
    if recipient.destination.operated_by is OperatedBy.CALLER:
        where = recipient.host or ("vos locaux" if fr else "your own premises")
        return f"{'vous-même, sur' if fr else 'yourself, on'} {where}"
    name = recipient.entity or recipient.provider
    seat = recipient.seat or unknown(fr=fr)
    then = " ;" if fr else ";"
    host = f"{then} {'hébergé par' if fr else 'hosted by'} {recipient.host}" if recipient.host else ""
    others = ", ".join(one.name for one in recipient.below if one.part is Part.SUB_PROCESSOR)
    below = line((f"{then} sub-processors on record", f"{then} sous-traitants enregistrés"), others, fr=fr)
    return f"{name} ({line(('seat', 'siège'), seat, fr=fr)}){host}{below if others else ''}"


TOOLS = {
    HostedKind.WEB_SEARCH: ("web search", "recherche sur le web"),
    HostedKind.WEB_FETCH: ("web pages", "lecture de pages web"),
    HostedKind.FILE_SEARCH: ("search in files", "recherche dans des fichiers"),
    HostedKind.CODE_INTERPRETER: ("code interpreter", "exécution de code"),
    HostedKind.CODE_EXECUTION: ("code interpreter", "exécution de code"),
    HostedKind.MCP: ("remote MCP server", "serveur MCP distant"),
}


def service(recipient: Recipient, *, fr: bool) -> str:
    """Name the model, or the kind of hosted tool."""
    if not recipient.hosted:
        return recipient.model
    return line(("hosted tool", "outil hébergé"), f"{TOOLS[HostedKind(recipient.model)][fr]}", fr=fr)


def named(recipient: Recipient, *, fr: bool) -> str:
    """Name what stands on record, and say of a hosted tool that it is one."""
    id_ = str(recipient.destination.id)
    return f"{id_}, {service(recipient, fr=fr)}" if recipient.hosted else id_


def where(recipient: Recipient, *, fr: bool) -> str:
    """Say where a recipient processes, and the countries that its source names."""
    scope, proven = recipient.destination.scope, recipient.destination.established
    if Established.ON_OWN_PREMISES in proven:
        return "vos locaux" if fr else "your own premises"
    if not proven.isdisjoint(_INSIDE) and scope.processing not in _INSIDE.values():  # a qualification says where
        return SCOPES[next(_INSIDE[one] for one in _INSIDE if one in proven)][fr]
    named = f" ({', '.join(scope.countries)})" if scope.countries else ""
    return SCOPES[scope.processing][fr] + named


def outside(recipient: Recipient) -> bool:
    """Whether processing or storage outside the EEA is possible on the record."""
    inside = {Established.PROCESSING_IN_EEA, Established.ON_OWN_PREMISES}
    return recipient.destination.established.isdisjoint(inside)


def compelled(recipient: Recipient, *, fr: bool) -> str:
    """Say which third countries' law can reach a recipient."""
    if recipient.destination.operated_by is OperatedBy.CALLER and recipient.host is None:
        return "aucune : vos locaux" if fr else "none: your own premises"
    if not recipient.exposure_known:
        return unknown(fr=fr)
    certain, possible = recipient.compelled_certain, recipient.compelled_possible
    parts = [", ".join(certain)] if certain else []
    if possible:
        parts.append(f"possible : {', '.join(possible)}")
    nothing = "aucune établie hors de l'Union" if fr else "none established outside the Union"
    return " ; ".join(parts) or nothing


def terms(recipient: Recipient, *, fr: bool) -> str:
    """Say what a recipient may do with a request."""
    known = recipient.destination.terms
    words = {
        Trilean.YES: ("yes", "oui"),
        Trilean.NO: ("no", "non"),
        Trilean.UNKNOWN: ("unknown", "inconnu"),
    }
    kept = unknown(fr=fr) if known.retention_days is None else f"{known.retention_days} {'jours' if fr else 'days'}"
    trains = words[known.trains_on_input][fr]
    review = words[known.human_review][fr]
    if fr:
        return f"conservation : {kept} ; entraînement : {trains} ; relecture humaine : {review}"
    return f"retention: {kept}; training: {trains}; human review: {review}"


def on_record(application: Application, kind: AnalysisKind, material: Material, *, fr: bool) -> str:
    """Cite an analysis of an application, the one that ends last; or say that it is missing, or has ended."""
    found = [one for one in application.analyses if one.kind is kind]
    if not found:
        return missing(fr=fr)
    return _cited(max(found, key=lambda one: one.valid_until or date.max), material, fr=fr)


def _cited(one: Analysis, material: Material, *, fr: bool) -> str:
    if one.valid_until is None:
        return one.reference
    if one.valid_until.isoformat() < material.date:
        return f"{one.reference} ({'échue le' if fr else 'ended'} {one.valid_until})"
    return f"{one.reference} ({'fin' if fr else 'until'} {one.valid_until})"


def analyses(application: Application, material: Material, *, fr: bool) -> str:
    """List what is on record for an application."""
    names = [f"{ANALYSIS_NAMES[one.kind][fr]} : {_cited(one, material, fr=fr)}" for one in application.analyses]
    return " ; ".join(names) or ("rien n'est enregistré" if fr else "nothing is on record")


MONTHS = (
    ("January", "janvier"),
    ("February", "février"),
    ("March", "mars"),
    ("April", "avril"),
    ("May", "mai"),
    ("June", "juin"),
    ("July", "juillet"),
    ("August", "août"),
    ("September", "septembre"),
    ("October", "octobre"),
    ("November", "novembre"),
    ("December", "décembre"),
)


def day(moment: str, *, fr: bool) -> str:
    """Write the day of an RFC 3339 moment, or of a date, for a reader; anything else as it is."""
    try:
        found = date.fromisoformat(moment[:10])
    except ValueError:
        return moment
    number = "1er" if fr and found.day == 1 else str(found.day)
    return f"{number} {MONTHS[found.month - 1][fr]} {found.year}"


def officer(material: Material, *, fr: bool) -> str:
    """Say who the data protection officer is, or where to write it."""
    named = ("Data protection officer", "Délégué à la protection des données")
    if material.contact:
        return line(named, material.contact, fr=fr)
    how = ("the address is written in the settings", "son adresse s'écrit dans les réglages")
    return line(named, f"{missing(fr=fr)} ({line(how, '[console] contact', fr=fr)})", fr=fr)


def basis(material: Material, *, fr: bool) -> str:
    """Say on which facts and traffic a report rests."""
    facts, since, until = (day(one, fr=fr) for one in (material.date, material.since, material.until))
    named = material.snapshot[:12]
    if since == "-":
        return (
            f"Faits enregistrés au {facts} (instantané {named}) ; aucune décision dans la période."
            if fr
            else f"Facts on record on {facts} (snapshot {named}); no decision in the period."
        )
    if fr:
        return (
            f"Faits enregistrés au {facts} (instantané {named}) ; décisions du {since} au {until}, d'après le registre "
            "des passages, qui ne garde aucun texte."
        )
    return (
        f"Facts on record on {facts} (snapshot {named}); decisions from {since} to {until}, from the trail, which "
        "keeps no text."
    )


ROLES = {
    "runs": ("runs on", "fonctionne sur"),
    "stores": ("stores on", "conserve sur"),
    "backs_up": ("backs up on", "sauvegarde sur"),
    "telemetry": ("sends telemetry to", "envoie sa télémétrie sur"),
}


def places(material: Material, *, fr: bool) -> str:
    """Say where the gateway runs, stores and backs up."""
    names = {"own_premises": ("own premises", "vos locaux"), "unknown": ("an unknown place", "un lieu inconnu")}
    told = (
        f"{ROLES[role][fr] if role in ROLES else role} {names[name][fr] if name in names else name}"
        for role, name in material.places
    )
    return ", ".join(told)


def limits(material: Material, *, fr: bool) -> tuple[str, ...]:
    """Say what is not checked."""
    return tuple(pair[fr] for pair in material.not_checked)
