"""France: FINESS, the number of a health establishment. It names nobody by itself.

Source: DREES, "Le fichier national des établissements sanitaires et sociaux": nine digits, the first two
the département.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import luhn
from ecluse.passage.classify.national import number
from ecluse.passage.classify.recogniser import Recogniser

RECOGNISER = Recogniser(
    name="finess",
    kind="finess",
    data_class=DataClass.PERSONAL,
    patterns=(
        r"\b\d{9}\b",
        r"(?:^|[^0-9 ]| {2}|[^0-9] )\d(?: \d){8}\b",
        r"\b\d{2} \d{3} \d{3} \d\b",
    ),
    verify=number(luhn, "finess"),
    indirect=True,
    revision=2,
)
