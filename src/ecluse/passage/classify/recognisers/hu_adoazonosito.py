"""Hungary: the tax number of a person (adóazonosító jel), ten digits from 8, modulo eleven.

The first nine digits count by their places. Source: the example and the rule at
http://muzso.hu/2011/10/26/adoazonosito-jel-ellenorzo-osszeg-generator, opened in November 2026.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import number, weighed
from ecluse.passage.classify.recogniser import Recogniser


def _right(value: str) -> bool:
    return weighed(value[:9], range(1, 10)) % 11 == int(value[9])


RECOGNISER = Recogniser(
    name="hu_adoazonosito",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b8\d{9}\b",),
    verify=number(_right, "adoazonosito(?: jel)?|adoazonosito jele|hungarian tax (?:id|number)"),
)
