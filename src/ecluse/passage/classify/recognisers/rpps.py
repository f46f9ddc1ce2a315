"""France: RPPS, the number of a health professional, eleven digits with the Luhn sum.

Source: arrêté of 6 February 2009 on the Répertoire partagé des professionnels de santé; ANS, "RPPS".
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import luhn
from ecluse.passage.classify.national import number
from ecluse.passage.classify.recogniser import Recogniser

RECOGNISER = Recogniser(
    name="rpps",
    kind="rpps",
    data_class=DataClass.PERSONAL,
    patterns=(
        r"\b1\d{10}\b",
        r"(?:^|[^0-9 ]| {2}|[^0-9] )1(?: \d){10}\b",
    ),
    verify=number(luhn, "rpps|repertoire partage"),
    revision=2,
)
