"""The register of processing of GDPR article 30(1), one row for each application.

Law: it drafts what the record and the trail know; what only the controller knows is left to be completed, visibly.
Source: Regulation (EU) 2016/679, article 30(1).
"""

from ecluse.domain.caller import AnalysisKind, Application
from ecluse.prove.reports.document import Report, Section, Table, missing
from ecluse.prove.reports.material import Material
from ecluse.prove.reports.saying import (
    basis,
    classes,
    limits,
    named,
    officer,
    on_record,
    outside,
    seen,
    sent,
    terms,
    where,
    who,
)

COLUMNS = {
    False: (
        "processing",
        "register entry",
        "purposes (b)",
        "people concerned (c)",
        "data (c)",
        "recipients (d)",
        "third countries and tool (e)",
        "time limits (f)",
        "measures (g)",
        "requests sent",
    ),
    True: (
        "traitement",
        "inscription au registre",
        "finalités (b)",
        "personnes concernées (c)",
        "données (c)",
        "destinataires (d)",
        "pays tiers et garantie (e)",
        "délais d'effacement (f)",
        "mesures (g)",
        "requêtes envoyées",
    ),
}
MEASURES = {
    False: "rules decide before sending; masking where on record; signed trail without text; keys by application",
    True: "règles avant l'envoi ; pseudonymisation si enregistrée ; registre signé sans texte ; clés par application",
}


def register(material: Material, *, fr: bool) -> Report:
    """Draft the register of one organisation."""
    rows = tuple(_row(material, application, fr=fr) for application in material.applications)
    name = material.organisation.name
    return Report(
        id="register",
        title=f"Registre des activités de traitement : {name}" if fr else f"Register of processing activities: {name}",
        language="fr" if fr else "en",
        intro=(
            "Projet au sens de l'article 30(1) du RGPD, pour les traitements qui passent par Ecluse."
            if fr
            else "A draft under GDPR article 30(1), for the processing that passes through Ecluse.",
            basis(material, fr=fr),
        ),
        sections=(
            Section(
                title="Responsable de traitement (a)" if fr else "Controller (a)",
                says=(
                    name,
                    officer(material, fr=fr),
                ),
            ),
            Section(title="Traitements" if fr else "Processing", table=Table(columns=COLUMNS[fr], rows=rows)),
            Section(title="Ce qui n'est pas vérifié" if fr else "What is not checked", says=limits(material, fr=fr)),
        ),
    )


def _row(material: Material, application: Application, *, fr: bool) -> tuple[str, ...]:
    uses = material.uses_of(application.id)
    recipients = material.received(application.id)
    nobody = "aucun sur la période" if fr else "none in the period"
    abroad = [
        f"{one.destination.id} : {where(one, fr=fr)} ; {one.tool or missing(fr=fr)}"
        for one in recipients
        if outside(one)
    ]
    return (
        application.name,
        on_record(application, AnalysisKind.REGISTER_ENTRY, material, fr=fr),
        ", ".join(application.purposes),
        missing(fr=fr),
        classes(application.declared | seen(uses), fr=fr),
        " ; ".join(f"{who(one, fr=fr)} [{named(one, fr=fr)}]" for one in recipients) or nobody,
        " ; ".join(abroad)
        or ("aucun transfert hors EEE enregistré" if fr else "no transfer outside the EEA on record"),
        " ; ".join(f"{one.destination.id} : {terms(one, fr=fr)}" for one in recipients) or nobody,
        MEASURES[fr],
        str(sum(use.requests for use in sent(uses))),
    )
