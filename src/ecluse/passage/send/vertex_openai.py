"""The dialect `vertex_openai`: Vertex AI by its path that is compatible with OpenAI's chat completions.

Law: Google's and open models under `<maker>/<model>`; the token that the edge gets for a workload goes as a bearer.
Base URL: `https://<region>-aiplatform.googleapis.com/v1/projects/<project>/locations/<region>`.
Source: cloud.google.com, "Vertex AI: OpenAI compatibility".
"""

from ecluse.domain.destination import Destination
from ecluse.passage.send.openai_wire import OpenAILike


def _path(_destination: Destination, path: str) -> str:
    return f"/endpoints/openapi{path}"


DIALECT = OpenAILike(
    name="vertex_openai",
    takes=frozenset(
        {
            "frequency_penalty",
            "logprobs",
            "max_completion_tokens",
            "max_tokens",
            "n",
            "presence_penalty",
            "reasoning_effort",
            "response_format",
            "seed",
            "stop",
            "stream_options",
            "temperature",
            "top_logprobs",
            "top_p",
        }
    ),
    path=_path,
)
