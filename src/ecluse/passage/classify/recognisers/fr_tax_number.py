"""France: the tax number of a person (numéro fiscal, SPI), thirteen digits; the last three are the rest modulo 511.

The check was held against the example of python-stdnum's documentation (stdnum.fr.nif).
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import number
from ecluse.passage.classify.recogniser import Recogniser

_MODULUS = 511


def _right(value: str) -> bool:
    return int(value[:10]) % _MODULUS == int(value[10:])


RECOGNISER = Recogniser(
    name="fr_tax_number",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b[0-3]\d[ .]?\d{2}[ .]?\d{3}[ .]?\d{3}[ .]?\d{3}\b",),
    verify=number(
        _right, "(?:numero|n|no|num|identifiant|reference) ?fiscale?|spi|numero de declarant|avis d'imposition"
    ),
)
