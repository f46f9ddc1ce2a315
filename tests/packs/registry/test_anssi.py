"""Section 3.3.1 of ANSSI's catalogue: read whole, or refused."""

import re
from dataclasses import replace
from datetime import date

import pytest

from ecluse.packs.errors import PackError
from ecluse.packs.registry.anssi import read_catalogue
from tests.packs.registry.catalogue import KNOWN, OTHERS, Row, catalogue

OUTSCALE = KNOWN[3]


def test_each_service_is_read_with_its_dates_decision_and_kinds() -> None:
    found = read_catalogue("catalogue.pdf", catalogue())
    assert (found.updated, len(found.services)) == (date(2026, 9, 15), len(KNOWN) + len(OTHERS))
    temple = found.services[4]
    assert (temple.provider, temple.service) == ("Cloud Temple", "IaaS Secure Temple (VMware, open source)")
    assert (temple.valid_from, temple.valid_until, temple.decision) == (date(2026, 7, 31), date(2028, 5, 30), "3389")
    assert found.services[5].kinds == ("PaaS", "CaaS", "IaaS")
    assert found.services[-1].decision is None


def test_a_name_over_several_lines_is_put_together() -> None:
    row = Row(
        provider="Société", service="de co-", begins="01/01/2025", ends="01/01/2028", above="Suite", below="edition"
    )
    assert read_catalogue("c", catalogue([*KNOWN, *OTHERS, row])).services[-1].service == "Suite de co-edition"


ENDED = replace(OUTSCALE, ends="30/11/2025")
REVERSED = replace(OUTSCALE, begins="30/11/2026", ends="30/11/2023")
UNMARKED = replace(OUTSCALE, kinds=())
NAMELESS = replace(OUTSCALE, service="")
NO_DAY = replace(OUTSCALE, ends="31/11/2026")


@pytest.mark.parametrize(
    "row", [ENDED, REVERSED, UNMARKED, NAMELESS, NO_DAY], ids=["ended", "reversed", "unmarked", "nameless", "no_day"]
)
def test_a_row_that_looks_wrong_refuses_the_whole(row: Row) -> None:
    with pytest.raises(PackError):
        read_catalogue("c", catalogue([row, *KNOWN, *OTHERS]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        catalogue().replace("mis à jour le", "du"),
        catalogue().replace("\n3.3.1 Liste des services qualifiés SecNumCloud\n", "\n"),
        catalogue().replace("\n3.3.2 Autres services\nfin", ""),
        catalogue(KNOWN),
        catalogue().replace("Nom du service", "Service"),
        catalogue().replace("3.3.1", "3.4.1").replace("3.3.2", "3.4.2"),
        catalogue().replace("28/12/2023    29/12/2026", "28/12/2023    sans terme"),
        catalogue().replace("Fin           Décision", "Décision      Fin").replace("28/12/2023    29/12/2026", "2279"),
        re.sub(r"\n\n(OVH +Bare Metal)", r"\n\1", catalogue()).replace("24/03/2025    24/03/2028", "-"),
    ],
    ids=[
        "empty",
        "undated",
        "no section",
        "cut off",
        "few services",
        "other columns",
        "another number",
        "one date",
        "other dates",
        "two services in a block",
    ],
)
def test_a_document_that_looks_wrong_is_refused(text: str) -> None:
    with pytest.raises(PackError):
        read_catalogue("c", text)
