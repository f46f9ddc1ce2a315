"""A summary of logs for the AI Act: which models served whom, how often, how long the logs are kept.

Law: it counts. Whether a system is of high risk, and so whether article 26(6) binds, is the deployer's to decide.
Sources: Regulation (EU) 2024/1689, articles 12, 26(6) and 50; amended by Regulation (EU) 2026/1744 (in force 27 July
2026). Days of application are the registry's.
"""

from ecluse.prove.reports.document import Report, Section, Table, unknown
from ecluse.prove.reports.material import Material
from ecluse.prove.reports.saying import basis, classes, day, limits, line, service

HIGH_RISK, TRANSPARENCY = "ai_act_high_risk_annex_iii", "ai_act_transparency"
"""The days that the report speaks of, by their id in the registry."""

COLUMNS = {
    False: (
        "application",
        "model or tool",
        "licence of the weights",
        "destination",
        "requests",
        "data",
        "first",
        "last",
    ),
    True: (
        "application",
        "modèle ou outil",
        "licence des poids",
        "destination",
        "requêtes",
        "données",
        "première",
        "dernière",
    ),
}


def ai_act(material: Material, *, fr: bool) -> Report:
    """Summarise the logs of one organisation."""
    names = {one.id: one.name for one in material.applications}
    rows = tuple(
        (
            names.get(use.application, str(use.application)),
            service(material.recipients[use.destination], fr=fr),
            "-"
            if material.recipients[use.destination].hosted
            else material.recipients[use.destination].licence or unknown(fr=fr),
            str(use.destination),
            str(use.requests),
            classes(use.classes, fr=fr),
            day(use.first, fr=fr),
            day(use.last, fr=fr),
        )
        for use in material.uses
        if use.destination is not None and use.destination in material.recipients
    )

    def since(milestone: str) -> str:
        on = material.milestones.get(milestone)
        if on is None:
            return "jour d'application inconnu" if fr else "day of application unknown"
        begun = on <= material.date
        words = ("applicable depuis le" if begun else "applicable à partir du") if fr else "applicable since"
        return f"{words if fr or begun else 'applicable from'} {day(on, fr=fr)}"

    refused = sum(use.requests for use in material.uses if use.destination is None)
    return Report(
        id="ai-act",
        title="Règlement sur l'IA : résumé des journaux" if fr else "AI Act: summary of logs",
        language="fr" if fr else "en",
        intro=(
            "Règlement (UE) 2024/1689, modifié par le règlement (UE) 2026/1744. L'article 26(6) (six mois de journaux) "
            f"s'impose aux déployeurs de systèmes à haut risque ; pour l'annexe III : {since(HIGH_RISK)}."
            if fr
            else "Regulation (EU) 2024/1689, amended by Regulation (EU) 2026/1744. Article 26(6) (six months of logs) "
            f"binds deployers of high-risk systems; for annex III: {since(HIGH_RISK)}.",
            basis(material, fr=fr),
        ),
        sections=(
            Section(
                title="Usages" if fr else "Uses",
                says=(line(("Requests refused", "Requêtes refusées"), f"{refused}.", fr=fr),),
                table=Table(columns=COLUMNS[fr], rows=rows) if rows else None,
            ),
            Section(
                title="Transparence" if fr else "Transparency",
                says=(
                    f"Article 50, {since(TRANSPARENCY)} : il appartient au fournisseur du système d'informer "
                    "chacun qu'il échange avec une IA ; la page de discussion d'Ecluse le dit à chaque réponse."
                    if fr
                    else f"Article 50, {since(TRANSPARENCY)}: telling people that they speak to an AI is the "
                    "duty of whoever provides the system; the chat page of Ecluse says so with each answer.",
                ),
            ),
            Section(title="Ce qui n'est pas vérifié" if fr else "What is not checked", says=limits(material, fr=fr)),
        ),
    )
