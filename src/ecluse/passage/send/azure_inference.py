"""The dialect `azure_inference`: models of other makers on Azure by the model inference API.

Law: its schema has few options and no `stream_options`; the key in `api-key`. Base URL:
`https://<resource>.services.ai.azure.com/models`.
Source: learn.microsoft.com, "Azure AI Model Inference REST API reference", version 2024-05-01-preview.
"""

from ecluse.domain.destination import Destination
from ecluse.passage.send.azure_openai import api_key
from ecluse.passage.send.openai_wire import OpenAILike

VERSION = "2024-05-01-preview"


def _path(_destination: Destination, path: str) -> str:
    return f"{path}?api-version={VERSION}"


DIALECT = OpenAILike(
    name="azure_inference",
    takes=frozenset(
        {
            "frequency_penalty",
            "max_tokens",
            "presence_penalty",
            "response_format",
            "seed",
            "stop",
            "temperature",
            "top_p",
        }
    ),
    auth=api_key,
    path=_path,
    metered=False,
)
