"""Inputs of a transfer assessment: who outside the Union may process or be compelled, by which path, under which tool.

Law: a possible reach is told as possible and an unknown one as unknown; whether the law of a country is compatible is
the exporter's judgement. Source: Regulation (EU) 2016/679, chapter V.
"""

from ecluse.domain.caller import AnalysisKind
from ecluse.prove.reports.document import Report, Section, Table, missing
from ecluse.prove.reports.material import Material, Recipient
from ecluse.prove.reports.saying import basis, classes, compelled, limits, named, on_record, outside, where, who

COLUMNS = {
    False: (
        "application",
        "destination",
        "importer",
        "processed in",
        "adequacy on record",
        "tool of article 46",
        "law of third countries",
        "data",
        "requests as is",
        "requests masked",
        "transfer assessment",
    ),
    True: (
        "application",
        "destination",
        "importateur",
        "traité dans",
        "adéquation enregistrée",
        "garantie de l'article 46",
        "droit de pays tiers",
        "données",
        "requêtes en clair",
        "requêtes pseudonymisées",
        "évaluation du transfert",
    ),
}


def transfers(material: Material, *, fr: bool) -> Report:
    """List the transfers, and what is processed in the Union by those whom a third country can compel."""
    rows = tuple(row for one in material.applications for row in _rows(material, one.id, fr=fr))
    nothing = (
        "Aucune requête de la période n'est allée hors de l'EEE, ni chez qui un pays tiers peut contraindre."
        if fr
        else "No request of the period went outside the EEA, or to a recipient that a third country can compel."
    )
    return Report(
        id="transfers",
        title="Éléments pour l'évaluation des transferts" if fr else "Inputs of the transfer assessment",
        language="fr" if fr else "en",
        intro=(
            "Chapitre V du RGPD : transferts hors EEE, et traitements par qui un pays tiers peut contraindre."
            if fr
            else "GDPR, chapter V: transfers outside the EEA, and processing by whom a third country can compel.",
            basis(material, fr=fr),
        ),
        sections=(
            Section(
                title="Transferts et expositions" if fr else "Transfers and exposures",
                says=() if rows else (nothing,),
                table=Table(columns=COLUMNS[fr], rows=rows) if rows else None,
            ),
            Section(
                title="Sources",
                says=tuple(dict.fromkeys(text for one in _concerned(material) for text in one.sources)) or ("-",),
            ),
            Section(title="Ce qui n'est pas vérifié" if fr else "What is not checked", says=limits(material, fr=fr)),
        ),
    )


def _concerned(material: Material) -> tuple[Recipient, ...]:
    used = dict.fromkeys(use.destination for use in material.uses if use.destination is not None)
    known = (material.recipients[name] for name in used if name in material.recipients)
    return tuple(one for one in known if _reached(one))


def _reached(one: Recipient) -> bool:
    return outside(one) or bool(one.compelled_certain or one.compelled_possible) or not one.exposure_known


def _adequacy(one: Recipient, *, fr: bool) -> str:
    """Name the adequate countries; for those that are so on a condition, say that it was not checked."""
    condition = "sous condition, non vérifiée" if fr else "on a condition that was not checked"
    return ", ".join([*one.adequate, *(f"{country} ({condition})" for country in one.adequate_if)]) or "-"


def _rows(material: Material, application: str, *, fr: bool) -> list[tuple[str, ...]]:
    record = next(one for one in material.applications if one.id == application)
    rows: list[tuple[str, ...]] = []
    for one in material.received(record.id):
        if not _reached(one):
            continue
        mine = [use for use in material.uses_of(record.id) if use.destination == one.destination.id]
        found = frozenset(each for use in mine for each in use.classes)
        rows.append(
            (
                record.name,
                named(one, fr=fr),
                who(one, fr=fr),
                where(one, fr=fr),
                _adequacy(one, fr=fr),
                one.tool or missing(fr=fr),
                compelled(one, fr=fr),
                classes(found | record.declared, fr=fr),
                str(sum(use.requests for use in mine if not use.masked)),
                str(sum(use.requests for use in mine if use.masked)),
                on_record(record, AnalysisKind.TRANSFER_ASSESSMENT, material, fr=fr),
            )
        )
    return rows
