"""Our kinds by the names that Presidio gives them (https://microsoft.github.io/presidio/supported_entities/).

Law: a kind without a name of Presidio's is told by its own name in capitals: nothing found is left out.
"""

from collections.abc import Mapping

UNREADABLE = "UNREADABLE"
"""A text that holds what cannot be read, such as a file in base64."""
BY_RECOGNISER: Mapping[str, str] = {
    "de_steuer_id": "DE_TAX_ID",
    "es_dni": "ES_NIF",
    "fi_hetu": "FI_PERSONAL_IDENTITY_CODE",
    "it_codice_fiscale": "IT_FISCAL_CODE",
    "pl_pesel": "PL_PESEL",
    "us_ssn": "US_SSN",
}
"""National identifiers that Presidio names apart."""
BY_KIND: Mapping[str, str] = {
    "adeli": "FR_ADELI",
    "birth_date": "DATE_TIME",
    "date": "DATE_TIME",
    "duration": "DATE_TIME",
    "email": "EMAIL_ADDRESS",
    "email_shared": "EMAIL_ADDRESS",
    "finess": "FR_FINESS",
    "iban": "IBAN_CODE",
    "ip_address": "IP_ADDRESS",
    "ip_network": "IP_ADDRESS",
    "nationality": "NRP",
    "nir": "FR_NIR",
    "organisation": "ORGANIZATION",
    "payment_card": "CREDIT_CARD",
    "person": "PERSON",
    "phone": "PHONE_NUMBER",
    "place": "LOCATION",
    "postal_address": "LOCATION",
    "postcode": "LOCATION",
    "rpps": "FR_RPPS",
    "siret": "FR_SIRET",
    "special_category": "NRP",
    "time_of_day": "DATE_TIME",
    "vat_number": "EU_VAT",
}


def entity(kind: str, recogniser: str) -> str:
    """Return the name of what was found."""
    return BY_RECOGNISER.get(recogniser) or BY_KIND.get(kind) or kind.upper()
