"""Spans and measures of calls to providers, in OpenTelemetry's `gen_ai` names, to a collector of one's own.

Law: made from what the trail says of a call, so never of its content (INVARIANT 6); a measure has no identifier of a
person, a key or a request. Off the path of every request and bounded: a collector that is away costs spans, counted
and said, never an answer. Needs the extra `telemetry`.

Names: OpenTelemetry's semantic conventions for generative AI, still in development there, hence written out here.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from urllib.parse import urlsplit

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased, TraceIdRatioBased
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from ecluse.domain.destination import DestinationId
from ecluse.domain.request import Surface
from ecluse.domain.snapshot import Snapshot
from ecluse.domain.trail import Entry, OutcomeStatus, PassageId
from ecluse.edge.config import SettingsError
from ecluse.edge.keys import SecretUnavailable
from ecluse.edge.outward import Outward, OutwardFailed
from ecluse.edge.saying import say
from ecluse.edge.telemetry_settings import TelemetrySettings
from ecluse.edge.trace_context import Parent

HELD = 4096
"""Calls under way, and ended spans, that are kept at most."""
BATCH = 512
OPERATIONS = {Surface.COMPLETIONS.value: "text_completion"}
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
TOKENS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)
"""Bounds of the histograms, as the conventions advise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """A call under way."""

    span: Span
    named: Mapping[str, str]
    began: int


class _Kept(SpanProcessor):
    """Keeps ended spans for the next batch; past the bound the oldest gives way, and is counted."""

    def __init__(self) -> None:
        self.spans: deque[ReadableSpan] = deque()
        self.lost = 0

    def on_end(self, span: ReadableSpan) -> None:
        if len(self.spans) >= HELD:
            self.spans.popleft()
            self.lost += 1
        self.spans.append(span)


class Telemetry:
    """Tells a collector about calls. One per process."""

    def __init__(
        self,
        settings: TelemetrySettings,
        *,
        outward: Outward,
        authorization: Callable[[], str] | None,
        snapshot: Callable[[], Snapshot],
    ) -> None:
        self._base = _address(settings.endpoint or "")
        self._outward = outward
        self._authorization = authorization
        self._every = settings.every_seconds
        self._snapshot = snapshot
        self._under_way: dict[PassageId, _Call] = {}
        self._parents: dict[PassageId, Parent] = {}
        self._kept = _Kept()
        self._away = False
        resource = Resource({"service.name": "ecluse", "service.version": version("ecluse")})
        sampler = ParentBased(
            root=TraceIdRatioBased(settings.sample_percent / 100),
            remote_parent_sampled=ALWAYS_ON if settings.sample_percent else ALWAYS_OFF,
        )
        tracers = TracerProvider(sampler=sampler, resource=resource, shutdown_on_exit=False)
        tracers.add_span_processor(self._kept)
        self._tracer = tracers.get_tracer("ecluse")
        self._reader = InMemoryMetricReader()
        meter = MeterProvider([self._reader], resource=resource, shutdown_on_exit=False).get_meter("ecluse")
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage", unit="{token}", explicit_bucket_boundaries_advisory=TOKENS
        )
        self._seconds = meter.create_histogram(
            "gen_ai.client.operation.duration", unit="s", explicit_bucket_boundaries_advisory=SECONDS
        )

    def came(self, passage: PassageId, parent: Parent) -> None:
        """Let the spans of a passage be of its caller's trace; of more passages than are kept, the oldest's are not."""
        if len(self._parents) >= HELD:
            del self._parents[next(iter(self._parents))]
        self._parents[passage] = parent

    def intent(self, entry: Entry) -> None:
        """Begin the span of a call. An attempt after another ends that one's as failed."""
        before = self._under_way.pop(entry.passage, None)
        began = _nanoseconds(entry.at)
        if before is not None:
            self._end(before, began, "fallback")
        if len(self._under_way) >= HELD:
            del self._under_way[next(iter(self._under_way))]
            self._kept.lost += 1
        body = entry.body
        destination = str(body["destination"])
        operation = OPERATIONS.get(str(body["surface"]), str(body["surface"]))
        named = {"gen_ai.operation.name": operation}
        if (known := self._snapshot().destinations.get(DestinationId(destination))) is not None:
            named |= {"gen_ai.provider.name": str(known.provider), "gen_ai.request.model": str(known.model)}
        attributes = named | {"ecluse.passage": str(entry.passage), "ecluse.destination": destination}
        span = self._tracer.start_span(
            f"{operation} {named.get('gen_ai.request.model', destination)}",
            context=_context(self._parents.get(entry.passage)),
            kind=SpanKind.CLIENT,
            attributes=attributes | {"ecluse.masked": body["masked"] is True, "ecluse.data_classes": _listed(body)},
            start_time=began,
        )
        self._under_way[entry.passage] = _Call(span=span, named=named, began=began)

    def outcome(self, entry: Entry) -> None:
        """End the span of a passage's last call, if one was begun."""
        self._parents.pop(entry.passage, None)
        call = self._under_way.pop(entry.passage, None)
        if call is None:
            return
        for kind, field in (("input", "tokens_in"), ("output", "tokens_out")):
            tokens = entry.body.get(field)
            if isinstance(tokens, int):
                call.span.set_attribute(f"gen_ai.usage.{kind}_tokens", tokens)
                self._tokens.record(tokens, {**call.named, "gen_ai.token.type": kind})
        done = entry.body.get("status") == OutcomeStatus.DONE.value and not entry.body.get("code")
        self._end(call, _nanoseconds(entry.at), None if done else str(entry.body.get("code") or entry.body["status"]))

    def _end(self, call: _Call, now: int, error: str | None) -> None:
        wrong = {} if error is None else {"error.type": error}
        if error is not None:
            call.span.set_attributes(wrong)
            call.span.set_status(Status(StatusCode.ERROR))
        call.span.end(now)
        self._seconds.record(max(0, now - call.began) / 1e9, {**call.named, **wrong})

    async def run(self) -> None:
        """Send what was gathered, again and again, until cancelled."""
        while True:
            await asyncio.sleep(self._every)
            await self.send()

    async def send(self) -> None:
        """Send what was gathered. A batch that the collector did not take is kept for the next time, within bounds."""
        while batch := [self._kept.spans.popleft() for _ in range(min(BATCH, len(self._kept.spans)))]:
            if not await self._post("traces", encode_spans(batch).SerializeToString()):
                self._kept.spans.extendleft(reversed(batch))
                return
        measured = self._reader.get_metrics_data()
        if measured is not None:
            await self._post("metrics", encode_metrics(measured).SerializeToString())

    async def _post(self, signal: str, body: bytes) -> bool:
        headers = [("content-type", "application/x-protobuf")]
        try:
            if self._authorization is not None:
                headers.append(("authorization", self._authorization()))
            answer = await self._outward.post(f"{self._base}/v1/{signal}", body, headers)
            why = "" if answer.status // 100 == 2 else f"it answers {answer.status}"  # noqa: PLR2004 - success
        except SecretUnavailable as error:
            why = f"telemetry.authorization, {error.reference}: {error.why}"
        except OutwardFailed as error:
            why = f"it cannot be reached: {error}"
        if why and not self._away:
            say(f"the collector of telemetry does not take {signal}: {why}; it is asked again")
        if not why and (self._away or self._kept.lost):
            say(f"the collector of telemetry takes {signal} again; {self._kept.lost} calls were not told")
            self._kept.lost = 0
        self._away = bool(why)
        return not why


def _address(endpoint: str) -> str:
    """Return the base of a collector's addresses. Raises SettingsError for one that is not safe to send to."""
    url = urlsplit(endpoint)
    plain = url.scheme == "http" and url.hostname in LOOPBACK
    if not ((url.scheme == "https" and url.hostname) or plain) or url.username or url.query:
        raise SettingsError(
            f"telemetry.endpoint: {endpoint!r} is no https:// address, nor http:// on this machine; "
            "write https://HOST:4318, without /v1/traces and without a password"
        )
    return endpoint.rstrip("/")


def _context(parent: Parent | None) -> Context:
    """Return what a span begins under: its caller's, or nothing."""
    if parent is None:
        return Context()
    flags = TraceFlags(TraceFlags.SAMPLED if parent.sampled else TraceFlags.DEFAULT)
    told = SpanContext(trace_id=parent.trace, span_id=parent.span, is_remote=True, trace_flags=flags)
    return set_span_in_context(NonRecordingSpan(told), Context())


def _nanoseconds(at: str) -> int:
    return round(datetime.fromisoformat(at).timestamp() * 1000) * 1_000_000


def _listed(body: Mapping[str, object]) -> list[str]:
    named: set[str] = set()
    for field in ("declared", "found"):
        classes = body.get(field)
        if isinstance(classes, tuple):
            named |= {str(one) for one in classes}
    return sorted(named)
