"""Paths of the formats spoken here that are not served, and the error code that says what to do instead.

Law: what another endpoint does with data is known by its name and refused by it, never by a bare 404; nothing under
such a path is read. Sources: the `openai` 3.54, `mistralai` 3.7 and `anthropic` 2.12 packages, November 2026.
"""

from collections.abc import Mapping

UNSERVED: Mapping[str, str] = {
    "/v1/agents": "agent_refused",
    "/v1/assistants": "agent_refused",
    "/v1/chatkit": "agent_refused",
    "/v1/connectors": "agent_refused",
    "/v1/containers": "agent_refused",
    "/v1/context": "agent_refused",
    "/v1/deployments": "agent_refused",
    "/v1/dreams": "agent_refused",
    "/v1/environments": "agent_refused",
    "/v1/libraries": "agent_refused",
    "/v1/memory_stores": "agent_refused",
    "/v1/rag": "agent_refused",
    "/v1/sessions": "agent_refused",
    "/v1/skills": "agent_refused",
    "/v1/threads": "agent_refused",
    "/v1/triggers": "agent_refused",
    "/v1/vaults": "agent_refused",
    "/v1/vector_stores": "agent_refused",
    "/v1/workflows": "agent_refused",
    "/v1/batch": "batch_refused",
    "/v1/batches": "batch_refused",
    "/v1/files": "batch_refused",
    "/v1/uploads": "batch_refused",
    "/v1/images": "image_refused",
    "/v1/videos": "image_refused",
    "/v1/audio/agents": "realtime_refused",
    "/v1/audio/sessions": "realtime_refused",
    "/v1/client/sessions": "realtime_refused",
    "/v1/live": "realtime_refused",
    "/v1/realtime": "realtime_refused",
    "/v1/audio": "surface_refused",
    "/v1/chat/classifications": "surface_refused",
    "/v1/chat/moderations": "surface_refused",
    "/v1/classifications": "surface_refused",
    "/v1/content_provenance_checks": "surface_refused",
    "/v1/observability": "surface_refused",
    "/v1/organization": "surface_refused",
    "/v1/organizations": "surface_refused",
    "/v1/projects": "surface_refused",
    "/v1/users": "surface_refused",
    "/v1/evals": "training_refused",
    "/v1/fine_tuning": "training_refused",
}
