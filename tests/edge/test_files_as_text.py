"""Documents that leave as their text: masked like text, to models that take no files, and nothing else of them."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from anthropic import Anthropic
from openai import BadRequestError, OpenAI, PermissionDeniedError

from simulators.brain import Echo
from tests.edge.gateway import CLAUDE, GPT_CHAT, OWN, SCALEWAY, Gateway, gateway
from tests.edge.test_files_sdk import (
    ACCOUNT,
    CLAUDE_MODEL,
    DOCX,
    IBAN,
    PNG,
    PRESS,
    PUBLIC,
    asked,
    b64,
    bodies,
    sent,
    shown,
    url,
)
from tests.scan.made import GUID, docx, msip, pdf

NO_FILES = "mistral-medium-3.5"
"""A model that takes no files."""
SETTINGS = f"""{PRESS.replace('"openai", ', '"openai", "scaleway", ')}
[classification.files]
as_text = true
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(tmp_path_factory.mktemp("as_text"), (CLAUDE, SCALEWAY, GPT_CHAT, OWN), SETTINGS, Echo()) as running:
        yield running


@pytest.fixture(scope="module")
def key(made: Gateway) -> str:
    return made.key("desk")


@pytest.fixture
def openai(made: Gateway, key: str) -> Iterator[OpenAI]:
    with made.client(key) as client:
        yield client


def test_a_document_is_masked_where_only_masked_data_may_go_and_its_values_come_back(
    made: Gateway, openai: OpenAI
) -> None:
    answer = openai.chat.completions.with_raw_response.create(model=CLAUDE_MODEL, messages=asked("Sum up", ACCOUNT))
    assert answer.headers["x-ecluse-verdict"] == "permit_masked"
    assert answer.headers["x-ecluse-files"] == 'messages/0/parts/1; read=as_text; classes="payment"'
    assert IBAN in str(answer.parse().choices[0].message.content)
    assert '<file name=\\"a.pdf\\">' in sent(made, CLAUDE)
    assert not any(hidden in body for body in bodies(made, CLAUDE) for hidden in (IBAN, b64(ACCOUNT)[:64]))


def test_the_anthropic_client_gets_the_same(made: Gateway, key: str) -> None:
    http = httpx2.Client(trust_env=False, timeout=20.0)
    with Anthropic(base_url=made.url, api_key=key, max_retries=0, http_client=http) as client:
        answer: Any = client.messages.create(model=CLAUDE_MODEL, max_tokens=64, messages=shown("Sum up", ACCOUNT))
    assert IBAN in answer.content[0].text
    assert IBAN not in sent(made, CLAUDE)


def test_a_model_that_takes_no_files_reads_the_text(made: Gateway, openai: OpenAI) -> None:
    answer = openai.chat.completions.with_raw_response.create(model=NO_FILES, messages=asked("Sum up", PUBLIC))
    assert answer.headers["x-ecluse-destination"] == SCALEWAY
    assert "The river rose in May." in sent(made, SCALEWAY)
    assert b64(PUBLIC)[:64] not in sent(made, SCALEWAY)


def test_a_document_that_was_not_read_whole_refuses_but_at_a_model_of_ones_own(made: Gateway, openai: OpenAI) -> None:
    page = pdf("The river rose in May.", picture=(60, 40))
    with pytest.raises(PermissionDeniedError) as refused:
        openai.chat.completions.create(model=NO_FILES, messages=asked("Sum up", page))
    told = refused.value.response
    assert told.headers["x-ecluse-files"].startswith('messages/0/parts/1; read=as_text; classes=""; why="')
    assert "base.unreadable" in told.headers["x-ecluse-rules"]
    answer = openai.chat.completions.with_raw_response.create(model="auto", messages=asked("Sum up", page))
    assert answer.headers["x-ecluse-destination"] == OWN
    assert "The river rose in May." in sent(made, OWN)
    assert not any(b64(page)[:64] in body for name in (OWN, SCALEWAY) for body in bodies(made, name))


def test_the_gateway_says_beforehand_what_would_leave_so(made: Gateway, key: str) -> None:
    body = {"model": CLAUDE_MODEL, "messages": asked("Sum up", ACCOUNT)}
    with httpx2.Client(trust_env=False, timeout=20.0) as http:
        told = http.post(f"{made.url}/v1/explain", headers={"authorization": f"Bearer {key}"}, json=body).json()
    [file] = told["files"]
    assert (file["read"], file["classes"]) == ("as_text", ["payment"])


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (PNG, "image/png"),
        (b"\x00\x01\x02", "application/pdf"),
        (docx("The river", docProps__custom=msip()), DOCX),
    ],
    ids=["a picture", "what cannot be opened", "what is under a label"],
)
def test_what_is_no_text_stays_a_file_and_its_bytes_reach_nobody(
    made: Gateway, openai: OpenAI, data: bytes, media: str
) -> None:
    messages: Any = asked("Sum up", data, media)
    if media.startswith("image/"):
        messages[0]["content"][1] = {"type": "image_url", "image_url": {"url": url(data, media)}}
    for model in (CLAUDE_MODEL, NO_FILES):
        with pytest.raises((PermissionDeniedError, BadRequestError)):
            openai.chat.completions.create(model=model, messages=messages)
    assert not any(b64(data) in body for name in (CLAUDE, SCALEWAY) for body in bodies(made, name))


def test_a_label_keeps_its_own_file_a_file_and_no_other(openai: OpenAI) -> None:
    label = f"9 0 obj\n<< /MSIP_Label_{GUID}_Name (Confidential) >>\nendobj\n".encode()
    messages = asked("Sum up", pdf("The river", more=label))
    messages[0]["content"].append(asked("", ACCOUNT)[0]["content"][1])
    with pytest.raises(PermissionDeniedError) as refused:
        openai.chat.completions.create(model="gpt-5.4", messages=messages)
    told = refused.value.response.headers["x-ecluse-files"]
    assert told.count("read=as_text") == 1
    assert "restricted" in told
