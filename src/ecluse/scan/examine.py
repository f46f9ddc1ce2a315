"""A document's reading to its classification: what each text shows, what labels say, what stays unread.

Law: what is unread makes the document unreadable (INVARIANT 5: it adds, it removes nothing); a text that cannot be
searched raises. A label's class adds to those found.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ecluse.domain.finding import Classification, DataClass, Finding
from ecluse.domain.request import Slot, SlotPath
from ecluse.domain.snapshot import Detector
from ecluse.passage.classify import classify
from ecluse.scan.found import Part, Reading, Unread
from ecluse.scan.labels import Ruled, rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A document, what was found in it, and what was not read of it."""

    name: str
    kind: str
    parts: tuple[Part, ...]
    findings: tuple[Finding, ...]
    unread: tuple[Unread, ...]
    unreadable: tuple[str, ...]
    labels: tuple[Ruled, ...]
    detector: str

    @property
    def classes(self) -> frozenset[DataClass]:
        """The data classes: found, said by a known label, unreadable when a part is."""
        found = {finding.data_class for finding in self.findings}
        found |= {ruled.data_class for ruled in self.labels if ruled.data_class is not None}
        return frozenset(found | ({DataClass.UNREADABLE} if self.unread or self.unreadable else set()))


def examine(name: str, reading: Reading, detector: Detector, table: Mapping[str, DataClass]) -> Examined:
    """Search every text of a reading. Raises GatewayError(classification_unavailable)."""
    found: list[Classification] = []
    parts: list[Part] = []
    for part in reading.parts:
        found.append(classify(detector, (Slot(path=SlotPath(part.path), text=part.text),)))
        parts.append(part)
    return Examined(
        name=name,
        kind=reading.kind,
        parts=tuple(parts),
        findings=tuple(finding for one in found for finding in one.findings),
        unread=tuple(reading.unread),
        unreadable=tuple(path for one in found for path in one.unreadable),
        labels=rule(reading.labels, table, reading.parts),
        detector=detector.version,
    )
