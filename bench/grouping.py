"""Labels of different detectors and corpora to common groups, so that they can be counted side by side."""

_GROUPS = {
    "PER": "PER PERSON PATRONYME PRENOM NOM GIVEN_NAME SURNAME PERSON_NAME",
    "LOC": "LOC LOCATION GPE FAC COMMUNE VOIE VILLE CITY STATE STREET_NAME BUILDING_NUMBER ZIP_CODE ADDRESS ZIP ADRESSE"
    " STREET_ADDRESS SECONDARY_ADDRESS CODE_POSTAL POSTAL_CODE",
    "ORG": "ORG ORGANIZATION HOPITAL HOSPITAL",
    "DATE": "DATE DATE_TIME BIRTH_DATE DOB DATE_NAISSANCE DDN TIME",
    "IP": "IP IP_ADDRESS IPV6_ADDRESS",
    "NID": "NIR SSN US_SSN SECU SWISS_AVS NATIONAL_ID GOVERNMENT_ID SOCIAL_SECURITY AVS",
    "MISC": "MISC EVENT WORK_OF_ART NORP PRODUCT LAW LANGUAGE",
    "PHONE": "TEL TELEPHONE",
    "EMAIL": "MAIL",
    "IBAN": "BANK_ACCOUNT",
    "CARD": "CARTE_BANCAIRE",
}
_OF = {label: name for name, labels in _GROUPS.items() for label in labels.split()}
_INSIDE = ("EMAIL", "PHONE", "IBAN", "CARD")

Span = tuple[int, int, str]


def group(label: str) -> str:
    """Return the group of a label; one that no group has is its own."""
    label = label.upper()
    return _OF.get(label) or next((name for name in _INSIDE if name in label), f"OTHER:{label}")


def merged(spans: list[Span], text: str) -> list[Span]:
    """Make one of persons side by side: corpora differ on given name and surname."""
    found: list[Span] = []
    for start, end, name in sorted(spans):
        last = found[-1] if found else None
        if last and name == "PER" == last[2] and not text[last[1] : start].strip(" \u00a0-"):
            found[-1] = (last[0], max(end, last[1]), name)
        else:
            found.append((start, end, name))
    return found
