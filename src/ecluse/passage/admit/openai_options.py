"""Every other field of an OpenAI call, under its own name.

Law: a field that is known has the type that OpenAI gives it; one that is not known is kept, scanned, and goes only
where a dialect takes it. Null is the same as absent. A field that says what would happen anyway (`n: 1`,
`store: false`) is dropped, so that it closes no destination.

`max_tokens` is the neutral name of the limit on an answer. When the caller wrote `max_completion_tokens`, that stays
too: OpenAI's reasoning models take only the new name and get it in any case, most servers take only the old one.
"""

from collections.abc import Callable, Mapping

from ecluse.domain.errors import CallerError
from ecluse.domain.request import Capability, HostedTool, Json, Message, Tool
from ecluse.passage.admit.checks import array, boolean, integer, mapping, number, one_of, only, some_text, text, wrong
from ecluse.passage.admit.openai_tools import refuse_hosted_fields

CHOICES = 128
"""Most answers to one call."""

_JSON_FORMATS = ("json_object", "json_schema")
_FORMATS = ("text", *_JSON_FORMATS)
_IDLE: Mapping[str, tuple[Json, ...]] = {
    "n": (1,),
    "store": (False,),
    "logprobs": (False,),
    "modalities": (["text"],),
    "web_search_options": (False,),
    "web_search": (False,),
    "enable_search": (False,),
}
"""Values that say what would happen anyway."""


def chat_options(fields: Mapping[str, Json], read: frozenset[str]) -> dict[str, Json]:
    """Return what is in `fields` beyond those already `read`, checked."""
    options = _rest(fields, read)
    refuse_hosted_fields(options)
    _renamed(options, "random_seed", "seed", integer)
    for legacy, instead in (("functions", "tools"), ("function_call", "tool_choice")):
        if legacy in options:
            raise CallerError("unsupported_field", f"{legacy}; {instead}")
    for name, check in _CHAT.items():
        if name in options:
            options[name] = check(options[name], name)
    if options.get("store") is True:
        raise CallerError("retention_refused", "store")
    _limit(options)
    return options


def embeddings_options(fields: Mapping[str, Json], read: frozenset[str]) -> dict[str, Json]:
    """Return what is in `fields` beyond those already `read`, checked."""
    options = checked(fields, read, _EMBEDDINGS)
    _renamed(options, "output_dimension", "dimensions", count)
    return options


def _renamed(options: dict[str, Json], theirs: str, ours: str, check: Callable[[Json, str], Json]) -> None:
    """Take Mistral's word for a field; both may stand there if they say the same."""
    if theirs in options:
        value = check(options.pop(theirs), theirs)
        if options.setdefault(ours, value) != value:
            raise wrong(theirs, ours)


def checked(
    fields: Mapping[str, Json], read: frozenset[str], checks: Mapping[str, Callable[[Json, str], Json]]
) -> dict[str, Json]:
    """Return what is in `fields` beyond those already `read`; what is not in `checks` is kept as it came."""
    options = _rest(fields, read)
    refuse_hosted_fields(options)
    for name, check in checks.items():
        if name in options:
            options[name] = check(options[name], name)
    return options


def stream_options(value: Json) -> tuple[bool, dict[str, Json]]:
    """Return whether the caller wants to see usage, and the other options of the stream."""
    if value is None:
        return False, {}
    options = dict(mapping(value, "stream_options"))
    usage = options.pop("include_usage", None)
    rest: dict[str, Json] = {name: member for name, member in options.items() if member is not None}
    return usage is not None and boolean(usage, "stream_options.include_usage"), rest


def chat_needs(
    messages: tuple[Message, ...], tools: tuple[Tool | HostedTool, ...], options: Mapping[str, Json], *, stream: bool
) -> frozenset[Capability]:
    """Say what a destination must be able to do for this call."""
    needs = {Capability.CHAT}
    if stream:
        needs.add(Capability.STREAM)
    if tools or any(message.tool_calls or message.tool_call_id for message in messages):
        needs.add(Capability.TOOLS)
    form = options.get("response_format")
    if isinstance(form, Mapping) and form.get("type") in _JSON_FORMATS:
        needs.add(Capability.JSON_OUTPUT)
    media = {getattr(part, "media", None) for message in messages for part in message.parts}
    return frozenset(needs | {need for name, need in _MEDIA.items() if name in media})


_MEDIA = {"image": Capability.VISION, "audio": Capability.AUDIO, "file": Capability.FILES}


def _rest(fields: Mapping[str, Json], read: frozenset[str]) -> dict[str, Json]:
    return {
        name: value
        for name, value in fields.items()
        if name not in read and value is not None and not _idle(name, value)
    }


def _idle(name: str, value: Json) -> bool:
    return any(type(value) is type(idle) and value == idle for idle in _IDLE.get(name, ()))


def _limit(options: dict[str, Json]) -> None:
    old, new = options.get("max_tokens"), options.get("max_completion_tokens")
    if new is None:
        return
    if old not in (None, new):
        raise wrong("max_tokens", "max_completion_tokens")
    options["max_tokens"] = new


# ------------------------------------------------------------------ what each field takes
def stop(value: Json, path: str) -> Json:
    """Return what ends an answer: a text or several, or raise."""
    if isinstance(value, str):
        return value
    return [text(item, f"{path}[{i}]") for i, item in enumerate(array(value, path))]


def count(value: Json, path: str) -> Json:
    """Return a number of tokens, at least one, or raise."""
    if integer(value, path) < 1:
        raise wrong(path, "integer >= 1")
    return value


def choices(value: Json, path: str) -> Json:
    """Return how many answers are asked for, or raise."""
    if not 1 <= integer(value, path) <= CHOICES:
        raise wrong(path, f"1..{CHOICES}")
    return value


def _response_format(value: Json, path: str) -> Json:
    form = mapping(value, path)
    kind = one_of(form.get("type"), f"{path}.type", _FORMATS)
    if kind != "json_schema":
        only(form, frozenset({"type"}), path)
        return {"type": kind}
    only(form, frozenset({"type", "json_schema"}), path)
    path = f"{path}.json_schema"
    schema = mapping(form.get("json_schema"), path)
    only(schema, frozenset({"name", "description", "schema", "strict"}), path)
    some_text(schema.get("name"), f"{path}.name")
    mapping(schema.get("schema"), f"{path}.schema")
    return {"type": kind, "json_schema": {key: member for key, member in schema.items() if member is not None}}


def _prediction(value: Json, path: str) -> Json:
    """Return predicted content as one text: a value may be cut over its parts, and is read as one."""
    said = mapping(value, path)
    only(said, frozenset({"type", "content"}), path)
    one_of(said.get("type"), f"{path}.type", ("content",))
    content, path = said.get("content"), f"{path}.content"
    if isinstance(content, str):
        return {"type": "content", "content": content}
    texts = [_predicted(part, f"{path}[{i}]") for i, part in enumerate(array(content, path))]
    return {"type": "content", "content": "".join(texts)}


def _predicted(value: Json, path: str) -> str:
    part = mapping(value, path)
    only(part, frozenset({"type", "text"}), path)
    one_of(part.get("type"), f"{path}.type", ("text",))
    return text(part.get("text"), f"{path}.text")


_Check = Callable[[Json, str], Json]
_CHAT: Mapping[str, _Check] = {
    "temperature": number,
    "top_p": number,
    "frequency_penalty": number,
    "presence_penalty": number,
    "n": choices,
    "seed": integer,
    "max_tokens": count,
    "max_completion_tokens": count,
    "top_logprobs": integer,
    "logprobs": boolean,
    "parallel_tool_calls": boolean,
    "store": boolean,
    "user": text,
    "service_tier": text,
    "reasoning_effort": text,
    "verbosity": text,
    "prompt_cache_key": text,
    "safety_identifier": text,
    "logit_bias": mapping,
    "metadata": mapping,
    "prediction": _prediction,
    "response_format": _response_format,
    "stop": stop,
}


def _encoding(value: Json, path: str) -> Json:
    return one_of(value, path, ("float", "base64"))


_EMBEDDINGS: Mapping[str, _Check] = {"encoding_format": _encoding, "dimensions": count, "user": text}
