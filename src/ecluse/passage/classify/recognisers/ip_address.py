"""Internet addresses, of both versions, that may be a person's.

Source: CJEU C-582/14 (Breyer): an address is personal data for whoever can have it linked to a person. Loopback,
documentation (RFC 5737, RFC 3849), multicast and unspecified addresses, networks and masks are no person's; private
ones are weak, since only the network's owner can link them.
"""

import ipaddress
import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import alone, before
from ecluse.passage.classify.recogniser import LIKELY, WEAK, Candidate, Hit, Recogniser

_VERSION = re.compile(r"(?:\bv|versions?|release|firmware|section|chapitre|article)[ .:#-]{0,3}$")
_OBJECT = re.compile(r"(?:\b|_)oids?(?:\b|_)")
"""What announces an object identifier (ITU-T X.660), which begins with 0, 1 or 2: 2.5.29.14."""
_DOCUMENTATION = tuple(
    map(ipaddress.ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "0.0.0.0/8"))
)
_PUBLIC_RESOLVERS = frozenset(
    map(ipaddress.ip_address, ("1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9", "80.67.169.12", "80.67.169.40"))
)
_FIRST_ARCS = frozenset(("0.", "1.", "2."))
_GROUPS = 4
_ONE_DIGIT_EACH = 7
"""The length of 7.4.7.2: of four thousand million addresses ten thousand are so short, of versions most."""
_SAID = re.compile(
    r"\b(?:ipv?4?|adresses?|address(?:es)?|hosts?|hote|clients?|server|serveur|dns|from|depuis|src|dst)\b"
)


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    if not alone(text, start, end):
        return None
    if _is_network(text, end, candidate.value) or not _stands_as_address(candidate):
        return None
    try:
        address = ipaddress.ip_address(candidate.value)
    except ValueError:
        return None
    if _of_nobody(address):
        return None
    if address.is_private or address.is_link_local:
        return Hit(start, end, WEAK, "an address inside a private network")
    return Hit(start, end, LIKELY, f"an internet address, version {address.version}")


def _stands_as_address(candidate: Candidate) -> bool:
    """Say whether it is no version number, no part of a longer number, and no name like `abc::def` of a program."""
    text, start, end, _ = candidate
    if ":" in candidate.value:
        return sum(map(bool, candidate.value.split(":"))) >= _GROUPS
    if candidate.value[:2] in _FIRST_ARCS and _OBJECT.search(before(text, start, 48)):
        return False
    if end - start == _ONE_DIGIT_EACH and not _SAID.search(before(text, start, 32)):
        return False
    return not (_VERSION.search(before(text, start, 16)) or _in_longer_number(text, start, end))


def _of_nobody(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return (
        address.is_loopback
        or address.is_multicast
        or address.is_unspecified
        or address in _PUBLIC_RESOLVERS
        or any(address.version == network.version and address in network for network in _DOCUMENTATION)
    )


def _is_network(text: str, end: int, value: str) -> bool:
    return bool(re.match(r"/\d", text[end : end + 2])) or value.startswith("255.") or value.endswith((".0", ".255"))


def _in_longer_number(text: str, start: int, end: int) -> bool:
    return bool(re.search(r"\d\.$", text[max(0, start - 2) : start]) or re.match(r"\.\d", text[end : end + 2]))


RECOGNISER = Recogniser(
    name="ip_address",
    kind="ip_address",
    data_class=DataClass.PERSONAL,
    patterns=(
        r"\b\d{1,3}(?:\.\d{1,3}){3}\b",
        r"\b(?:[0-9A-Fa-f]{1,4}:){3,7}(?::?[0-9A-Fa-f]{1,4}){1,4}\b",
        r"\b(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6}\b",
    ),
    verify=_verify,
    revision=2,
)
