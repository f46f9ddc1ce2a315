"""Every other surface before a real gateway: official clients where one has it, plain HTTP where none is here."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
from mistralai.client import Mistral
from openai import OpenAI

from simulators.brain import Echo
from tests.edge.gateway import CODESTRAL, MODERATION, OCR, OWN, RERANKER, SCALEWAY, TTS, WHISPER, Gateway, gateway

PROMPT = "La capitale de la France est"
LETTER = "Write to Mr Camille Lefèvre, 06 39 98 41 27, about his flat."
PDF = "data:application/pdf;base64," + base64.b64encode(b"%PDF-1.4 a page" * 200).decode()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    order = (SCALEWAY, CODESTRAL, MODERATION, OCR, OWN, RERANKER, WHISPER, TTS)
    with gateway(tmp_path_factory.mktemp("surfaces"), order, brain=Echo()) as running:
        yield running


@pytest.fixture(scope="module")
def key(made: Gateway) -> str:
    return made.key("mail")


@pytest.fixture
def client(made: Gateway, key: str) -> Iterator[OpenAI]:
    with made.client(key) as opened:
        yield opened


@pytest.fixture
def mistral(made: Gateway, key: str) -> Iterator[Mistral]:
    with Mistral(api_key=key, server_url=made.url) as opened:
        yield opened


@pytest.fixture
def http(made: Gateway, key: str) -> Iterator[httpx2.Client]:
    headers = {"authorization": f"Bearer {key}"}
    with httpx2.Client(base_url=made.url, headers=headers, trust_env=False, timeout=20) as opened:
        yield opened


def sent(made: Gateway, name: str) -> str:
    return str(made.fleet[name].lines("request")[-1]["body"])


# ------------------------------------------------------------------ completions
def test_a_completion_streamed_and_whole(client: OpenAI) -> None:
    whole = client.completions.create(model="smollm2-135m", prompt=PROMPT, max_tokens=9, seed=3)
    assert (whole.object, whole.model, whole.choices[0].text) == ("text_completion", "smollm2-135m", PROMPT)
    assert whole.usage is not None
    asked: Any = {"stream_options": {"include_usage": True}}
    chunks = list(client.completions.create(model="smollm2-135m", prompt=PROMPT, stream=True, **asked))
    assert "".join(choice.text for chunk in chunks for choice in chunk.choices) == PROMPT
    assert chunks[-1].usage is not None
    assert chunks[-2].choices[0].finish_reason == "stop"


def test_prompts_in_a_list_have_a_choice_each(client: OpenAI) -> None:
    got = client.completions.create(model="smollm2-135m", prompt=["one", "two"], n=2)
    assert [choice.index for choice in got.choices] == [0, 1, 2, 3]


def test_a_prompt_with_a_suffix_goes_where_it_can_be_filled_in(made: Gateway, client: OpenAI) -> None:
    got = client.completions.create(model="codestral-25.08", prompt="def f(", suffix="return 1", max_tokens=9)
    assert got.choices[0].text == "def f("
    assert '"suffix":"return 1"' in sent(made, CODESTRAL)
    with pytest.raises(openai.BadRequestError) as refused:
        client.completions.create(model="smollm2-135m", prompt="def f(", suffix="return 1")
    assert refused.value.code == "no_capable_destination"


def test_tokens_instead_of_a_prompt_are_refused_by_name(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.completions.create(model="smollm2-135m", prompt=[1, 2, 3])
    assert (refused.value.code, refused.value.param) == ("token_array_refused", "prompt[0]")


@pytest.mark.parametrize("stream", [False, True])
def test_a_masked_prompt_comes_back_with_its_values(made: Gateway, client: OpenAI, stream: bool) -> None:  # noqa: FBT001 - pytest's parameter
    raw: Any = client.completions.with_raw_response.create(model="codestral-25.08", prompt=LETTER, stream=stream)
    assert raw.headers["x-ecluse-verdict"] == "permit_masked"
    told = raw.parse()
    text = "".join(chunk.choices[0].text for chunk in told) if stream else told.choices[0].text
    assert text == LETTER
    assert "Lefèvre" not in sent(made, CODESTRAL)


def test_fill_in_the_middle_streamed_and_whole(mistral: Mistral) -> None:
    whole: Any = mistral.fim.complete(model="codestral-25.08", prompt="def f(", suffix="return 1", random_seed=3)
    assert whole.choices[0].message.content == "def f("
    with mistral.fim.stream(model="codestral-25.08", prompt="def f(") as stream:
        events: Any = list(stream)
    pieces = [event.data.choices[0].delta.content for event in events]  # as a caller does who reads Mistral's own
    assert "".join(piece for piece in pieces if isinstance(piece, str)) == "def f("
    assert (events[-1].data.choices[0].finish_reason, events[-1].data.usage.total_tokens > 0) == ("stop", True)


# ------------------------------------------------------------------ lists
@pytest.mark.parametrize("path", ["/v1/rerank", "/v2/rerank"])
def test_documents_are_ranked_and_come_back_from_the_request(made: Gateway, http: httpx2.Client, path: str) -> None:
    asked = {"model": "bge-reranker-v2-m3", "query": "capital", "documents": ["Lyon", {"text": "Paris"}], "top_n": 1}
    told = http.post(path, json=asked).json()
    assert told["results"] == [{"index": 1, "relevance_score": 0.02}]
    assert told["usage"]["total_tokens"] == 16
    told = http.post(path, json={**asked, "return_documents": True}).json()
    assert told["results"][0]["document"] == {"text": "Paris"}
    assert "return_documents" not in sent(made, RERANKER)


def test_a_picture_among_documents_is_refused_by_name(http: httpx2.Client) -> None:
    asked = {"model": "bge-reranker-v2-m3", "query": "q", "documents": [{"image": "https://evil.test/a.png"}]}
    error = http.post("/v1/rerank", json=asked).json()["error"]
    assert (error["code"], error["param"]) == ("unsupported_field", "documents[0].image")


def test_texts_are_judged(client: OpenAI, mistral: Mistral) -> None:
    judged = client.moderations.create(model="mistral-moderation-26.03", input=["one", "two"])
    assert [result.flagged for result in judged.results] == [False, False]
    told = mistral.classifiers.moderate(model="mistral-moderation-26.03", inputs=["one"])
    assert told.results[0].categories == {"violence": False, "pii": True}


def test_a_document_is_unreadable_and_the_rules_decide(made: Gateway, mistral: Mistral, http: httpx2.Client) -> None:
    document: Any = {"type": "document_url", "document_url": PDF}
    asked = {"model": "mistral-ocr", "document": document}
    told = http.post("/v1/explain/ocr", json=asked).json()
    assert "unreadable" in told["classes"]
    before = len(made.fleet[OCR].lines("connection"))
    answer = http.post("/v1/ocr", json=asked)
    assert answer.status_code == (200 if told["verdict"] == "permit" else 403)
    if told["verdict"] == "refusal":
        assert len(made.fleet[OCR].lines("connection")) == before
    else:
        pages = mistral.ocr.process(model="mistral-ocr", document=document).pages
        assert pages[0].markdown == "# A page of a simulator"


@pytest.mark.parametrize(
    "document",
    [
        {"type": "document_url", "document_url": "https://evil.test/a.pdf"},
        {"type": "image_url", "image_url": {"url": "https://evil.test/a.png"}},
        {"type": "file", "file_id": "11111111-1111-4111-8111-111111111111"},
    ],
)
def test_a_document_elsewhere_is_refused_by_name(http: httpx2.Client, document: dict[str, Any]) -> None:
    answer = http.post("/v1/ocr", json={"model": "mistral-ocr", "document": document})
    assert answer.json()["error"]["code"] == "remote_content_refused"


# ------------------------------------------------------------------ embeddings
def test_auto_embeds_with_the_one_model_that_can(client: OpenAI) -> None:
    assert client.embeddings.create(model="auto", input="one").data[0].embedding


def test_tokens_to_embed_are_refused_by_name(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.embeddings.create(model="auto", input=[[1, 2, 3]])
    assert refused.value.code == "token_array_refused"


# ------------------------------------------------------------------ sounds
WAV = ("dictée de Mme Durand.wav", b"RIFF\x00\x00\x00\x00WAVE" + bytes(2000), "audio/wav")


def explained(http: httpx2.Client, path: str, body: dict[str, Any]) -> Any:
    return http.post(f"/v1/explain{path}", json=body).json()


def test_a_sound_is_unreadable_and_its_file_name_stays_behind(made: Gateway, client: OpenAI) -> None:
    asked: Any = {"model": "whisper-large-v3", "file": WAV, "language": "fr", "temperature": 0.2}
    told = client.audio.transcriptions.create(**asked)
    assert told.text.startswith("This is a canned transcript")
    body = sent(made, WHISPER)
    assert 'filename="sound.wav"' in body
    assert "Durand" not in body
    asked |= {"response_format": "verbose_json", "timestamp_granularities": ["segment", "word"]}
    assert client.audio.transcriptions.create(**asked).duration == 1.5
    told = client.audio.transcriptions.create(**{**asked, "response_format": "text"})
    assert str(told).startswith("This is a canned transcript")


def test_a_sound_is_transcribed_for_mistrals_client_too(mistral: Mistral) -> None:
    sound: Any = {"content": bytes(3000), "file_name": "a.wav"}
    told = mistral.audio.transcriptions.complete(model="whisper-large-v3", file=sound, language="fr")
    assert told.text.startswith("This is a canned transcript")


def test_the_rules_are_asked_about_a_sound(http: httpx2.Client) -> None:
    file = {"filename": "a.wav", "content_type": "audio/wav", "data": base64.b64encode(bytes(3000)).decode()}
    told = explained(http, "/audio/transcriptions", {"model": "whisper-large-v3", "file": file})
    assert "unreadable" in told["classes"]
    assert told["verdict"] == "permit"  # one's own premises


def test_a_streamed_transcript_is_refused_by_name(client: OpenAI) -> None:
    asked: Any = {"model": "whisper-large-v3", "file": WAV, "stream": True}
    with pytest.raises(openai.BadRequestError) as refused:
        client.audio.transcriptions.create(**asked)
    assert (refused.value.code, refused.value.param) == ("unsupported_field", "stream")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b\r\n",
        b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nx\r\n',
        b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nx\r\n' * 2 + b"--b--\r\n",
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\n\xff\r\n--b--\r\n',
        b"--b\r\n" + b"A: " + b"x" * 5000 + b"\r\n\r\n\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="a[]"\r\n\r\nx\r\n' * 70 + b"--b--\r\n",
    ],
)
def test_a_form_that_is_not_well_formed_refuses(http: httpx2.Client, body: bytes) -> None:
    headers = {"content-type": "multipart/form-data; boundary=b"}
    answer = http.post("/v1/audio/transcriptions", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_request")


def test_a_text_is_spoken_and_its_classes_are_found(client: OpenAI, http: httpx2.Client) -> None:
    sound = client.audio.speech.create(model="voxtral-tts-26.03", voice="alto", input="Bonjour", response_format="mp3")
    assert sound.content.startswith(b"ID3")
    assert sound.response.headers["content-type"] == "audio/mpeg"
    told = explained(http, "/audio/speech", {"model": "voxtral-tts-26.03", "voice": "alto", "input": LETTER})
    assert ("personal" in told["classes"], told["maskable"]) == (True, [])
