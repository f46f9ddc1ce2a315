"""The other kinds of work of a simulated provider: completions, fill in the middle, ranks, judgements, pages, sounds.

Law: as in provider.py: key, path, model and the whole body are checked by the types of the provider's own SDK before
anything is answered; what an answer repeats of a prompt comes from the brain alone.
"""

from collections.abc import Awaitable, Callable, Mapping

from simulators import published
from simulators.brain import Brain, Ending, Question
from simulators.connections import Ask, Reply
from simulators.journal import Fact
from simulators.provider import CREATED, Provider, json_reply, sse
from simulators.published import Body, UnacceptableError

SOUND = b"ID3\x03\x00\x00\x00\x00\x00\x00 a sound of a simulator"
TRANSCRIPT = "This is a canned transcript of a simulator."
STEADY_TOKENS = 16

Work = Callable[[Provider, Body, Brain], Awaitable[Reply]]


async def other(provider: Provider, ask: Ask, brain: Brain) -> Reply | None:
    """Answer a call that is neither a chat nor embeddings; None for those. Raises RefusedError."""
    path = ask.target.removeprefix(provider.base)
    if ask.method != "POST" or path not in WORKS:
        return None
    provider.check_key(ask)
    read, work = WORKS[path]
    try:
        body = read(ask)
    except UnacceptableError as error:
        raise provider.unacceptable(error) from None
    provider.check_model(str(body["model"]))
    return await work(provider, body, brain)


async def _said(brain: Brain, body: Body) -> tuple[str, Ending]:
    prompt = body["prompt"]
    text = prompt if isinstance(prompt, str) else str(prompt)
    pieces: list[str] = []
    ending = Ending(reason="stop", tokens_in=0, tokens_out=0)
    async for piece in brain.answer(Question(messages=[{"role": "user", "content": text}])):
        if isinstance(piece, Ending):
            ending = piece
        else:
            pieces.append(piece)
    return "".join(pieces), ending


def _tokens(ending: Ending) -> dict[str, Fact]:
    total = ending.tokens_in + ending.tokens_out
    return {"prompt_tokens": ending.tokens_in, "completion_tokens": ending.tokens_out, "total_tokens": total}


async def _completion(provider: Provider, body: Body, brain: Brain) -> Reply:
    text, ending = await _said(brain, body)
    base: dict[str, Fact] = {
        "id": "cmpl-simulated",
        "object": "text_completion",
        "created": CREATED,
        "model": body["model"],
    }
    prompts = body["prompt"] if isinstance(body["prompt"], list) else [body["prompt"]]
    wanted = body.get("n")
    count = len(prompts) * (wanted if isinstance(wanted, int) else 1)

    def choices(said: str, reason: str | None) -> list[Fact]:
        return [{"index": i, "text": said, "finish_reason": reason, "logprobs": None} for i in range(count)]

    if not body.get("stream"):
        return json_reply(200, {**base, "choices": choices(text, "stop"), "usage": _tokens(ending)}, provider.headers())
    events = [sse({**base, "choices": choices(text[i : i + 5], None)}) for i in range(0, len(text), 5)]
    events += [sse({**base, "choices": choices("", "stop")}), sse({**base, "choices": [], "usage": _tokens(ending)})]
    return Reply(headers={"content-type": "text/event-stream"}, body=b"".join([*events, provider.done]))


async def _fim(provider: Provider, body: Body, brain: Brain) -> Reply:
    text, ending = await _said(brain, body)
    base: dict[str, Fact] = {"id": "0" * 32, "created": CREATED, "model": body["model"]}
    if not body.get("stream"):
        message: Fact = {"role": "assistant", "content": text, "tool_calls": None, "prefix": False}
        choice: Fact = {"index": 0, "message": message, "finish_reason": "stop"}
        told = {**base, "object": "chat.completion", "choices": [choice], "usage": _tokens(ending)}
        return json_reply(200, told, provider.headers())
    pieces = [text[i : i + 5] for i in range(0, len(text), 5)]

    def chunk(said: str, reason: str | None) -> dict[str, Fact]:
        choice: Fact = {"index": 0, "delta": {"role": "assistant", "content": said}, "finish_reason": reason}
        return {**base, "object": "chat.completion.chunk", "choices": [choice]}

    events = [sse(chunk(piece, None)) for piece in pieces]
    last = sse({**chunk("", "stop"), "usage": _tokens(ending)})
    return Reply(headers={"content-type": "text/event-stream"}, body=b"".join([*events, last, provider.done]))


async def _rerank(provider: Provider, body: Body, _brain: Brain) -> Reply:
    documents = body["documents"]
    assert isinstance(documents, list)  # noqa: S101 - the types say so
    top = body.get("top_n")
    order = list(range(len(documents)))[::-1][: top if isinstance(top, int) else None]
    results: list[Fact] = [
        {"index": i, "relevance_score": (i + 1) / 100, "document": {"text": documents[i]}} for i in order
    ]
    told: dict[str, Fact] = {"id": "rerank-simulated", "model": body["model"], "usage": {"total_tokens": STEADY_TOKENS}}
    return json_reply(200, {**told, "results": results}, provider.headers())


async def _moderation(provider: Provider, body: Body, _brain: Brain) -> Reply:
    stated = body["input"]
    judged: Fact = {
        "flagged": False,
        "categories": {"violence": False, "pii": True},
        "category_scores": {"violence": 0.01, "pii": 0.9},
        "category_applied_input_types": {"violence": ["text"], "pii": ["text"]},
    }
    count = len(stated) if isinstance(stated, list) else 1
    return json_reply(200, {"id": "modr-0", "model": body["model"], "results": [judged] * count}, provider.headers())


async def _ocr(provider: Provider, body: Body, _brain: Brain) -> Reply:
    size: Fact = {"dpi": 200, "height": 2200, "width": 1700}
    page: Fact = {"index": 0, "markdown": "# A page of a simulator", "images": [], "dimensions": size}
    used: Fact = {"pages_processed": 1, "doc_size_bytes": 9}
    return json_reply(200, {"pages": [page], "model": body["model"], "usage_info": used}, provider.headers())


async def _transcription(provider: Provider, body: Body, _brain: Brain) -> Reply:
    form = body.get("response_format", "json")
    if form == "text":
        return Reply(headers={"content-type": "text/plain"}, body=f"{TRANSCRIPT}\n".encode())
    told: dict[str, Fact] = {"text": TRANSCRIPT, "model": body["model"], "language": "en", "usage": {}}
    if form == "verbose_json":
        told |= {"duration": 1.5, "segments": []}
    return json_reply(200, told, provider.headers())


async def _speech(_provider: Provider, _body: Body, _brain: Brain) -> Reply:
    return Reply(headers={"content-type": "audio/mpeg"}, body=SOUND)


def _form(ask: Ask) -> Body:
    """Read a multipart form as far as its field names and texts; a file counts as its size."""
    kind, _, boundary = ask.headers.get("content-type", "").partition("; boundary=")
    if kind != "multipart/form-data" or not boundary:
        raise UnacceptableError(published.problem("body", "multipart", "a form was expected"))
    fields: dict[str, Fact] = {}
    for part in ask.body.split(f"--{boundary}".encode())[1:-1]:
        head, _, content = part.strip(b"\r\n").partition(b"\r\n\r\n")
        name = head.partition(b'name="')[2].partition(b'"')[0].decode()
        fields[name] = len(content) if b"filename=" in head else content.decode()
    if unknown := set(fields) - FORM:
        raise UnacceptableError(published.problem(min(unknown), "extra_forbidden", "not known"))
    if not isinstance(fields.get("file"), int):
        raise UnacceptableError(published.problem("file", "missing", "a file is needed"))
    return fields


FORM = frozenset({"file", "model", "language", "prompt", "response_format", "temperature", "timestamp_granularities[]"})
WORKS: Mapping[str, tuple[Callable[[Ask], Body], Work]] = {
    "/completions": (lambda ask: published.openai_completion(ask.body), _completion),
    "/fim/completions": (lambda ask: published.mistral_fim(ask.body), _fim),
    "/rerank": (lambda ask: published.rerank(ask.body), _rerank),
    "/moderations": (lambda ask: published.moderation(ask.body), _moderation),
    "/ocr": (lambda ask: published.mistral_ocr(ask.body), _ocr),
    "/audio/transcriptions": (_form, _transcription),
    "/audio/speech": (lambda ask: published.openai_speech(ask.body), _speech),
}
