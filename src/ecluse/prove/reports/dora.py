"""Rows for the register of information of DORA: which ICT service supports which function, through which chain.

Law: it fills what the record knows, in the order of the chain; contract references, functions and their criticality are
the financial entity's. It does not claim to be the template of the implementing regulation.
Source: Regulation (EU) 2022/2554, article 28(3); Implementing Regulation (EU) 2024/2956.
"""

from ecluse.domain.caller import AnalysisKind
from ecluse.prove.reports.document import Report, Section, Table, missing, unknown
from ecluse.prove.reports.material import Material, Recipient
from ecluse.prove.reports.saying import basis, classes, compelled, limits, on_record, seen, where

COLUMNS = {
    False: (
        "function (application)",
        "critical or important",
        "register entry",
        "rank in the chain",
        "provider",
        "seat",
        "service",
        "contract on record",
        "processed in",
        "law of third countries",
        "data",
        "requests",
    ),
    True: (
        "fonction (application)",
        "critique ou importante",
        "inscription au registre",
        "rang dans la chaîne",
        "prestataire",
        "siège",
        "service",
        "contrat enregistré",
        "traité dans",
        "droit de pays tiers",
        "données",
        "requêtes",
    ),
}


def dora(material: Material, *, fr: bool) -> Report:
    """Draft the rows of one financial entity."""
    rows = tuple(row for one in material.applications for row in _rows(material, one.id, fr=fr))
    return Report(
        id="dora",
        title="Registre d'informations DORA : lignes" if fr else "DORA register of information: rows",
        language="fr" if fr else "en",
        intro=(
            "Lignes pour le registre de l'article 28(3) du règlement (UE) 2022/2554, à reporter dans les modèles du "
            "règlement d'exécution (UE) 2024/2956."
            if fr
            else "Rows for the register of article 28(3) of Regulation (EU) 2022/2554, to carry over into the "
            "templates of Implementing Regulation (EU) 2024/2956.",
            basis(material, fr=fr),
        ),
        sections=(
            Section(
                title="Chaîne de sous-traitance" if fr else "Sub-contracting chain",
                says=(
                    "Rang 1 : le prestataire du modèle. Rang 2 : qui fait tourner ses machines, si on le sait."
                    if fr
                    else "Rank 1: the provider of the model. Rank 2: who runs its machines, where it is known.",
                ),
                table=Table(columns=COLUMNS[fr], rows=rows) if rows else None,
            ),
            Section(title="Ce qui n'est pas vérifié" if fr else "What is not checked", says=limits(material, fr=fr)),
        ),
    )


def _rows(material: Material, application: str, *, fr: bool) -> list[tuple[str, ...]]:
    record = next(one for one in material.applications if one.id == application)
    rows: list[tuple[str, ...]] = []
    for one in material.received(record.id):
        mine = [use for use in material.uses_of(record.id) if use.destination == one.destination.id]
        for rank, (name, seat, service) in enumerate(_chain(one, fr=fr), 1):
            rows.append(
                (
                    record.name,
                    missing(fr=fr),
                    on_record(record, AnalysisKind.DORA_REGISTER, material, fr=fr),
                    str(rank),
                    name,
                    seat,
                    service,
                    _contract(material, one, rank, fr=fr),
                    where(one, fr=fr),
                    compelled(one, fr=fr),
                    classes(record.declared | seen(mine), fr=fr),
                    str(sum(use.requests for use in mine)),
                )
            )
    return rows


def _chain(one: Recipient, *, fr: bool) -> list[tuple[str, str, str]]:
    first = (one.entity or one.provider, one.seat or unknown(fr=fr), f"{one.offer} [{one.destination.id}]")
    return [first, (one.host, unknown(fr=fr), "IaaS")] if one.host else [first]


def _contract(material: Material, one: Recipient, rank: int, *, fr: bool) -> str:
    if rank > 1:
        return unknown(fr=fr)
    known = one.destination.provider in material.organisation.contracts
    return ("oui" if fr else "yes") if known else ("non" if fr else "no")
