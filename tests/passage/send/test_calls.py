"""What leaves: bodies, paths and headers of each outbound dialect."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from ecluse.domain.request import Json, Message, Request, Role, Surface, TextPart
from ecluse.passage.send import DIALECTS
from simulators import published
from tests.passage.send.exchange import CONVERSATION, FOLDER, destination, request

every_dialect = pytest.mark.parametrize("dialect", sorted(DIALECTS))


def sent(dialect: str, asked: Request) -> dict[str, Json]:
    """Return the body that leaves."""
    body: dict[str, Json] = json.loads(DIALECTS[dialect].call(asked, destination(), "a" * 32).body)
    return body


@every_dialect
def test_a_conversation_leaves_as_its_snapshot_says(dialect: str) -> None:
    written = json.dumps(sent(dialect, CONVERSATION), indent=1, ensure_ascii=False) + "\n"
    assert written == (FOLDER / dialect / "conversation.sent").read_text()


@every_dialect
@pytest.mark.parametrize("stream", [True, False])
def test_a_conversation_leaves_as_the_providers_own_types_have_it(dialect: str, stream: bool) -> None:  # noqa: FBT001 - a table
    """The types of the official SDKs refuse any field that they do not name, at every depth."""
    checks: dict[str, Callable[[bytes], object]] = {
        "anthropic_messages": partial(published.anthropic_messages, sampling=True),
        "openai_chat": published.openai_chat,
        "azure_openai": published.openai_chat,
        "mistral_chat": published.mistral_chat,
    }
    checks[dialect](DIALECTS[dialect].call(replace(CONVERSATION, stream=stream), destination(), "a").body)


@every_dialect
def test_only_our_own_headers_leave(dialect: str) -> None:
    call = DIALECTS[dialect].call(CONVERSATION, destination(), "0123456789abcdef" * 2)
    own = {"anthropic_messages": [("anthropic-version", "2023-06-01")]}
    assert list(call.headers) == [
        ("content-type", "application/json"),
        ("accept", "text/event-stream"),
        ("x-request-id", "0123456789abcdef" * 2),
        *own.get(dialect, []),
    ]
    assert call.stream
    assert ("accept", "application/json") in DIALECTS[dialect].call(request(stream=False), destination(), "a").headers


@pytest.mark.parametrize(
    ("dialect", "base_url", "url"),
    [
        ("openai_chat", "https://oai.endpoints.test/v1", "https://oai.endpoints.test/v1/chat/completions"),
        ("mistral_chat", "https://api.eu.test/v1/", "https://api.eu.test/v1/chat/completions"),
        ("anthropic_messages", "https://api.anthropic.test/v1", "https://api.anthropic.test/v1/messages"),
        ("azure_openai", "https://r.openai.test", "https://r.openai.test/openai/v1/chat/completions"),
        ("azure_openai", "https://r.openai.test/openai/v1/", "https://r.openai.test/openai/v1/chat/completions"),
    ],
)
def test_the_path_follows_the_base_url(dialect: str, base_url: str, url: str) -> None:
    call = DIALECTS[dialect].call(CONVERSATION, destination(base_url), "a")
    assert base_url.removesuffix("/") + call.path == url


@pytest.mark.parametrize(
    ("dialect", "header"),
    [
        ("openai_chat", ("authorization", "Bearer s3")),
        ("mistral_chat", ("authorization", "Bearer s3")),
        ("azure_openai", ("api-key", "s3")),
        ("anthropic_messages", ("x-api-key", "s3")),
    ],
)
def test_a_secret_goes_in_one_header(dialect: str, header: tuple[str, str]) -> None:
    assert DIALECTS[dialect].auth_header("s3") == header


@pytest.mark.parametrize("dialect", ["openai_chat", "azure_openai"])
def test_usage_is_asked_for_in_every_stream_and_only_there(dialect: str) -> None:
    asked = replace(request(), options={"stream_options": {"include_obfuscation": False}})
    assert sent(dialect, asked)["stream_options"] == {"include_obfuscation": False, "include_usage": True}
    assert "stream_options" not in sent(dialect, replace(asked, stream=False))


@pytest.mark.parametrize(
    ("options", "written"),
    [
        ({"max_tokens": 5}, {"max_tokens": 5}),
        ({"max_tokens": 5, "max_completion_tokens": 5}, {"max_completion_tokens": 5}),
    ],
)
def test_the_limit_leaves_under_the_name_that_the_caller_wrote(
    options: dict[str, Json], written: dict[str, Json]
) -> None:
    asked = replace(request(stream=False), options=options)
    body = sent("openai_chat", asked)
    assert {name: body[name] for name in body if name.startswith("max_")} == written
    assert sent("mistral_chat", asked)["max_tokens"] == 5


@every_dialect
@pytest.mark.parametrize(
    "name",
    ["base_url", "api_base", "store", "extra_body", "modalities", "audio", "prompt_cache_retention", "Mme Durand"],
)
def test_an_option_that_a_dialect_does_not_take_is_named_and_stays(dialect: str, name: str) -> None:
    asked = replace(request(), options={name: "https://evil.test", "temperature": 0})
    assert DIALECTS[dialect].unsupported(asked) == (name,)
    body = sent(dialect, asked)
    assert name not in body
    assert body["temperature"] == 0


@pytest.mark.parametrize(
    ("dialect", "extra", "named"),
    [
        ("openai_chat", {"reasoning_content": "r"}, ()),
        ("openai_chat", {"refusal": "n"}, ()),
        ("openai_chat", {"prefix": True, "cache": 1}, ("messages.cache", "messages.prefix")),
        ("azure_openai", {"reasoning_content": "r"}, ()),
        ("azure_openai", {"prefix": True}, ("messages.prefix",)),
        ("mistral_chat", {"prefix": True, "reasoning_content": "r"}, ()),
        ("mistral_chat", {"prefix": "yes"}, ("messages.prefix",)),
        ("mistral_chat", {"cache": 1}, ("messages.cache",)),
    ],
)
def test_a_field_of_a_message_leaves_only_where_it_is_taken(
    dialect: str, extra: dict[str, Json], named: tuple[str, ...]
) -> None:
    message = Message(role=Role.ASSISTANT, parts=(TextPart(text="a"),), extra=extra)
    asked = replace(request(), messages=(message,))
    assert DIALECTS[dialect].unsupported(asked) == named
    assert not {name.removeprefix("messages.") for name in named} & set(json.dumps(sent(dialect, asked)).split('"'))


@every_dialect
def test_the_public_name_of_the_model_stays(dialect: str) -> None:
    body = sent(dialect, CONVERSATION)
    assert body["model"] == "wire-model"
    assert "auto" not in json.dumps(body["messages"])


# ------------------------------------------------------------------ embeddings
@pytest.mark.parametrize(
    ("dialect", "written", "named"),
    [
        ("openai_chat", {"dimensions": 8, "encoding_format": "base64", "user": "u"}, ()),
        ("azure_openai", {"dimensions": 8, "encoding_format": "base64", "user": "u"}, ()),
        ("mistral_chat", {"encoding_format": "base64", "output_dimension": 8}, ("user",)),
    ],
)
def test_embeddings_leave_with_the_options_that_are_taken(
    dialect: str, written: dict[str, Json], named: tuple[str, ...]
) -> None:
    options: dict[str, Json] = {"dimensions": 8, "encoding_format": "base64", "user": "u"}
    asked = replace(request(surface=Surface.EMBEDDINGS), options=options)
    assert sent(dialect, asked) == {"model": "wire-model", "input": ["une", "deux"], **written}
    assert DIALECTS[dialect].unsupported(asked) == named
    assert DIALECTS[dialect].call(asked, destination(), "a").path.endswith("/embeddings")
