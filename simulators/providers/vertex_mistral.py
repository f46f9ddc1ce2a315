"""Mistral's models on Vertex AI: Mistral's own body under `publishers/mistralai`, the verb says whether it streams.

Read in: cloud.google.com, "Mistral AI models" (`rawPredict` and `streamRawPredict`, a bearer token of Google's).
"""

from dataclasses import replace

from typing_extensions import override

from simulators.connections import Ask
from simulators.provider import Answer
from simulators.providers.mistral import Mistral
from simulators.published import Body

PREFIX = "/publishers/mistralai/models/"


class VertexMistral(Mistral):
    """One project in one location."""

    base = "/v1/projects/simulated/locations/europe-west4"

    @override
    def admit(self, ask: Ask) -> Answer | Body:
        """Read the model and the verb in the path, and the rest as Mistral does."""
        path = ask.target.removeprefix(self.base)
        model, _, verb = path.removeprefix(PREFIX).partition(":")
        if not path.startswith(PREFIX) or verb not in ("rawPredict", "streamRawPredict"):
            raise self.refusal(404, f"Not Found: {ask.path}")
        self.check_model(model)
        there = f"{self.base}/chat/completions"
        answer = super().admit(replace(ask, target=there))
        if not isinstance(answer, Answer) or bool(answer.asked.get("stream")) is (verb == "rawPredict"):
            raise self.refusal(400, f"{verb} does not fit the body")
        return answer
