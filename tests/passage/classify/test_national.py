"""National numbers that others published as right are proven, and the same with another digit at the end are not."""

import pytest

from ecluse.passage.classify import Engine
from ecluse.passage.classify.national import mod_11_10
from ecluse.passage.classify.recogniser import PROVEN

PUBLISHED = {
    "de_steuer_id": "Steuer-ID 36 574 261 809",
    "es_dni": "DNI 54362315-K",
    "it_codice_fiscale": "codice fiscale RCCMNL83S18D969H",
    "be_national_number": "numéro national 85 07 30 033 28",
    "nl_bsn": "BSN 111222333",
    "pl_pesel": "PESEL 44051401359",
    "ro_cnp": "CNP 1630615123457",
    "se_personnummer": "personnummer 880320-0016",
    "at_svnr": "SV-Nummer 1237 010180",
    "ie_pps": "PPS number 6433435F",
    "fi_hetu": "hetu 131052-308T",
    "cz_rodne_cislo": "rodné číslo 710319/2745",
    "hr_oib": "OIB 33392005961",
    "us_ssn": "SSN 536-90-4399",
    "fr_tax_number": "numéro fiscal 30 23 217 600 053",
    "ee_isikukood": "Isikukood: 36805280109",
    "lt_asmens_kodas": "asmens kodas 33309240064",
    "bg_egn": "EGN 752316 926 3",
    "gr_amka": "AMKA 01013099997",
    "si_emso": "EMŠO 0101006500006",
    "lv_personas_kods": "personas kods 161175-19997",
    "hu_adoazonosito": "adóazonosító jel 8365670003",
    "hu_taj": "TAJ 111 111 110",
    "cy_tin": "TIN 00123123T",
    "lu_matricule": "matricule 1893120105732",
    "nir": "NIR 2 95 10 99 126 111 93",
}
"""Examples in the documentation of python-stdnum (https://arthurdejong.org/python-stdnum/).

Those of Hungary, Cyprus and Luxembourg are of the sources that their recognisers name; that of TAJ is made by its rule.
"""


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_number_is_proven(name: str, detector: Engine) -> None:
    (claim,) = detector.search(PUBLISHED[name])
    assert claim.recogniser.name == name
    assert claim.confidence == PROVEN


@pytest.mark.parametrize("name", sorted(PUBLISHED.keys() - {"us_ssn"}))
def test_a_number_with_another_end_is_not_proven(name: str, detector: Engine) -> None:
    text = PUBLISHED[name]
    other = text[:-1] + ("1" if text[-1] == "0" else "A" if text[-1].isalpha() and text[-1] != "A" else "0")
    assert all(claim.confidence < PROVEN for claim in detector.search(other))


def test_nine_digits_without_a_word_are_nobodys(detector: Engine) -> None:
    assert detector.search("Le numéro de commande est 111222333.") == ()


def test_one_digit_more_changes_the_check() -> None:
    assert mod_11_10("33392005961")
    assert not mod_11_10("33392005962")


VAT = (
    "FR23334175221", "BE0428759497", "DE136695976", "DK13585628", "EL094259216", "FI20774740",
    "HR33392005961", "HU12892312", "IT00743110157", "LU15027442", "PL8567346215", "PT501964843", "SE123456789701",
    "SI50223054", "SK2022749619",
)  # fmt: skip
"""Examples in the documentation of python-stdnum."""


@pytest.mark.parametrize("number", VAT)
def test_a_published_vat_number_is_right_and_decides_nothing(number: str, detector: Engine) -> None:
    text = f"La pièce {number} est jointe"
    assert [c.recogniser.name for c in detector.search(text, indirect=True)] == ["vat_number"]
    assert detector.search(text) == ()


@pytest.mark.parametrize("number", VAT)
def test_a_vat_number_with_another_digit_needs_its_word(number: str, detector: Engine) -> None:
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    if number.startswith("SE"):
        wrong = number[:5] + str((int(number[5]) + 1) % 10) + number[6:]
    assert detector.search(f"La pièce {wrong} est jointe", indirect=True) == ()
