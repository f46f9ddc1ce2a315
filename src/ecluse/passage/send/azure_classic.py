"""The dialect `azure_classic`: Azure OpenAI by its older path, with the deployment's name and a version of the API.

Law: one version, pinned here, so that what is sent does not change by itself; the key in `api-key`. Base URL:
`https://<resource>.openai.azure.com`.
Source: learn.microsoft.com, "Azure OpenAI REST API reference", GA version 2024-10-21.
"""

from ecluse.domain.destination import Destination
from ecluse.passage.send.azure_openai import api_key
from ecluse.passage.send.openai_wire import STANDARD, OpenAILike

VERSION = "2024-10-21"


def _path(destination: Destination, path: str) -> str:
    return f"/openai/deployments/{destination.wire_model}{path}?api-version={VERSION}"


DIALECT = OpenAILike(
    name="azure_classic",
    takes=STANDARD - {"prompt_cache_key", "reasoning_effort", "safety_identifier", "service_tier", "verbosity"},
    auth=api_key,
    path=_path,
)
