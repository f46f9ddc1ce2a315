"""The dialect `azure_openai`: Azure OpenAI and Foundry by the v1 API.

Law: no `api-version`, the deployment's name in `model`, the key in `api-key` and never in two headers at once. Base
URL: the resource, such as `https://<resource>.openai.azure.com` or `https://<resource>.services.ai.azure.com`, with or
without `/openai/v1`.
Source: learn.microsoft.com, "Azure OpenAI in Microsoft Foundry Models v1 API".
"""

from ecluse.domain.destination import Destination
from ecluse.passage.send.openai_wire import STANDARD, OpenAILike
from ecluse.passage.send.wider import Wider
from ecluse.passage.send.works import AZURE

_PREFIX = "/openai/v1"


def _path(destination: Destination, path: str) -> str:
    return path if destination.base_url.rstrip("/").endswith(_PREFIX) else _PREFIX + path


def api_key(secret: str) -> tuple[str, str]:
    """Carry a secret as Azure does."""
    return "api-key", secret


DIALECT = Wider(OpenAILike(name="azure_openai", takes=STANDARD, auth=api_key, path=_path), AZURE, _path)
