"""Whatever a caller sends, admit returns a request or raises CallerError, and nothing else."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.errors import CallerError
from ecluse.domain.request import Surface
from ecluse.passage.admit.openai_chat import DIALECT

CHAT: dict[str, Any] = {"model": "m", "messages": []}
EMBEDDINGS: dict[str, Any] = {"model": "m", "input": "Bonjour"}
_words = st.sampled_from(
    [
        *("model", "messages", "role", "content", "name", "id", "type", "text", "refusal"),
        *("system", "user", "assistant", "tool"),
        *("image_url", "url", "input_audio", "data", "format", "file", "file_id", "file_data", "filename"),
        *("tool_calls", "function", "arguments", "tools", "parameters", "description", "strict", "custom"),
        *("tool_choice", "auto", "allowed_tools", "mode", "web_search", "functions"),
        *("stream", "stream_options", "include_usage", "n", "stop", "max_tokens", "max_completion_tokens"),
        *("response_format", "json_schema", "schema", "logit_bias", "metadata", "input", "encoding_format"),
    ]
)
_anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | _words
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_words, inner, max_size=6),
    max_leaves=30,
)


def _only_caller_error(surface: Surface, body: bytes) -> None:
    with suppress(CallerError):
        DIALECT.admit(surface, body)


@settings(max_examples=80)
@given(value=_anything, surface=st.sampled_from(Surface))
def test_no_json_does_more_than_refuse(value: object, surface: Surface) -> None:
    _only_caller_error(surface, json.dumps(value).encode())


@settings(max_examples=80)
@given(fields=st.dictionaries(_words, _anything, max_size=4), turn=st.dictionaries(_words, _anything, max_size=5))
def test_no_field_of_a_good_call_does_more_than_refuse(fields: dict[str, Any], turn: dict[str, Any]) -> None:
    chat = {**CHAT, **fields, "messages": [{"role": "assistant", **turn}, {"role": "user", **turn}]}
    _only_caller_error(Surface.CHAT, json.dumps(chat).encode())
    _only_caller_error(Surface.EMBEDDINGS, json.dumps({**EMBEDDINGS, **fields}).encode())


@given(
    body=st.binary(max_size=60), start=st.sampled_from([b"", b'{"model":"m","messages":[', b'{"model":"m","input":'])
)
def test_no_bytes_do_more_than_refuse(body: bytes, start: bytes) -> None:
    _only_caller_error(Surface.CHAT, start + body)
    _only_caller_error(Surface.EMBEDDINGS, start + body)
