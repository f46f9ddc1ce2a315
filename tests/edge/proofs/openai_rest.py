"""What the official openai client proves of the other surfaces, and which of its endpoints are refused by name."""

from typing import Any

import openai
import pytest

from tests.edge.proofs.world import ANSWER, World, proves, proves_async

SOUND = ("a.wav", b"RIFF" + bytes(1200), "audio/wav")


@proves("openai", "/v1/completions", "a prompt")
def completion(world: World) -> None:
    with world.openai() as client:
        assert client.completions.create(model="smollm2-135m", prompt="x").choices[0].text == ANSWER


@proves("openai", "/v1/completions", "a prompt", "stream")
def completion_streamed(world: World) -> None:
    with world.openai() as client:
        chunks = list(client.completions.create(model="smollm2-135m", prompt="x", stream=True))
    assert "".join(choice.text for chunk in chunks for choice in chunk.choices) == ANSWER


@proves_async("openai", "/v1/completions", "a prompt")
async def completion_later(world: World) -> None:
    async with world.openai_async() as client:
        assert (await client.completions.create(model="smollm2-135m", prompt="x")).choices[0].text == ANSWER


@proves("openai", "/v1/completions", "a prompt and a suffix")
def completion_suffix(world: World) -> None:
    with world.openai() as client:
        assert client.completions.create(model="codestral-25.08", prompt="x", suffix="y").choices[0].text == ANSWER


@proves("openai", "/v1/embeddings", "floats, base64, auto")
def embeddings(world: World) -> None:
    with world.openai() as client:
        for encoding in ("float", "base64"):
            more: Any = {"encoding_format": encoding}
            assert len(client.embeddings.create(model="auto", input=["one", "two"], **more).data) == 2
        assert client.embeddings.create(model="smollm2-135m", input="one").data[0].embedding[0] == 0.25


@proves_async("openai", "/v1/embeddings", "floats, base64, auto")
async def embeddings_later(world: World) -> None:
    async with world.openai_async() as client:
        assert len((await client.embeddings.create(model="auto", input=["one"])).data) == 1


@proves("openai", "/v1/embeddings", "token arrays refused by name", "refused")
def embeddings_tokens(world: World) -> None:
    with world.openai() as client, pytest.raises(openai.BadRequestError) as refused:
        client.embeddings.create(model="auto", input=[1, 2, 3])
    assert (refused.value.code, refused.value.param) == ("token_array_refused", "input[0]")


@proves("openai", "/v1/moderations", "texts")
def moderations(world: World) -> None:
    with world.openai() as client:
        assert len(client.moderations.create(input=["one", "two"]).results) == 2


@proves("openai", "/v1/audio/transcriptions", "json, verbose_json, text")
def transcription(world: World) -> None:
    with world.openai() as client:
        for form in ("json", "verbose_json", "text"):
            told: Any = client.audio.transcriptions.create(model="whisper-large-v3", file=SOUND, response_format=form)
            assert (told if isinstance(told, str) else told.text).startswith("This is a canned transcript")


@proves_async("openai", "/v1/audio/transcriptions", "json, verbose_json, text")
async def transcription_later(world: World) -> None:
    async with world.openai_async() as client:
        assert (await client.audio.transcriptions.create(model="whisper-large-v3", file=SOUND)).text


@proves("openai", "/v1/audio/speech", "mp3")
def speech(world: World) -> None:
    with world.openai() as client:
        assert client.audio.speech.create(model="voxtral-tts-26.03", voice="alto", input="x").content.startswith(b"ID3")


@proves_async("openai", "/v1/audio/speech", "mp3")
async def speech_later(world: World) -> None:
    async with world.openai_async() as client:
        got = await client.audio.speech.create(model="voxtral-tts-26.03", voice="alto", input="x")
        assert got.content.startswith(b"ID3")


@proves("openai", "/v1/models", "list, retrieve")
def models(world: World) -> None:
    with world.openai() as client:
        assert client.models.retrieve("auto").id == next(iter(client.models.list())).id == "auto"


@proves("openai", "other endpoints", "images, files, batches, fine-tuning", "refused")
def others(world: World) -> None:
    with world.openai() as client:
        calls: Any = {
            "image_refused": lambda: client.images.generate(model="gpt-image-1", prompt="x"),
            "batch_refused": client.batches.list,
            "training_refused": client.fine_tuning.jobs.list,
        }
        for code, call in calls.items():
            with pytest.raises(openai.BadRequestError) as refused:
                call()
            assert refused.value.code == code
        with pytest.raises(openai.BadRequestError) as refused:
            client.files.create(file=("a.jsonl", b"{}"), purpose="batch")
        assert refused.value.code == "batch_refused"


@proves("openai", "/v1/conversations", "create, retrieve, update, delete; items: create, list, retrieve, delete")
def conversations(world: World) -> None:
    item: Any = {"type": "message", "role": "user", "content": "x"}
    with world.openai() as client:
        kept = client.conversations
        made = kept.create(items=[item], metadata={"a": "b"})
        assert kept.update(made.id, metadata={"a": "c"}).metadata == kept.retrieve(made.id).metadata == {"a": "c"}
        added: Any = kept.items.create(made.id, items=[item, item]).data
        assert len(list(kept.items.list(made.id, limit=1))) == 3
        assert kept.items.retrieve(added[0].id, conversation_id=made.id) == added[0]
        assert kept.items.delete(added[0].id, conversation_id=made.id).id == made.id
        assert kept.delete(made.id).deleted


@proves("openai", "/v1/responses", "a turn of a conversation")
def turn_of_a_conversation(world: World) -> None:
    with world.openai() as client:
        made = client.conversations.create()
        for _ in range(2):
            assert client.responses.create(model="auto", input="x", conversation=made.id).output_text == ANSWER
        assert len(client.conversations.items.list(made.id).data) == 4


@proves("openai", "/v1/responses", "a turn of a conversation", "stream")
def turn_streamed(world: World) -> None:
    with world.openai() as client:
        made = client.conversations.create()
        with client.responses.stream(model="auto", input="x", conversation=made.id) as stream:
            assert stream.get_final_response().output_text == ANSWER
        assert len(client.conversations.items.list(made.id).data) == 2


@proves_async("openai", "/v1/responses", "a turn of a conversation")
async def turn_later(world: World) -> None:
    async with world.openai_async() as client:
        made = await client.conversations.create()
        answer = await client.responses.create(model="auto", input="x", conversation=made.id)
        assert answer.output_text == ANSWER
        assert (await client.conversations.delete(made.id)).deleted


@proves("openai", "/v1/responses", "background, prompt, cancel, compact, items: with what to do", "refused")
def responses_that_stay(world: World) -> None:
    with world.openai() as client:
        ask: Any = client.responses.create
        calls: Any = {
            "in a batch": lambda: ask(model="gpt-5.4", input="x", background=True),
            "`instructions`": lambda: ask(model="gpt-5.4", input="x", prompt={"id": "pmpt_1"}),
            "send every turn": lambda: client.responses.cancel("resp_1"),
            "every turn": lambda: client.responses.compact(model="gpt-5.4", input="x"),
            "turn in the request": lambda: client.responses.input_items.list("resp_1"),
        }
        for instead, call in calls.items():
            with pytest.raises(openai.BadRequestError) as refused:
                call()
            assert refused.value.code == "retention_refused"
            assert instead in refused.value.message
