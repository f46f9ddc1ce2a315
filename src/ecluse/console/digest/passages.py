"""One passage as the digest keeps it, and what a reader may ask of many.

Law: each passage counts once: under the most sensitive of its data classes, and under the last place that it left for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ecluse.domain.finding import DataClass
from ecluse.domain.trail import EntryKind

NOTHING = "none"
"""Stands for the class of a passage in which nothing was recognised or declared."""
DENIED = "policy_denied"
NOWHERE = "no_permitted_destination_alive"
"""The outcome of a passage that was announced and whose every destination was unreachable: nothing left."""

SENSITIVITY: Sequence[str] = (
    DataClass.CLASSIFIED,
    DataClass.RESTRICTED,
    DataClass.CREDENTIAL,
    DataClass.SREN31,
    DataClass.HEALTH,
    DataClass.SPECIAL,
    DataClass.PROFESSIONAL_SECRET,
    DataClass.TRADE_SECRET,
    DataClass.NATIONAL_ID,
    DataClass.PAYMENT,
    DataClass.PERSONAL,
    DataClass.UNREADABLE,
)
"""From the most to the least sensitive, for counting alone: the rules know no such order."""


class Way(StrEnum):
    """What became of a passage."""

    AS_IS = "as_is"
    MASKED = "masked"
    REFUSED = "refused"
    UNANSWERED = "unanswered"


@dataclass(slots=True, kw_only=True)
class Passed:
    """One passage. `seq` is the index of its first entry; `watched`: a rule that only observes would refuse it.

    `recipients` are those of its hosted tools, which were asked for in `dialect`.
    """

    seq: int
    passage: str
    at: str
    organisation: str = ""
    application: str = ""
    purpose: str = ""
    way: str = Way.UNANSWERED
    principal: str = NOTHING
    classes: str = ""
    destination: str = ""
    model: str = ""
    watched: int = 0
    rules: str = ""
    observed: str = ""
    code: str = ""
    status: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    duration_ms: int = 0
    cost_micro: int = 0
    currency: str = ""
    recipients: str = ""
    dialect: str = ""

    def take(self, kind: str, body: Mapping[str, Any]) -> None:
        """Learn what one more entry of the passage says."""
        match kind:
            case EntryKind.INTENT:
                self._asked(body)
                self.way = Way.MASKED if body["masked"] else Way.AS_IS
                self.destination = str(body["destination"])
                self.rules = " ".join(body["permitted_by"])
            case EntryKind.REFUSAL:
                self._asked(body)
                self.way = Way.REFUSED if body["code"] == DENIED else Way.UNANSWERED
                self.destination = ""
                self.code = str(body["code"])
                self.rules = " ".join(body["refused_by"])
            case _:
                self.status = str(body["status"])
                self.code = str(body["code"] or self.code)
                if self.code == NOWHERE:
                    self.way, self.destination = Way.UNANSWERED, ""
                self.tokens_in = body["tokens_in"] or 0
                self.tokens_out = body["tokens_out"] or 0
                self.duration_ms = body["duration_ms"] or 0
                self.cost_micro = body.get("cost_micro") or 0
                self.currency = body.get("currency") or ""

    def _asked(self, body: Mapping[str, Any]) -> None:
        self.organisation = str(body["organisation"])
        self.application = str(body["application"])
        self.purpose = str(body["purpose"] or "")
        self.model = str(body["model"] or "")
        classes = {*body["found"], *body["declared"]}
        self.classes = " ".join(sorted(classes))
        self.principal = next((name for name in SENSITIVITY if name in classes), NOTHING)
        self.recipients = " ".join(body.get("recipients") or ())
        self.dialect = str(body.get("dialect") or "")
        self.observed = " ".join(body["observed"])
        self.watched = int(bool(self.observed) and self.way != Way.REFUSED)

    @property
    def sum_key(self) -> tuple[str | int, ...]:
        """Under what the passage is counted."""
        where = self.at[:10], self.organisation, self.application
        return (*where, self.principal, self.way, self.destination, self.watched, self.currency, self.recipients)

    @property
    def ruled(self) -> list[tuple[str, int]]:
        """Under which rules the passage is found: those that decided it, and those that only observed."""
        return [(rule, self.seq) for rule in dict.fromkeys(f"{self.rules} {self.observed}".split())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which passages a reader asks for; an empty word asks for all. Days are inclusive."""

    first_day: str = ""
    last_day: str = ""
    organisation: str = ""
    application: str = ""
    principal: str = ""
    way: str = ""
    destination: str = ""
    rule: str = ""
    watched: bool = False
    passage: str = ""
