"""Networks and internet addresses that are no person's: *10.2.0.0/16*, public resolvers, addresses of documentation.

They tell how something is connected, not who: `indirect`. What may be a person's is `ip_address`.
"""

import ipaddress

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import alone, before
from ecluse.passage.classify.recogniser import LIKELY, Candidate, Hit, Recogniser


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    if not alone(text, start, end) or text[max(0, start - 1) : start] in {"/", ".", "-"}:
        return None
    if before(text, start, 12).rstrip(" .:").endswith(("v", "version", "release")):
        return None
    try:
        ipaddress.ip_network(candidate.value, strict=False)
    except ValueError:
        return None
    return Hit(start, end, LIKELY, "a network, or an address known to be nobody's")


RECOGNISER = Recogniser(
    name="ip_network",
    kind="ip_network",
    data_class=DataClass.PERSONAL,
    patterns=(
        r"\b\d{1,3}(?:\.\d{1,3}){3}/\d{1,2}\b",
        r"\b(?:1\.1\.1\.1|1\.0\.0\.1|8\.8\.8\.8|8\.8\.4\.4|9\.9\.9\.9|80\.67\.169\.(?:12|40))\b",
        r"\b(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}\b",
        r"\b255\.\d{1,3}\.\d{1,3}\.\d{1,3}\b",
    ),
    verify=_verify,
    indirect=True,
)
