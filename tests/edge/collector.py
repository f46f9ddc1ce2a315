"""A simulator of an OTLP/HTTP collector: takes what the protocol's own messages can read, and keeps it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


def plain(attributes: Any) -> dict[str, Any]:
    """Read attributes as Python's values."""
    found: dict[str, Any] = {}
    for one in attributes:
        value = getattr(one.value, one.value.WhichOneof("value"))
        found[one.key] = [v.string_value for v in value.values] if hasattr(value, "values") else value
    return found


@dataclass
class Collector:
    """What came. `status` is what it answers with."""

    url: str = ""
    status: int = 200
    raw: list[bytes] = field(default_factory=list)
    authorizations: set[str | None] = field(default_factory=set)
    spans: list[Any] = field(default_factory=list)
    measures: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def take(self, path: str, body: bytes) -> None:
        self.raw.append(body)
        if path == "/v1/traces":
            traces = ExportTraceServiceRequest.FromString(body)
            self.spans += [s for r in traces.resource_spans for scope in r.scope_spans for s in scope.spans]
        if path == "/v1/metrics":
            metrics = ExportMetricsServiceRequest.FromString(body)
            for metric in (m for r in metrics.resource_metrics for scope in r.scope_metrics for m in scope.metrics):
                self.measures[metric.name] = [plain(p.attributes) for p in metric.histogram.data_points]


@contextmanager
def collector() -> Iterator[Collector]:
    """Run a collector on loopback until the block ends."""
    kept = Collector()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kept.authorizations.add(self.headers.get("authorization"))
            if kept.status == 200:
                kept.take(self.path, body)
            self.send_response(kept.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
