"""The type word of a surrogate, from the kind that a recogniser gives to a finding.

Law: the word tells a model what it reads (a person, an address) and nothing of the value. A kind is read by its parts
(`fr_phone_number`), and what says nothing gets the word of its data class: none is left without.
"""

import re
from collections.abc import Mapping

from ecluse.domain.finding import DataClass
from ecluse.domain.vault import SurrogateType

_PARTS: Mapping[SurrogateType, str] = {
    SurrogateType.EMAIL: "email mail",
    SurrogateType.PHONE: "phone telephone tel mobile fax",
    SurrogateType.IBAN: "iban",
    SurrogateType.CARD: "card pan",
    SurrogateType.NIR: "nir nia ssn",
    SurrogateType.IP: "ip ipv4 ipv6 mac",
    SurrogateType.LINK: "url link uri",
    SurrogateType.DATE: "date birth birthdate dob birthday",
    SurrogateType.ACCOUNT: "account bic rib swift wallet",
    SurrogateType.PLATE: "plate vehicle vin",
    SurrogateType.ADDRESS: "address street",
    SurrogateType.PLACE: "place location city commune postcode postal gps coordinates",
    SurrogateType.ORG: "org organisation organization company siren siret employer",
    SurrogateType.IDENT: "id ident identifier passport licence license number spi rpps adeli ine ipp finess vat tax",
    SurrogateType.PERSON: "person name surname forename firstname lastname given per patient",
}
_BY_CLASS: Mapping[DataClass, SurrogateType] = {
    DataClass.NATIONAL_ID: SurrogateType.IDENT,
    DataClass.PAYMENT: SurrogateType.ACCOUNT,
}
_SEPARATORS = re.compile(r"[^a-z0-9]+")


def word_of(kind: str, data_class: DataClass) -> SurrogateType:
    """Return the type word for a finding."""
    parts = set(_SEPARATORS.split(kind.lower()))
    for word, known in _PARTS.items():
        if not parts.isdisjoint(known.split()):
            return word
    return _BY_CLASS.get(data_class, SurrogateType.VALUE)
