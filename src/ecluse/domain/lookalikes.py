"""Which foreign letters look like Latin ones, and what the letters without decomposition stand for.

Law: plain tables. In classification a look-alike counts only inside a token that also has a Latin letter or
a digit, so that Greek or Russian prose stays what it is. Source: Unicode Technical Standard 39, confusables.
"""

from collections.abc import Mapping

_CYRILLIC = (
    "0410:A 0412:B 0415:E 0417:3 041A:K 041C:M 041D:H 041E:O 0420:P 0421:C 0422:T 0423:Y 0425:X 0405:S 0406:I 0408:J "
    "0430:a 0435:e 043E:o 0440:p 0441:c 0443:y 0445:x 0455:s 0456:i 0458:j 0501:d 051B:q 051D:w 04BB:h 04CF:l 04C0:I"
)
_GREEK = (
    "0391:A 0392:B 0395:E 0396:Z 0397:H 0399:I 039A:K 039C:M 039D:N 039F:O 03A1:P 03A4:T 03A5:Y 03A7:X 03DC:F "
    "03B1:a 03B9:i 03BA:k 03BD:v 03BF:o 03C1:p 03C5:u 03F2:c 03F3:j"
)
_ARMENIAN = "0555:O 054D:U 0585:o 0578:n 057D:u 0570:h 0581:g 0566:q 0584:f"
_CHEROKEE = (
    "13AA:A 13F4:B 13CF:C 13A0:D 13AC:E 13C0:G 13BB:H 13A5:i 13AB:J 13E6:K 13DE:L 13B7:M 13E2:P 13A1:R 13D2:R 13DA:S "
    "13A2:T 13D9:V 13B3:W 13C3:Z"
)
_LETTERS = (
    "00C6:AE 00E6:ae 0152:OE 0153:oe 00DF:ss 1E9E:SS 00D8:O 00F8:o 0141:L 0142:l 0110:D 0111:d 00D0:D 00F0:d 00B0:o "
    "00DE:Th 00FE:th 0126:H 0127:h 0131:i 014A:N 014B:n 0166:T 0167:t 0251:a 0261:g 1D00:A 0299:B 1D04:C 1D05:D 1D07:E "
    "A730:F 0262:G 029C:H 026A:I 1D0A:J 1D0B:K 029F:L 1D0D:M 0274:N 1D0F:O 1D18:P 0280:R A731:S 1D1B:T 1D1C:U 1D20:V "
    "1D21:W 028F:Y 1D22:Z"
)
_SIGNS = (
    "2018:' 2019:' 201A:' 201B:' 02BC:' 2032:' 00B4:' 0060:' 201C:\" 201D:\" 201E:\" 2033:\" 00AB:\" 00BB:\" 2039:' "
    "203A:' 2212:- 2043:- 02D7:- 2024:. 00B7:. 2022:. 2027:. 2044:/ 2215:/ 2236:: 02D0:: A789:: 2217:* 2223:|"
)


def _table(*rows: str) -> Mapping[str, str]:
    pairs = (cell.split(":", 1) for row in rows for cell in row.split())
    return {chr(int(point, 16)): stands_for for point, stands_for in pairs}


LOOKALIKES: Mapping[str, str] = _table(_CYRILLIC, _GREEK, _ARMENIAN, _CHEROKEE)
"""One foreign letter to one Latin letter (or digit)."""
PLAIN: Mapping[str, str] = _table(_LETTERS, _SIGNS)
"""Letters and signs that compatibility decomposition leaves alone, as ASCII of one or two characters."""
