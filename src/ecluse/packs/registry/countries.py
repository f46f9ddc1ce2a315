"""Three perimeters that are never merged: the Union, the EEA, and the countries of the world.

Law: SecNumCloud counts the Union alone, HDS the EEA, the GDPR the EEA and what is adequate. ISO 3166-1 alpha-2 codes.
"""

from ecluse.domain.destination import Scope

_UNION = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"

EU27 = frozenset(_UNION.split())
"""SecNumCloud 3.2, chapters 19.2 and 19.6: Switzerland, the United Kingdom and Norway are outside."""

EEA30 = EU27 | {"IS", "LI", "NO"}
"""HDS 2.0, requirement 28."""

_ISO_3166 = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY
BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK
FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR
IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK
ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF
TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""

COUNTRIES = frozenset(_ISO_3166.split())

COUNTED = {"eu27": EU27, "eea30": EEA30}
"""What the rules count, by the name under which the registry gives it with its source."""

PERIMETER = {Scope.EU: EU27, Scope.EEA: EEA30}
"""The countries that a scope may name; other scopes may name any."""
