"""Material for a data protection impact assessment: what article 35(7) asks, as far as the record knows it.

Law: it describes and lists; the assessment of necessity and of risks is the controller's, and is left open.
Source: Regulation (EU) 2016/679, article 35(7).
"""

from ecluse.domain.caller import AnalysisKind, Application
from ecluse.prove.reports.document import Report, Section, Table, missing
from ecluse.prove.reports.material import Material
from ecluse.prove.reports.saying import (
    analyses,
    basis,
    classes,
    compelled,
    limits,
    line,
    named,
    on_record,
    places,
    seen,
    terms,
    where,
    who,
)

COLUMNS = {
    False: (
        "destination",
        "recipient",
        "processed in",
        "law of third countries",
        "terms",
        "attestations",
        "requests",
        "masked",
    ),
    True: (
        "destination",
        "destinataire",
        "traité dans",
        "droit de pays tiers",
        "conditions",
        "qualifications",
        "requêtes",
        "dont pseudonymisées",
    ),
}

IMPACT = ("Impact assessment", "Analyse d'impact")


def impact(material: Material, *, fr: bool) -> Report:
    """Gather what an impact assessment of each application needs."""
    name = material.organisation.name
    return Report(
        id="impact",
        title=f"Éléments pour l'analyse d'impact : {name}" if fr else f"Material for the impact assessment: {name}",
        language="fr" if fr else "en",
        intro=(
            "Éléments au sens de l'article 35(7) du RGPD. L'appréciation de la nécessité et des risques appartient au "
            "responsable de traitement."
            if fr
            else "Material under GDPR article 35(7). Judging necessity and risk is the controller's.",
            basis(material, fr=fr),
        ),
        sections=(
            *(_section(material, application, fr=fr) for application in material.applications),
            Section(
                title="Mesures en place" if fr else "Measures in place",
                says=(
                    "Chaque requête est classée puis jugée par des règles avant l'envoi ; ce qui échoue est refusé."
                    if fr
                    else "Each request is classified and judged by rules before it is sent; what errs is refused.",
                    f"La passerelle est jugée comme un lieu ; elle {places(material, fr=fr)}."
                    if fr
                    else f"The gateway is judged as a place; it {places(material, fr=fr)}.",
                    "Un registre signé garde qui a envoyé quelles classes où, sans texte ; un tiers peut le vérifier."
                    if fr
                    else "A signed trail keeps who sent which classes where, without text; a stranger can verify it.",
                ),
            ),
            Section(title="Ce qui n'est pas vérifié" if fr else "What is not checked", says=limits(material, fr=fr)),
        ),
    )


def _section(material: Material, application: Application, *, fr: bool) -> Section:
    uses = material.uses_of(application.id)
    rows = []
    for one in material.received(application.id):
        mine = [use for use in uses if use.destination == one.destination.id]
        rows.append(
            (
                named(one, fr=fr),
                who(one, fr=fr),
                where(one, fr=fr),
                compelled(one, fr=fr),
                terms(one, fr=fr),
                ", ".join(one.attestations) or "-",
                str(sum(use.requests for use in mine)),
                str(sum(use.requests for use in mine if use.masked)),
            )
        )
    refused = sum(use.requests for use in uses if use.destination is None)
    purposes = ", ".join(application.purposes)
    return Section(
        title=application.name,
        says=(
            line(("Purposes", "Finalités"), f"{purposes}.", fr=fr),
            line(("Data", "Données"), f"{classes(application.declared | seen(uses), fr=fr)}.", fr=fr),
            line(("Requests refused", "Requêtes refusées"), f"{refused}.", fr=fr),
            line(("On record", "Au dossier"), f"{analyses(application, material, fr=fr)}.", fr=fr),
            line(IMPACT, f"{on_record(application, AnalysisKind.IMPACT_ASSESSMENT, material, fr=fr)}.", fr=fr),
            line(("Necessity and proportionality", "Nécessité et proportionnalité"), f"{missing(fr=fr)}.", fr=fr),
            line(("Risks for people", "Risques pour les personnes"), f"{missing(fr=fr)}.", fr=fr),
        ),
        table=Table(columns=COLUMNS[fr], rows=tuple(rows)) if rows else None,
    )
