"""A catalogue as `pdftotext -layout` shows one: made here, with invented services around those on record."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ecluse.packs.registry import load

COLUMNS = {"SaaS": 74, "PaaS": 82, "CaaS": 90, "IaaS": 98}
DATES, DECISION = 108, 136
HEADING = "Fournisseur           Nom du service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One service. `above` and `below` are lines of its name around the one with the dates."""

    provider: str
    service: str
    begins: str
    ends: str
    decision: str = ""
    kinds: tuple[str, ...] = ("IaaS",)
    above: str = ""
    below: str = ""

    @property
    def lines(self) -> list[str]:
        line = f"{self.provider:<22}{self.service}"
        for kind in self.kinds:
            line = f"{line:<{COLUMNS[kind] + 2}}X"
        line = f"{line:<{DATES}}{self.begins}    {self.ends}"
        line = f"{line:<{DECISION}}{self.decision}".rstrip()
        names = [f"{'':<22}{name}" for name in (self.above, self.below)]
        return [*([names[0]] if self.above else []), line, *([names[1]] if self.below else [])]


KNOWN = (
    Row(
        provider="OVH",
        service="Hosted Private Cloud powered by VMware",
        begins="28/12/2023",
        ends="29/12/2026",
        decision="2279",
    ),
    Row(provider="OVH", service="Bare Metal Pod", begins="24/03/2025", ends="24/03/2028", decision="559"),
    Row(provider="OVH", service="SNC Cloud Platform", begins="31/07/2026", ends="31/07/2029", decision="3393"),
    Row(provider="Outscale", service="IaaS Cloud on Demand", begins="30/11/2023", ends="30/11/2026", decision="2118"),
    Row(
        provider="Cloud Temple",
        service="(VMware, open source)",
        begins="31/07/2026",
        ends="30/05/2028",
        decision="3389",
        above="IaaS Secure Temple",
    ),
    Row(
        provider="Numspot",
        service="Plateforme des services cloud",
        begins="31/07/2026",
        ends="31/07/2029",
        decision="3395",
        kinds=("PaaS", "CaaS", "IaaS"),
    ),
)


def on_record() -> tuple[Row, ...]:
    """Return the other services that the shipped facts have, so that a catalogue leaves none of them out."""
    decisions = {row.decision for row in KNOWN}
    return tuple(
        Row(
            provider=str(record.offer.provider).upper(),
            service=record.offer.name[:48],
            begins=f"{held.valid_from:%d/%m/%Y}",
            ends=f"{held.valid_until:%d/%m/%Y}",
            decision=number[0] if (number := re.findall(r"decision (\d+)", held.reference)) else "",
        )
        for record in load().offers.values()
        for held in record.offer.attestations
        if held.scheme == "secnumcloud" and held.reference.split()[-1] not in decisions
    )


OTHERS = tuple(
    Row(
        provider=f"Société {n}", service=f"Service inventé {n}", begins="01/01/2025", ends="01/01/2028", kinds=("SaaS",)
    )
    for n in range(1, 12)
)


def catalogue(rows: Sequence[Row] = (*KNOWN, *OTHERS), *, updated: str = "15/09/2026") -> str:
    """Return the text of a catalogue, with its table of contents and what stands around the section."""
    header = HEADING
    for kind, column in COLUMNS.items():
        header = f"{header:<{column}}{kind}"
    lines = [
        "Catalogue des produits et services certifiés, qualifiés et agréés",
        f"mis à jour le {updated}",
        "3.3.1 Liste des services qualifiés SecNumCloud ................................ 41",
        "3.3.2 Autres services ......................................................... 44",
        "",
        "3.3.1 Liste des services qualifiés SecNumCloud",
        "",
        f"{header:<{DATES}}Début         Fin           Décision",
        "",
    ]
    for number, row in enumerate(rows):
        if number == 8:
            lines += ["", "ANSSI                                   42", "", "\f" + header, ""]
        lines += [*row.lines, ""]
    return "\n".join([*lines, "3.3.2 Autres services", "fin"])
