"""'This is not sensitive': findings that two persons agreed to leave out for one application, for a time.

Law: a contest never touches credentials, markings or what an application declares, and knows a value by a keyed hash
alone (INVARIANT 6). Every use of it is told.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from ecluse.domain.finding import DataClass
from ecluse.domain.misstated import Misstated

CONTESTABLE = frozenset(
    {DataClass.PERSONAL, DataClass.NATIONAL_ID, DataClass.PAYMENT, DataClass.HEALTH, DataClass.SPECIAL}
)
"""The data classes whose findings may be contested. Credentials and markings are of the hard floor."""
LONGEST = timedelta(days=366)
"""A contest is looked at again within a year."""


def same_person(one: str, other: str) -> bool:
    """Say whether two names are one person's: case, spaces and the way that accents are encoded do not tell two."""
    first, second = (" ".join(unicodedata.normalize("NFKC", name).casefold().split()) for name in (one, other))
    return first == second


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """An accepted contest, between two days that both count.

    `marks` are keyed hashes in hexadecimal: of a kind and a value, or of a whole text. The two persons differ.
    """

    id: str
    marks: frozenset[str]
    requested_by: str
    approved_by: str
    starts: date
    ends: date

    def __post_init__(self) -> None:
        """Refuse a contest that one person decides alone, that is about nothing, or whose days cannot be."""
        if not all(text.strip() for text in (self.id, self.requested_by, self.approved_by)) or not self.marks:
            raise Misstated(
                f"contest {self.id!r}: id, marks, requested_by and approved_by are all stated",
                f"contestation {self.id!r} : référence, objet et les deux personnes sont tous à écrire",
            )
        if same_person(self.requested_by, self.approved_by):
            raise Misstated(
                f"contest {self.id!r}: whoever contests does not decide; name two persons",
                f"contestation {self.id!r} : qui conteste ne décide pas ; nommez deux personnes",
            )
        if self.ends < self.starts:
            raise Misstated(
                f"contest {self.id!r} ends before it starts",
                f"la contestation {self.id!r} prend fin avant de commencer",
            )
        if self.ends - self.starts > LONGEST:
            raise Misstated(
                f"contest {self.id!r} lasts longer than {LONGEST.days} days",
                f"la contestation {self.id!r} dure plus de {LONGEST.days} jours",
            )

    def in_force(self, today: date) -> bool:
        """Say whether it counts on a day."""
        return self.starts <= today <= self.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """What a caller contests after a refusal, before anybody decided: `entry` is the refusal's id in the trail.

    `counts` are its findings by kind and `found` its classes, as the caller's text shows them again; `marks` stand for
    the contestable ones. `reason` is the caller's sentence: it is kept beside the trail, for the reviewer.
    """

    entry: str
    reason: str
    counts: tuple[tuple[str, int], ...]
    found: frozenset[DataClass]
    marks: frozenset[str]
