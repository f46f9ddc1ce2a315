"""What left masked in the demo: the requests whose intent says so, whichever destination they went to.

Law: the trail says which call was masked, the simulators' journals what was sent; neither is asked about the other.
"""

import re
from collections.abc import Iterable, Mapping

from demo.worlds.play import words
from ecluse.domain.trail import Entry, EntryKind
from simulators.journal import Line
from tests.canaries import CANARIES, seen

FAMILIES = tuple(str(name) for name in words()["family"])
"""Every family name that a world's texts are filled with; an e-mail address has one too."""
NUMBERS = (
    re.compile(r"06 39 98 \d\d \d\d"),
    re.compile(r"FR\d\d(?: \d{4}){5} \d{3}"),
    re.compile(r"[12] \d\d \d\d \d\d \d{3} \d{3} \d\d"),
    re.compile(r"4970(?: \d{4}){3}"),
)
"""How a world writes phones, accounts, national identification numbers and cards."""


def sent_masked(entries: Iterable[Entry], lines: Iterable[Line]) -> list[Line]:
    """Return the requests whose intent says that they left masked."""
    masked = {entry.id for entry in entries if entry.kind is EntryKind.INTENT and entry.body["masked"]}
    return [line for line in lines if line.get("attempt") in masked]


def shown(line: Mapping[str, object]) -> list[str]:
    """List the values of the demo that a request shows."""
    body = str(line["body"])
    return seen(line, (*CANARIES, *FAMILIES)) + [found for number in NUMBERS for found in number.findall(body)]
