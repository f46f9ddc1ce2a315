"""The dialect `vertex_anthropic`: Anthropic's messages on Vertex AI.

Law: the model stands in the path and the version in the body; all else is Anthropic's. Base URL as for `vertex_openai`.
Source: docs.anthropic.com, "Claude on Vertex AI"; the `anthropic` package 2.12 (`lib/vertex`).
"""

from ecluse.domain.request import Json
from ecluse.passage.send.anthropic_messages import DIALECT as ANTHROPIC
from ecluse.passage.send.vertex_wire import RawPredict

VERSION = "vertex-2023-10-16"


def _rewrite(body: dict[str, Json]) -> dict[str, Json]:
    return {"anthropic_version": VERSION, **{name: value for name, value in body.items() if name != "model"}}


DIALECT = RawPredict(
    name="vertex_anthropic",
    inner=ANTHROPIC,
    maker="anthropic",
    rewrite=_rewrite,
    drops=frozenset({"anthropic-version"}),
)
