"""Croatia: OIB, eleven digits, ISO 7064 MOD 11,10.

Source: Zakon o osobnom identifikacijskom broju (NN 60/08), art. 4.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import mod_11_10, number
from ecluse.passage.classify.recogniser import Recogniser

RECOGNISER = Recogniser(
    name="hr_oib",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b\d{11}\b",),
    verify=number(mod_11_10, "oib|osobni identifikacijski broj"),
)
