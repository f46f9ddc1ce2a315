"""Scaleway Generative APIs: `api.scaleway.ai/v1`, an IAM secret key as bearer.

Read in: scaleway/docs-content#3636: an invalid key is 403 and an unknown model 422, where OpenAI says 401 and 404.
"""

from typing_extensions import override

from simulators.connections import Ask
from simulators.provider import Provider


class Scaleway(Provider):
    """Generative APIs in Paris."""

    @override
    def check_key(self, ask: Ask) -> None:
        """Refuse with 403."""
        if ask.headers.get("authorization") != f"Bearer {self.identity.key}":
            raise self.refusal(403, "insufficient permissions to access the resource", code="PERMISSION_DENIED")

    @override
    def check_model(self, model: str) -> None:
        """Refuse with 422."""
        if model not in self.identity.models:
            raise self.refusal(422, f"the model '{model}' is not supported", code="MODEL_NOT_FOUND")
