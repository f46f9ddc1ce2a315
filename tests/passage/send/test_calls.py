"""What leaves: bodies, paths and headers of each outbound dialect."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from ecluse.domain.destination import ModelId
from ecluse.domain.request import BlobPart, Json, Message, Request, Role, Surface, TextPart
from ecluse.passage.send import DIALECTS
from simulators import published, published_aws
from tests.passage.send.exchange import CONVERSATION, FOLDER, destination, request


def vertex_anthropic(body: bytes) -> object:
    """The same types as at Anthropic, but for the model, which stands in the path, and the version, in the body."""
    stated = json.loads(body)
    assert stated.pop("anthropic_version") == "vertex-2023-10-16"
    return published.anthropic_messages(json.dumps({**stated, "model": "m"}).encode(), sampling=True)


CHECKS: dict[str, Callable[[bytes], object]] = {
    "anthropic_messages": partial(published.anthropic_messages, sampling=True),
    "openai_chat": published.openai_chat,
    "openai_responses": published.openai_responses,
    "azure_openai": published.openai_chat,
    "azure_classic": published.openai_chat,
    "azure_inference": published.openai_chat,
    "bedrock_converse": partial(published_aws.converse, model="mistral.mistral-large-2402-v1:0"),
    "mistral_chat": published.mistral_chat,
    "vertex_anthropic": vertex_anthropic,
    "vertex_mistral": published.mistral_chat,
    "vertex_openai": published.openai_chat,
}
UNPUBLISHED = frozenset({"ollama_chat"})
"""Dialects of which no package of types is installed."""
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
    body = DIALECTS[dialect].call(replace(CONVERSATION, stream=stream), destination(), "a").body
    if dialect not in UNPUBLISHED:
        CHECKS[dialect](body)


@every_dialect
def test_only_our_own_headers_leave(dialect: str) -> None:
    call = DIALECTS[dialect].call(CONVERSATION, destination(), "0123456789abcdef" * 2)
    own = {"anthropic_messages": [("anthropic-version", "2023-06-01")]}
    accept = {"bedrock_converse": "application/vnd.amazon.eventstream"}.get(dialect, "text/event-stream")
    assert list(call.headers) == [
        ("content-type", "application/json"),
        ("accept", accept),
        ("x-request-id", "0123456789abcdef" * 2),
        *own.get(dialect, []),
    ]
    assert call.stream
    assert ("accept", "application/json") in DIALECTS[dialect].call(request(stream=False), destination(), "a").headers


@pytest.mark.parametrize(
    ("dialect", "base_url", "url"),
    [
        ("openai_chat", "https://oai.endpoints.test/v1", "https://oai.endpoints.test/v1/chat/completions"),
        ("openai_chat", "https://x.inference.ai.test/v1", "https://x.inference.ai.test/v1/chat/completions"),
        ("mistral_chat", "https://api.eu.test/v1/", "https://api.eu.test/v1/chat/completions"),
        ("anthropic_messages", "https://api.anthropic.test/v1", "https://api.anthropic.test/v1/messages"),
        ("azure_openai", "https://r.openai.test", "https://r.openai.test/openai/v1/chat/completions"),
        ("azure_openai", "https://r.openai.test/openai/v1/", "https://r.openai.test/openai/v1/chat/completions"),
        (
            "azure_classic",
            "https://r.openai.test",
            "https://r.openai.test/openai/deployments/wire-model/chat/completions?api-version=2024-10-21",
        ),
        (
            "azure_inference",
            "https://r.services.test/models",
            "https://r.services.test/models/chat/completions?api-version=2024-05-01-preview",
        ),
        ("bedrock_converse", "https://bedrock.test", "https://bedrock.test/model/wire-model/converse-stream"),
        ("ollama_chat", "http://127.0.0.1:11434", "http://127.0.0.1:11434/api/chat"),
        ("openai_responses", "https://api.test/v1", "https://api.test/v1/responses"),
        (
            "vertex_openai",
            "https://r.test/v1/projects/p/locations/r",
            "https://r.test/v1/projects/p/locations/r/endpoints/openapi/chat/completions",
        ),
        (
            "vertex_anthropic",
            "https://r.test/l",
            "https://r.test/l/publishers/anthropic/models/wire-model:streamRawPredict",
        ),
        (
            "vertex_mistral",
            "https://r.test/l",
            "https://r.test/l/publishers/mistralai/models/wire-model:streamRawPredict",
        ),
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
        ("azure_classic", ("api-key", "s3")),
        ("azure_inference", ("api-key", "s3")),
        ("bedrock_converse", ("authorization", "Bearer s3")),
        ("vertex_anthropic", ("authorization", "Bearer s3")),
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


@pytest.mark.parametrize(
    ("model", "name"),
    [
        *((model, "max_completion_tokens") for model in ("gpt-5.4", "gpt-5-mini", "gpt-5", "o3", "o4-mini")),
        *((model, "max_tokens") for model in ("gpt-oss-120b", "gpt-4o", "gpt-50", "mistral-large-3", "olmo-3")),
    ],
)
@pytest.mark.parametrize("dialect", ["openai_chat", "azure_openai", "azure_classic"])
def test_a_reasoning_model_of_openais_gets_the_limit_by_the_only_name_it_takes(
    dialect: str, model: str, name: str
) -> None:
    asked = replace(request(stream=False), options={"max_tokens": 5})
    call = DIALECTS[dialect].call(asked, replace(destination(), model=ModelId(model)), "a")
    body = json.loads(call.body)
    assert {one: body[one] for one in body if one.startswith("max_")} == {name: 5}


@every_dialect
@pytest.mark.parametrize(
    "name",
    ["base_url", "api_base", "store", "extra_body", "modalities", "audio", "prompt_cache_retention", "Mme Durand"],
)
def test_an_option_that_a_dialect_does_not_take_is_named_and_stays(dialect: str, name: str) -> None:
    asked = replace(request(), options={name: "https://evil.test", "temperature": 0})
    assert DIALECTS[dialect].unsupported(asked) == (name,)
    written = json.dumps(sent(dialect, asked))
    assert "https://evil.test" not in written
    assert '"temperature": 0' in written


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


@pytest.mark.parametrize(
    "dialect", ["openai_chat", "azure_openai", "azure_classic", "azure_inference", "vertex_openai"]
)
@pytest.mark.parametrize(
    ("media", "named"),
    [("application/pdf", ()), ("Application/PDF", ()), ("text/plain", ("messages.file: PDF only",))],
)
def test_a_chat_of_openais_takes_no_file_but_a_pdf(dialect: str, media: str, named: tuple[str, ...]) -> None:
    files = tuple(
        BlobPart(media="file", wire={"type": "file", "file": {"file_data": f"data:{kind};base64,QQ=="}})
        for kind in ("application/pdf", media, media)
    )
    assert DIALECTS[dialect].unsupported(replace(request(), messages=(Message(role=Role.USER, parts=files),))) == named


@every_dialect
def test_the_public_name_of_the_model_stays(dialect: str) -> None:
    call = DIALECTS[dialect].call(CONVERSATION, destination(), "a")
    assert "wire-model" in call.path or json.loads(call.body)["model"] == "wire-model"
    assert b'"auto"' not in call.body


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
