"""Azure AI Foundry, v1 API: `{resource}/openai/v1`, `model` is a deployment's name, the key in `api-key`.

Read in: microsoft/autogen#6465 and Azure/azure-sdk-for-go#21086 (a stream starts with a chunk that has no choice, empty
`id` and `model`, and `prompt_filter_results`), MicrosoftDocs/azure-docs#114013 (an unknown deployment is 404),
Azure/agentops#151 (a model that reasons refuses `max_tokens`), MicrosoftDocs/azure-ai-docs how-to/reasoning.md (it
refuses sampling beside its reasoning).
"""

from collections.abc import Iterator, Mapping

from typing_extensions import override

from simulators.connections import Ask
from simulators.journal import Fact
from simulators.provider import Answer, Provider
from simulators.published import Body

SAFE: dict[str, Fact] = {
    name: {"filtered": False, "severity": "safe"} for name in ("hate", "self_harm", "sexual", "violence")
}
SAMPLING = frozenset({"temperature", "top_p", "presence_penalty", "frequency_penalty", "logprobs", "logit_bias"})
PROMPT_RESULTS: list[Fact] = [{"prompt_index": 0, "content_filter_results": SAFE}]


class Azure(Provider):
    """One Azure resource."""

    base = "/openai/v1"

    @override
    def check_key(self, ask: Ask) -> None:
        """Take the key from `api-key` alone; both headers at once is a mistake of the caller's."""
        if "authorization" in ask.headers and "api-key" in ask.headers:
            raise self.refusal(401, "Send api-key or Authorization, not both.", code="401")
        if ask.headers.get("api-key") != self.identity.key:
            message = "Access denied due to invalid subscription key or wrong API endpoint."
            raise self.refusal(401, message, code="401")

    @override
    def check_model(self, model: str) -> None:
        """Refuse a deployment that the resource does not have."""
        if model not in self.identity.models:
            message = "The API deployment for this resource does not exist."
            raise self.refusal(404, message, code="DeploymentNotFound")

    @override
    def check_body(self, body: Body) -> None:
        """Refuse the older name of the limit for a model that reasons."""
        model = str(body.get("model", ""))
        if "max_tokens" in body and model.startswith(("gpt-5", "o1", "o3", "o4")):
            message = "Unsupported parameter: 'max_tokens' is not supported with this model."
            raise self.refusal(400, message, code="unsupported_parameter")
        if model.startswith("gpt-5") and body.get("reasoning_effort") not in (None, "none"):
            for name in SAMPLING & body.keys():
                raise self.refusal(400, f"Unsupported parameter: '{name}'", code="unsupported_parameter")

    @override
    def headers(self) -> dict[str, str]:
        """Say which region answered."""
        return {"x-ms-region": self.identity.region, "apim-request-id": "00000000-0000-0000-0000-000000000000"}

    @override
    def whole(self, answer: Answer) -> dict[str, Fact]:
        """Add what the content filter found."""
        body = super().whole(answer)
        choices = body["choices"]
        if isinstance(choices, list):
            body["choices"] = [
                {**choice, "content_filter_results": SAFE} for choice in choices if isinstance(choice, dict)
            ]
        return {**body, "prompt_filter_results": PROMPT_RESULTS}

    @override
    def begin(self, answer: Answer) -> Iterator[Body]:
        """Start with the filter's word on the prompt."""
        empty = {**self.chunk(answer, {}), "id": "", "model": "", "created": 0, "object": "", "choices": []}
        yield {**empty, "prompt_filter_results": PROMPT_RESULTS}
        yield from super().begin(answer)

    @override
    def chunk(self, answer: Answer, delta: Mapping[str, Fact], *, reason: str | None = None) -> dict[str, Fact]:
        """Add the filter's word on each choice."""
        body = super().chunk(answer, delta, reason=reason)
        choices = body["choices"]
        if isinstance(choices, list):
            body["choices"] = [
                {**choice, "content_filter_results": SAFE if delta.get("content") else {}}
                for choice in choices
                if isinstance(choice, dict)
            ]
        return body
