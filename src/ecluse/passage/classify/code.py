"""The profile for programs that write code: whose names stand in source code is not asked.

Law: inside a text that is source code, names of persons and postal addresses are left out; every other finding stays,
and in prose everything does. Only `personal` is ever left out, which no rule of the hard floor looks at by itself.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from ecluse.domain.finding import Classification, DataClass
from ecluse.domain.request import Slot
from ecluse.domain.snapshot import Detector, Memory, never
from ecluse.passage.classify.entries import PREFIX

REVISION = 1
LEFT_OUT = frozenset({"person", "postal_address"})
"""Kinds that are not asked for in source code; places and organisations never decide anything by themselves."""
LINES = 5
"""Lines with something on them, from which a text can be source code."""
SHARE = 0.5
"""Of those lines, how many look like code."""
_HEAD = 64 * 1024
_ENDS = re.compile(r"[{};]\s*(?:(?://|#|/\*).*)?$")
_BEGINS = re.compile(
    r"\s*(?:import|from|export|package|using|require|include|#include|#define|return|yield|raise|throw|elif|else\b"
    r"|def|class|func|fn|let|const|var|public|private|protected|static|struct|enum|interface|impl|pub|use|mod|async"
    r"|await|for|while|if|switch|case|try|except|catch|finally|with|assert|del|pass\b|break\b|continue\b"
    r"|SELECT|INSERT|UPDATE|CREATE|ALTER|DROP)\b.*[(){}\[\]:;=,<]"
    r"|\s*(?:from [\w.]+ import|import [\w.]+|package [\w.]+|use [\w:]+)"
    r"|\s*[\w.\[\]\"'$@*]+\s*(?::\s*[\w\[\], |.]+)?\s*(?:=|\+=|-=|:=|=>)\s*\S"
    r"|\s*[\w.$]+\(.*\)?[,;]?\s*$|\s*[)\]}]+[,;)]*\s*$|\s*@\w|\s*(?://|/\*|\*/|<\w|</\w|--\s)"
    r"|\s{2,}\S.*[,(]$|\s*\"[\w-]+\"\s*:\s*\S|[+-]\s*\w+.*[(){};=]|@@ "
)
_NUMBERED = re.compile(r"^\s*\d{1,6}(?:\t|→|\s?[|:]\s?)")
"""How a program shows the lines of a file."""


def is_source_code(text: str) -> bool:
    """Say whether most of a text's lines are a program's. Cheap; a letter with a line of code in it is prose."""
    lines = [_NUMBERED.sub("", line[:300]) for line in text[:_HEAD].splitlines() if line.strip()]
    if len(lines) < LINES:
        return False
    return sum(map(is_code, lines)) >= SHARE * len(lines)


def is_code(line: str) -> bool:
    """Say whether one line looks like a program's."""
    return "->" in line or _BEGINS.match(line) is not None or _ENDS.search(line) is not None


class CodeProfile:
    """Implements `domain.snapshot.Detector` over another one."""

    def __init__(self, beneath: Detector) -> None:
        self._beneath = beneath

    @property
    def version(self) -> str:
        """The version beneath, and this profile's."""
        return f"{self._beneath.version}-code{REVISION}"

    def classify(
        self, slots: Sequence[Slot], stopped: Callable[[], bool] = never, memory: Memory | None = None
    ) -> Classification:
        """Search everything, then leave out names and postal addresses inside source code. Raises as beneath."""
        found = self._beneath.classify(slots, stopped, memory)
        named = {finding.slot for finding in found.findings if finding.kind in LEFT_OUT}
        code = {slot.path for slot in slots if slot.path in named and is_source_code(slot.text)}
        kept = tuple(
            finding
            for finding in found.findings
            if not (
                finding.slot in code
                and finding.kind in LEFT_OUT
                and finding.data_class is DataClass.PERSONAL
                and not finding.recogniser.startswith(PREFIX)
            )
        )
        return replace(found, findings=kept, detector=self.version)
