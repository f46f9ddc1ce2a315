"""The dialect `vertex_mistral`: Mistral's chat on Vertex AI.

Law: the model stands in the path and in the body; all else is Mistral's. Base URL as for `vertex_openai`.
Source: mistralai/platform-docs-public, cloud deployments, Vertex AI; the `mistralai` package 3.7 (`gcp`).
"""

from ecluse.passage.send.mistral_chat import DIALECT as MISTRAL
from ecluse.passage.send.vertex_wire import RawPredict

DIALECT = RawPredict(name="vertex_mistral", inner=MISTRAL, maker="mistralai", rewrite=dict)
