"""What was recognised in a request: facts about text, never a judgement on where it may go.

Law: detection adds data classes to what is declared and never removes one (INVARIANT 5).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ecluse.domain.request import SlotPath


class DataClass(StrEnum):
    """The closed list of what data can be, with their masked forms.

    `sren31`, `professional_secret` and `trade_secret` are declared on an application after an analysis by the
    data's owner; what ships never detects them (decision 16). An organisation's own entries may find one of them.
    """

    PERSONAL = "personal"
    NATIONAL_ID = "national_id"
    PAYMENT = "payment"
    HEALTH = "health"
    SPECIAL = "special"
    CREDENTIAL = "credential"
    RESTRICTED = "restricted"
    CLASSIFIED = "classified"
    SREN31 = "sren31"
    PROFESSIONAL_SECRET = "professional_secret"  # noqa: S105 - a data class
    TRADE_SECRET = "trade_secret"  # noqa: S105 - a data class
    UNREADABLE = "unreadable"
    PERSONAL_MASKED = "personal_masked"
    NATIONAL_ID_MASKED = "national_id_masked"
    PAYMENT_MASKED = "payment_masked"


MASKED_FORM: Mapping[DataClass, DataClass] = {
    DataClass.PERSONAL: DataClass.PERSONAL_MASKED,
    DataClass.NATIONAL_ID: DataClass.NATIONAL_ID_MASKED,
    DataClass.PAYMENT: DataClass.PAYMENT_MASKED,
}
"""The maskable classes. Document classes have no masked form: hiding a name lifts no legal secret (decision 24)."""

MASKED_CLASSES = frozenset(MASKED_FORM.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One claim about one span: `text[start:end]` of the slot at `slot`, in characters of the original text.

    `confidence` is in [0, 1]. `evidence` says what convinced the recogniser and never repeats the value.
    """

    slot: SlotPath
    start: int
    end: int
    kind: str
    data_class: DataClass
    confidence: float
    recogniser: str
    evidence: str
    maskable: bool = True

    def __post_init__(self) -> None:
        """Refuse an empty or reversed span and a confidence outside [0, 1]."""
        if not 0 <= self.start < self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"not a confidence: {self.confidence}")


class Extent(StrEnum):
    """How much of a file in a call was read; `as_text` is one of which the text alone leaves, as far as it was read."""

    WHOLE = "whole"
    IN_PART = "in_part"
    NOT = "not"
    AS_TEXT = "as_text"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSeen:
    """What is said of one file in a call: where it stands, how much of it was read, its classes, and why not all.

    It names neither the file nor anything in it.
    """

    path: SlotPath
    read: Extent
    classes: frozenset[DataClass] = frozenset()
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """All findings of a request. `detector` names the version that made them.

    `fixed` are classes beyond the findings that no mask can cover: what a label on a file stands for, and what a file
    repeats of the texts. `files` says how much of each file was read.
    """

    findings: tuple[Finding, ...]
    unreadable: tuple[SlotPath, ...] = ()
    detector: str
    fixed: frozenset[DataClass] = frozenset()
    files: tuple[FileSeen, ...] = ()

    @property
    def classes(self) -> frozenset[DataClass]:
        """The data classes that were found."""
        found = frozenset(finding.data_class for finding in self.findings) | self.fixed
        return found | {DataClass.UNREADABLE} if self.unreadable else found

    @property
    def coverable(self) -> frozenset[DataClass]:
        """The maskable classes whose every finding can be covered by a surrogate."""
        stuck = self.fixed | {f.data_class for f in self.findings if not f.maskable}
        return frozenset(c for c in self.classes if c in MASKED_FORM and c not in stuck)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many findings of each kind; no values."""
        return Counter(finding.kind for finding in self.findings)


def classes_after_masking(classes: frozenset[DataClass], covered: frozenset[DataClass]) -> frozenset[DataClass]:
    """Replace each covered class by its masked form; a class is never removed (decision 24)."""
    return frozenset(MASKED_FORM[c] if c in covered and c in MASKED_FORM else c for c in classes)
