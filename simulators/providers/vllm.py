"""A vLLM server that one runs oneself, on premises or on a virtual machine: `/v1`, bearer key when it was given one.

Read in: vllm-project/vllm#3485 (the error body is flat, its `code` the HTTP status).
"""

from typing_extensions import override

from simulators.journal import Fact
from simulators.provider import Answer, Provider

TYPES = {400: "BadRequestError", 401: "Unauthorized", 404: "NotFoundError"}


class Vllm(Provider):
    """One server."""

    @override
    def error(self, status: int, message: str, _code: str | None = None) -> dict[str, Fact]:
        """Return an error's body."""
        kind = TYPES.get(status, "InternalServerError")
        return {"object": "error", "message": message, "type": kind, "param": None, "code": status}

    @override
    def call_id(self, answer: Answer) -> str:
        """Return the id of the tool call."""
        return f"chatcmpl-tool-{answer.number:032x}"
