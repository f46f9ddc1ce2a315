"""Every destination that ships, each before a simulator of its dialect: where its calls go, and that it answers."""

import base64
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import botocore.session
import httpx2
import openai
import pytest
from anthropic import Anthropic
from mistralai.client.sdkconfiguration import SERVERS
from openai import OpenAI

from ecluse.domain.destination import Destination, DestinationId
from ecluse.domain.request import Capability, Surface
from ecluse.edge.keys import SecretResolver
from ecluse.edge.signing.aws import SIGNER as AWS
from ecluse.passage.admit import DIALECTS as INBOUND
from ecluse.passage.send import DIALECTS as OUTBOUND
from tests.edge.gateway import PAIR, REGISTRY, Gateway, gateway
from tests.passage.test_dialect_sdks import sent_by_the_client
from tests.scan.made import pdf

EVERY = sorted(REGISTRY.destinations)
TABLES = tomllib.loads(Path(__file__).with_name("reached.toml").read_text(encoding="utf-8"))
REACHED = TABLES["reached"]
"""Where a call of each goes and under which header its secret: made from the registry, then read beside the sources."""
READ = {row["of"]: row for row in TABLES["read"]}
"""What was read of whose address, where and when; by the beginning of the destinations' names, the longest first."""
OWN = "https://own.example/v1"
"""The address that an owner gives to what runs on a machine of its own."""
EXTRA = """
[[organisations]]
id = "everywhere"
name = "Has a contract with each"
kind = "private"
contracts = {contracts}

[[organisations.applications]]
id = "every"
name = "Public data"
purposes = ["drafting"]
analyses = [{{ kind = "register_entry", reference = "REG-8" }}]

[[organisations]]
id = "ministry"
name = "A ministry"
kind = "state_administration"
contracts = {contracts}

[[organisations.applications]]
id = "state"
name = "Public data of the State"
purposes = ["drafting"]
analyses = [{{ kind = "register_entry", reference = "REG-7" }}]

[aliases]
{aliases}

{routes}
"""
QUESTION: Any = [{"role": "user", "content": "Which city is the capital of France?"}]
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
PNG = base64.b64encode(b"\x89PNG\r\n" + bytes(60)).decode()


def known(name: str) -> Destination:
    """Return a destination with what its owner fills in."""
    found = REGISTRY.destinations[name]  # type: ignore[index] # a name is an id
    own = OWN.removesuffix("/v1") if found.dialect == "ollama_chat" else OWN
    return replace(found, base_url=(found.base_url or own).replace("{resource}", "resource"))


def test_each_destination_says_where_it_is_reached() -> None:
    assert sorted(REACHED) == EVERY
    assert len({name.partition("/")[0] for name in REACHED}) >= 20


def test_each_providers_address_was_read_at_its_source_or_stands_as_unread() -> None:
    both = [*READ, *TABLES["unread"]]
    assert not set(READ) & set(TABLES["unread"])
    for name in EVERY:
        of_its_provider = REGISTRY.destinations[DestinationId(name)].base_url
        assert not of_its_provider or any(name.startswith(of) for of in both), name
    assert all(any(name.startswith(of) for name in EVERY) for of in both)
    assert all(
        row["says"] and row["url"].startswith("https://") and isinstance(row["on"], date) for row in READ.values()
    )


def test_the_official_clients_have_the_addresses_that_ship() -> None:
    with httpx2.Client(
        trust_env=False, verify=False
    ) as nobody:  # nothing is sent, and roots of TLS take a second to read
        eu = OpenAI(api_key="k", data_residency="eu", http_client=nobody)
        world = OpenAI(api_key="k", http_client=nobody)
        claude = Anthropic(api_key="k", http_client=nobody)
        theirs = {
            "openai/eu/gpt-5.4": f"{eu.base_url}chat/completions",
            "openai/global/gpt-5.4": f"{world.base_url}responses",
            "anthropic/api/claude-sonnet-4.6": f"{str(claude.base_url).rstrip('/')}/v1/messages",
        }
    for place, address in SERVERS.items():
        theirs[f"mistral/{place}/mistral-large-3"] = f"{address}/v1/chat/completions"
    bedrock = botocore.session.get_session().create_client(
        "bedrock-runtime", region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="k"
    )
    path = bedrock.meta.service_model.operation_model("Converse").http["requestUri"]
    name = "aws/us-east-1-converse/mistral-large-3"
    theirs[name] = bedrock.meta.endpoint_url + path.format(modelId=known(name).wire_model)
    bedrock.close()
    assert theirs == {name: REACHED[name]["chat"] for name in theirs}
    marked = [of for of, row in READ.items() if "client" in row]
    assert all(any(name.startswith(of) for name in theirs) for of in marked)


@pytest.mark.parametrize("name", EVERY)
def test_a_call_of_an_official_client_goes_where_the_list_says(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    there = known(name)
    dialect = OUTBOUND[there.dialect]
    request = INBOUND["openai_chat"].admit(Surface.CHAT, sent_by_the_client("openai_chat"))
    if Capability.CHAT not in there.capabilities:
        header, _ = dialect.auth_header("the secret")
        assert (there.base_url, header) == (REACHED[name]["base"], REACHED[name]["header"])
        return
    call = dialect.call(request, there, "attempt-1")
    assert there.base_url + call.path == REACHED[name]["chat"]
    if there.dialect == "bedrock_converse":
        monkeypatch.setenv("PAIR_OF_A_TEST", PAIR)
        sign = AWS.ready(replace(there, credential="env:PAIR_OF_A_TEST"), SecretResolver())
        assert sign is not None
        (header, value) = next(pair for pair in sign(call) if pair[0] == "authorization")
    else:
        header, value = dialect.auth_header("the secret")
        assert value in ("the secret", "Bearer the secret")
    assert header == REACHED[name]["header"]
    assert "the secret" not in str(call)


# ------------------------------------------------------------------ through the whole gateway
@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("every")
    aliases = "\n".join(f'"{alias(name)}" = ["{known(name).model}"]' for name in EVERY)
    routes = "\n".join(
        f'[routing.aliases."{alias(name)}"]\nstrategy = "weighted"\nweights = {{ {_alone(name)} }}' for name in EVERY
    )
    contracts = json.dumps(sorted({str(known(name).provider) for name in EVERY} - {"self_hosted"}))
    extra = EXTRA.format(contracts=contracts, aliases=aliases, routes=routes)
    with gateway(folder, EVERY, extra=extra) as running:
        yield running


def _alone(name: str) -> str:
    same = [other for other in EVERY if known(other).model == known(name).model]
    return ", ".join(f'"{other}" = {int(other == name)}' for other in same)


def alias(name: str) -> str:
    """Return the name under which one destination is asked for: its model, and it first of those that have it."""
    return name.replace("/", "-")


ClientOf = Callable[[str], OpenAI]


@pytest.fixture(scope="module")
def keys(made: Gateway) -> Mapping[str, str]:
    """Return the key of whoever may have public data answered at a provider: Albert serves the State alone."""
    return {"albert": made.key("state"), "": made.key("every")}


@pytest.fixture(scope="module")
def client_of(made: Gateway, keys: Mapping[str, str]) -> Iterator[ClientOf]:
    with made.client(keys[""]) as of_all, made.client(keys["albert"]) as of_the_state:
        yield lambda name: of_the_state if name.startswith("albert/") else of_all


def _chat(client: OpenAI, model: str) -> None:
    assert client.chat.completions.create(model=model, messages=QUESTION).choices[0].message.content


def _stream(client: OpenAI, model: str) -> None:
    chunks = client.chat.completions.create(model=model, messages=QUESTION, stream=True)
    assert "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)


def _tools(client: OpenAI, model: str) -> None:
    asked: Any = {"model": model, "tools": [TOOL]}
    message: Any = client.chat.completions.create(messages=QUESTION, **asked).choices[0].message
    (call,) = message.tool_calls
    result: Any = {"role": "tool", "tool_call_id": call.id, "content": "rain"}
    turns = [*QUESTION, message.model_dump(exclude_none=True), result]
    assert client.chat.completions.create(messages=turns, **asked).choices[0].message.content


def _json(client: OpenAI, model: str) -> None:
    form: Any = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}, "strict": True}}
    assert client.chat.completions.create(model=model, messages=QUESTION, response_format=form).choices


def _vision(client: OpenAI, model: str) -> None:
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    turns: Any = [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, picture]}]
    client.chat.completions.create(model=model, messages=turns)


def _file(client: OpenAI, model: str) -> None:
    data = base64.b64encode(pdf("The river rose in May.")).decode()
    file = {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{data}"}}
    turns: Any = [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, file]}]
    client.chat.completions.create(model=model, messages=turns)


def _http(path: str, **body: Any) -> Callable[[OpenAI, str], object]:
    return lambda client, model: client.post(path, body={"model": model, **body}, cast_to=object)


DOES: Mapping[Capability, Callable[[OpenAI, str], object]] = {
    Capability.CHAT: _chat,
    Capability.STREAM: _stream,
    Capability.TOOLS: _tools,
    Capability.JSON_OUTPUT: _json,
    Capability.VISION: _vision,
    Capability.FILES: _file,
    Capability.EMBEDDINGS: lambda client, model: client.embeddings.create(model=model, input="one"),
    Capability.COMPLETIONS: lambda client, model: client.completions.create(model=model, prompt="one"),
    Capability.FIM: _http("/fim/completions", prompt="a", suffix="b"),
    Capability.RERANK: _http("/rerank", query="a", documents=["b", "c"]),
    Capability.MODERATIONS: lambda client, model: client.moderations.create(model=model, input="one"),
    Capability.OCR: _http("/ocr", document={"type": "image_url", "image_url": f"data:image/png;base64,{PNG}"}),
    Capability.TRANSCRIPTION: lambda client, model: client.audio.transcriptions.create(
        model=model, file=("a.wav", b"RIFF\x00\x00\x00\x00WAVE" + bytes(99), "audio/wav")
    ),
    Capability.SPEECH: lambda client, model: client.audio.speech.create(model=model, voice="alto", input="one"),
}
"""What an official client does to use each capability."""
UNREAD_HERE = frozenset({Capability.VISION, Capability.OCR, Capability.TRANSCRIPTION})
"""What nobody can read here counts as unreadable, which the rules let go to few: refused elsewhere, never failed."""


@pytest.mark.parametrize("name", EVERY)
def test_a_destination_does_all_that_it_claims(made: Gateway, client_of: ClientOf, name: str) -> None:
    for capability in sorted(known(name).capabilities):
        before = len(made.fleet[name].lines("request"))
        try:
            DOES[capability](client_of(name), alias(name))
        except openai.PermissionDeniedError as refused:
            if capability not in UNREAD_HERE:
                raise AssertionError(f"{name}: {capability}") from refused
            continue
        assert len(made.fleet[name].lines("request")) > before, f"{name}: {capability} went elsewhere"


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in EVERY if Capability.CHAT in known(name).capabilities])
def test_a_destination_answers_whoever_asks_in_anthropics_format_too(
    made: Gateway, keys: Mapping[str, str], name: str
) -> None:
    key = keys.get(name.partition("/")[0], keys[""])
    before = len(made.fleet[name].lines("request"))
    with Anthropic(base_url=made.url, api_key=key, max_retries=0) as claude:
        assert claude.messages.create(model=alias(name), max_tokens=64, messages=QUESTION).content
    assert len(made.fleet[name].lines("request")) > before
