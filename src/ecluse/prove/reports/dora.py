"""Rows for the register of information of DORA: which ICT service supports which function, through which chain.

Law: it fills what the record knows, in the order of the chain; contract references, functions and their criticality are
the financial entity's. It does not claim to be the template of the implementing regulation.
Source: Regulation (EU) 2022/2554, article 28(3); Implementing Regulation (EU) 2024/2956.
"""

from collections.abc import Iterable

from ecluse.domain.caller import AnalysisKind, Application
from ecluse.domain.destination import OperatedBy
from ecluse.prove.reports.document import Report, Section, Table, missing, unknown
from ecluse.prove.reports.material import Material, Part, Recipient, Use
from ecluse.prove.reports.saying import basis, classes, compelled, limits, on_record, seen, service, where

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
PARTS = {
    Part.MACHINES: ("IaaS", "IaaS"),
    Part.SUB_PROCESSOR: ("sub-processor on record", "sous-traitant enregistré"),
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
                    "Rang 1 : le prestataire du modèle. Rangs suivants : l'exploitant de ses machines, ses sous-"
                    "traitants, le destinataire de ce que le modèle envoie à un outil hébergé, s'ils sont enregistrés."
                    if fr
                    else "Rank 1: the provider of the model. Next ranks: who runs its machines, its sub-processors and "
                    "who receives what the model sends to a hosted tool, where that is on record.",
                ),
                table=Table(columns=COLUMNS[fr], rows=rows) if rows else None,
            ),
            Section(title="Ce qui n'est pas vérifié" if fr else "What is not checked", says=limits(material, fr=fr)),
        ),
    )


def _rows(material: Material, application: str, *, fr: bool) -> list[tuple[str, ...]]:
    record = next(one for one in material.applications if one.id == application)
    rows: list[tuple[str, ...]] = []
    called = {use.destination for use in material.uses_of(record.id) if use.through is not None}
    for one in material.received(record.id):
        mine = [use for use in material.uses_of(record.id) if use.destination == one.destination.id]
        if one.destination.id not in called:
            rows += _chain(material, record, one, [use for use in mine if use.through is None], rank=1, fr=fr)
        for tool in material.called(record.id, one.destination.id):
            mine = [use for use in material.uses_of(record.id) if use.destination == tool.destination.id]
            through = [use for use in mine if use.through == one.destination.id]
            rows += _chain(material, record, tool, through, rank=1 + (_third(tool, one)), fr=fr)
    return rows


def _third(tool: Recipient, caller: Recipient) -> bool:
    """Whether a hosted tool is run by another than the model's provider and the financial entity itself."""
    mine = tool.destination.operated_by is OperatedBy.CALLER
    return not mine and tool.destination.provider != caller.destination.provider


def _chain(
    material: Material, record: Application, one: Recipient, uses: Iterable[Use], *, rank: int, fr: bool
) -> list[tuple[str, ...]]:
    """Return the row of a recipient, and those of the companies on record under it."""
    mine = list(uses)
    contract = one.destination.provider in material.organisation.contracts
    asked = ("oui" if fr else "yes") if contract else ("non" if fr else "no")
    links = [(rank, one.entity or one.provider, one.seat, _service(one, fr=fr), asked)]
    links += [(rank + b.depth, b.name, b.seat, PARTS[b.part][fr], unknown(fr=fr)) for b in one.below]
    return [
        (
            record.name,
            missing(fr=fr),
            on_record(record, AnalysisKind.DORA_REGISTER, material, fr=fr),
            str(at),
            name,
            seat or unknown(fr=fr),
            what,
            known,
            where(one, fr=fr),
            compelled(one, fr=fr),
            classes(record.declared | seen(mine), fr=fr),
            str(sum(use.requests for use in mine)),
        )
        for at, name, seat, what, known in links
    ]


def _service(one: Recipient, *, fr: bool) -> str:
    return f"{service(one, fr=fr)} [{one.destination.id}]" if one.hosted else f"{one.offer} [{one.destination.id}]"
