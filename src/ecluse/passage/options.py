"""Options of a chat that a destination does not take by what is on record, though its wire format has a word for them.

Law: an option that would change the answer is named, and that destination is not asked; one that says what would happen
anyway, or who the end user is, stays behind without a word, as everywhere.
"""

from collections.abc import Mapping
from dataclasses import replace

from ecluse.domain.destination import Destination, Options
from ecluse.domain.request import HostedPart, Json, Request, Role, Surface

EFFORT = "reasoning_effort"
PREFILL = "prefill"
"""Stands for a last turn of the assistant that the answer is to go on from."""
_WHO = {"user": ("user", "end_user"), "safety_identifier": ("safety_identifier",)}
"""Options that say who the end user is, and the neutral names that leave as them."""
_IDLE: Mapping[str, Json] = {
    "temperature": 1,
    "top_p": 1,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "logit_bias": {},
}
"""Values that say what would happen anyway, by OpenAI's reference of chat completions."""


def not_taken(request: Request, destination: Destination) -> tuple[str, ...]:
    """Name the options of the request that `destination` does not take and that would change its answer."""
    found = _found(request, destination)
    return tuple(said for name, said in found.items() if not _stays_behind(request, name))


def fitted(request: Request, destination: Destination) -> Request:
    """Return the request without what `destination` does not take and what changes no answer."""
    behind = {neutral for name in _found(request, destination) for neutral in _WHO.get(name, (name,))}
    if not behind & request.options.keys():
        return request
    return replace(request, options={name: value for name, value in request.options.items() if name not in behind})


def _found(request: Request, destination: Destination) -> dict[str, str]:
    """Return the options that are asked for and not taken, and as what each is named."""
    record = destination.options
    if record is None or request.surface is not Surface.CHAT:
        return {}
    reasons = request.options.get(EFFORT) not in (None, "none")
    beside = {name: f"{name}: not with {EFFORT}" for name in record.not_with_reasoning if reasons}
    asked = {name: name for name in record.not_taken} | beside
    found = {name: said for name, said in asked.items() if request.options.keys() & set(_WHO.get(name, (name,)))}
    found |= _beside_each_other(request, record)
    return found | ({PREFILL: f"messages.{PREFILL}"} if PREFILL in asked and _is_begun(request) else {})


def _beside_each_other(request: Request, record: Options) -> dict[str, str]:
    """Return those of which one is taken where there are more; what says what would happen anyway stays behind."""
    there = [name for name in record.not_together if name in request.options]
    telling = [name for name in there if not _stays_behind(request, name)]
    if len(there) < 2:  # noqa: PLR2004 - one alone is taken
        return {}
    idle = {name: name for name in there if name not in telling}
    clash = telling if len(telling) > 1 else []
    return idle | {name: f"{name}: not with {', '.join(o for o in clash if o != name)}" for name in clash}


def _is_begun(request: Request) -> bool:
    """Say whether the answer is to go on from words of the assistant; a tool of the provider's that paused is none."""
    last = request.messages[-1] if request.messages else None
    if last is None or last.role is not Role.ASSISTANT or last.tool_calls:
        return False
    return not any(isinstance(part, HostedPart) for part in last.parts)


def _stays_behind(request: Request, name: str) -> bool:
    return name in _WHO or (name in _IDLE and request.options[name] == _IDLE[name])
