"""Settings of what is told about calls to a collector of one's own.

Law: off by default; where the collector stands is a place that the rules judge.
"""

from typing import Annotated

import msgspec


class TelemetrySettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """OpenTelemetry: spans and measures of calls, never their content, to an OTLP/HTTP `endpoint`.

    `hosted_on` is where the collector and what it feeds stand: an offer of the registry, `own_premises` or `unknown`.
    `authorization` names the value of that header: `env:NAME` or `file:PATH`.
    """

    endpoint: str | None = None
    hosted_on: str = "unknown"
    authorization: str | None = None
    sample_percent: Annotated[float, msgspec.Meta(ge=0, le=100)] = 10.0
    every_seconds: Annotated[float, msgspec.Meta(ge=0.1, le=3600)] = 15.0
