"""Counts for `/metrics`: what happened how often and how long, never who or what.

Law: no label holds an identifier of a person, a key or a request, nor anything that a caller wrote (INVARIANT 6).
"""

from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from ecluse.domain.trail import Entry, PassageId
from ecluse.edge.trace_context import Parent, parent_of


class Watcher(Protocol):
    """Hears of the calls of passages, as the trail has them, and of which trace a caller says that they are."""

    def came(self, passage: PassageId, parent: Parent) -> None:
        """Hear that a passage is of a caller's trace."""

    def intent(self, entry: Entry) -> None:
        """Hear that a call is about to leave."""

    def outcome(self, entry: Entry) -> None:
        """Hear how a passage ended."""


class Meters:
    """The meters of one process."""

    def __init__(self) -> None:
        self.watchers: list[Watcher] = []
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "ecluse_requests",
            "Requests answered, by surface and status.",
            ["surface", "status"],
            registry=self._registry,
        )
        self._passages = Counter(
            "ecluse_passages",
            "Passages ended, by outcome, error code and destination.",
            ["status", "code", "destination", "masked"],
            registry=self._registry,
        )
        self._tokens = Counter(
            "ecluse_tokens", "Tokens that providers counted.", ["direction", "destination"], registry=self._registry
        )
        self._limited = Counter(
            "ecluse_limited", "Calls that a limit or a budget refused, by code.", ["code"], registry=self._registry
        )
        self._cost = Counter(
            "ecluse_cost",
            "Cost by the prices on record, by currency; what has no price is not in it.",
            ["destination", "currency"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "ecluse_request_seconds",
            "Seconds from the request's arrival to the answer's last byte.",
            ["surface"],
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
            registry=self._registry,
        )
        self._confirmed = Counter(
            "ecluse_decisions_confirmed",
            "Decisions asked of the reference engine too, by whether it says the same.",
            ["same"],
            registry=self._registry,
        )
        self._recalled = Counter(
            "ecluse_answers_looked_for",
            "Answers looked for in memory, by whether one was there.",
            ["found"],
            registry=self._registry,
        )
        for code in ("rate_limited", "budget_exhausted"):
            self._limited.labels(code)  # from zero: a rate does not see a count that begins at one
        for same in ("true", "false"):
            self._confirmed.labels(same)
        self.folded = Gauge(
            "ecluse_rules_folded", "1 while the folded rules decide, 0 while Cedar does.", registry=self._registry
        )
        self.under_way = Gauge("ecluse_requests_under_way", "Requests under way.", registry=self._registry)

    def request(self, surface: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests.labels(surface, str(status)).inc()
        self._seconds.labels(surface).observe(seconds)

    def confirmed(self, *, same: bool) -> None:
        """Count one decision that was asked of the reference engine too."""
        self._confirmed.labels(str(same).lower()).inc()

    def looked_for(self, *, found: bool) -> None:
        """Count one look for an answer in memory."""
        self._recalled.labels(str(found).lower()).inc()

    def came(self, passage: PassageId, traceparent: str) -> None:
        """Tell who watches of which trace a passage is; a header that is malformed is of none."""
        if self.watchers and (parent := parent_of(traceparent)) is not None:
            for watcher in self.watchers:
                watcher.came(passage, parent)

    def intent(self, entry: Entry) -> None:
        """Tell who watches of one call that is about to leave."""
        for watcher in self.watchers:
            watcher.intent(entry)

    def outcome(self, entry: Entry) -> None:
        """Count one passage by its outcome."""
        for watcher in self.watchers:
            watcher.outcome(entry)
        body = entry.body
        destination = str(body.get("destination") or "")
        self._passages.labels(
            str(body.get("status") or ""), str(body.get("code") or ""), destination, str(body.get("masked", "")).lower()
        ).inc()
        for direction in ("tokens_in", "tokens_out"):
            tokens = body.get(direction)
            if isinstance(tokens, int):
                self._tokens.labels(direction, destination).inc(tokens)
        cost = body.get("cost_micro")
        if isinstance(cost, int):
            self._cost.labels(destination, str(body.get("currency"))).inc(cost / 1_000_000)

    def limited(self, code: str) -> None:
        """Count one call that a limit or a budget refused."""
        self._limited.labels(code).inc()

    def text(self) -> bytes:
        """Return the meters in Prometheus' text format."""
        return generate_latest(self._registry)
