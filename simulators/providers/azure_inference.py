"""Azure AI model inference: `{resource}.services.ai.azure.com/models`, the version in the query, the key in `api-key`.

Read in: learn.microsoft.com, "Azure AI Model Inference REST API reference", version 2024-05-01-preview (the version is
mandatory; `stream_options` is no field of it).
"""

from dataclasses import replace

from typing_extensions import override

from simulators.connections import Ask
from simulators.provider import Answer
from simulators.providers.azure import Azure
from simulators.published import Body

QUERY = "api-version=2024-05-01-preview"


class AzureInference(Azure):
    """One resource's models of other makers."""

    base = "/models"

    @override
    def admit(self, ask: Ask) -> Answer | Body:
        """Want the version, and read the rest as any other."""
        if ask.target != f"{ask.path}?{QUERY}":
            raise self.refusal(400, "Missing required query parameter: api-version", code="400")
        return super().admit(replace(ask, target=ask.path))

    @override
    def check_body(self, body: Body) -> None:
        """Refuse what the schema does not have."""
        if "stream_options" in body:
            raise self.refusal(422, "Extra inputs are not permitted: stream_options", code="422")
        super().check_body(body)
