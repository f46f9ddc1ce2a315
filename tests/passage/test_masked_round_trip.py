"""unmask(mask(t)) == t from the caller's bytes to the caller's bytes: every pair of dialects, every cut of the wire."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecluse.domain.dialect import Envelope
from ecluse.domain.event import Event
from ecluse.domain.finding import Finding
from ecluse.domain.request import Request, SlotPath, Surface, slots
from ecluse.passage.admit import DIALECTS as INBOUND
from ecluse.passage.mask import Masked
from ecluse.passage.send import DIALECTS as OUTBOUND
from ecluse.passage.unmask import Restorer
from tests.passage.mask.case import masked, pieces
from tests.passage.mask.test_law import CUTS, PLAIN_WORDS, SPANS, TEXTS, found_in
from tests.passage.providing import SAYS, TOOL
from tests.passage.send.exchange import destination

ASKS: Mapping[str, Any] = {
    "openai_chat": lambda one, two: {"messages": [{"role": "user", "content": text} for text in (one, two)]},
    "anthropic_messages": lambda one, two: {
        "max_tokens": 9, "messages": [{"role": "user", "content": [{"type": "text", "text": t} for t in (one, two)]}],
    },
    "openai_responses": lambda one, two: {"input": [{"role": "user", "content": text} for text in (one, two)]},
}  # fmt: skip
"""A call with two texts, in each inbound dialect."""
PLAIN = st.lists(PLAIN_WORDS, min_size=1, max_size=10).map("".join)
PAIRS = [(i, o) for i in sorted(ASKS) for o in sorted(OUTBOUND)]
quick = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def admitted(inbound: str, one: str, two: str, *, stream: bool, structured: bool = False) -> Request:
    body = {"model": "m", "stream": stream, **ASKS[inbound](one, two), **(STRUCTURED[inbound] if structured else {})}
    return INBOUND[inbound].admit(Surface.CHAT, json.dumps(body).encode())


FORM = {"type": "json_schema", "name": "r", "schema": {"type": "object"}, "strict": True}
STRUCTURED: Mapping[str, dict[str, Any]] = {
    "openai_chat": {"response_format": {"type": "json_schema", "json_schema": {k: FORM[k] for k in list(FORM)[1:]}}},
    "openai_responses": {"text": {"format": FORM}},
    "anthropic_messages": {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}},
}
"""What asks for an answer in JSON, in each inbound dialect."""


def hidden(request: Request, texts: Sequence[str], spans: list[tuple[int, int]]) -> tuple[Masked, list[str]]:
    """Mask what was found in some texts of a request, and return how each of them leaves."""
    standing = iter(slots(request))
    paths = [next(slot.path for slot in standing if slot.text == text) for text in texts]
    found: list[Finding] = [
        replace(one, slot=SlotPath(path))
        for path, text in zip(paths, texts, strict=True)
        for one in found_in(text, spans)
    ]
    result = masked(request, *found)
    shift = result.instructed and request.messages[0].role != "system"  # a message of ours stands before
    by_path = {
        slot.path: slot.text for slot in slots(replace(result.request, messages=result.request.messages[shift:]))
    }
    return result, [by_path[path] for path in paths]


def returned(inbound: str, asked: Request, events: Sequence[Event], result: Masked) -> bytes:
    restorer = Restorer(result.vault, structured=asked.structured)
    writer = INBOUND[inbound].writer(asked, Envelope(id="i", model="m", created=0))
    out = [writer.write(shown) for event in events for shown in restorer.feed(event)]
    return b"".join([*out, *map(writer.write, restorer.end()), writer.close()])


def through(outbound: str, result: Masked, said: bytes, cuts: list[int], stream: bool) -> list[Event]:  # noqa: FBT001 - as drawn
    dialect = OUTBOUND[outbound]
    assert not dialect.unsupported(result.request)
    dialect.call(result.request, destination(dialect=outbound), "a")
    reader = dialect.reader(replace(result.request, stream=stream))
    events: list[Event] = []
    at = turn = 0
    while at < len(said):
        size = 1 + 17 * (cuts[turn % len(cuts)] - 1)
        events += reader.feed(said[at : at + size])
        at, turn = at + size, turn + 1
    return [*events, *reader.end()]


# ------------------------------------------------------------------ what a caller reads
def data(written: bytes) -> list[Any]:
    lines = written.decode().split("\n")
    return [json.loads(line[6:]) for line in lines if line.startswith("data: {")]


def read_openai(written: bytes, stream: bool) -> list[tuple[str, str]]:  # noqa: FBT001 - as drawn
    if not stream:
        message = json.loads(written)["choices"][0]["message"]
        calls = message.get("tool_calls") or []
        return [(message["content"] or "", "".join(call["function"]["arguments"] for call in calls))]
    deltas = [choice["delta"] for event in data(written) for choice in event["choices"]]
    calls = [call for delta in deltas for call in delta.get("tool_calls") or []]
    text = "".join(delta.get("content") or "" for delta in deltas)
    return [(text, "".join(call["function"].get("arguments") or "" for call in calls))]


def read_anthropic(written: bytes, stream: bool) -> list[tuple[str, str]]:  # noqa: FBT001 - as drawn
    if not stream:
        blocks = json.loads(written)["content"]
        used = [json.dumps(block["input"]) for block in blocks if block["type"] == "tool_use"]
        return [("".join(b["text"] for b in blocks if b["type"] == "text"), "".join(used))]
    deltas = [event["delta"] for event in data(written) if event["type"] == "content_block_delta"]
    text = "".join(delta["text"] for delta in deltas if delta["type"] == "text_delta")
    return [(text, "".join(d["partial_json"] for d in deltas if d["type"] == "input_json_delta"))]


def read_responses(written: bytes, stream: bool) -> list[tuple[str, str]]:  # noqa: FBT001 - as drawn
    """Return every copy of the text and of the arguments that an answer has."""
    if not stream:
        return [_items(json.loads(written)["output"])]
    events = data(written)

    def joined(kind: str, field: str) -> str:
        return "".join(event[field] for event in events if event["type"] == f"response.{kind}")

    parts = [e["part"] for e in events if e["type"] == "response.content_part.done"]
    items = [e["item"] for e in events if e["type"] == "response.output_item.done"]
    return [
        (joined("output_text.delta", "delta"), joined("function_call_arguments.delta", "delta")),
        (joined("output_text.done", "text"), joined("function_call_arguments.done", "arguments")),
        ("".join(part["text"] for part in parts), joined("function_call_arguments.done", "arguments")),
        _items(items),
        _items(next(e for e in events if e["type"] == "response.completed")["response"]["output"]),
    ]


def _items(items: Sequence[Any]) -> tuple[str, str]:
    text = "".join(part["text"] for item in items if item["type"] == "message" for part in item["content"])
    return text, "".join(item["arguments"] for item in items if item["type"] == "function_call")


READS = {"openai_chat": read_openai, "anthropic_messages": read_anthropic, "openai_responses": read_responses}


@pytest.mark.parametrize(("inbound", "outbound"), PAIRS)
@quick
@given(TEXTS, PLAIN, SPANS, CUTS, CUTS, st.booleans())
def test_what_was_masked_comes_back_between_every_pair_of_dialects(
    inbound: str,
    outbound: str,
    one: str,
    two: str,
    spans: list[tuple[int, int]],
    said: list[int],
    wire: list[int],
    stream: bool,  # noqa: FBT001 - as drawn
) -> None:
    asked = admitted(inbound, one, two, stream=stream)
    result, (text, other) = hidden(asked, (one, two), spans)
    arguments = json.dumps({"§": other, "¤": [1, other]}, ensure_ascii=len(two) % 2 == 0)
    answer = SAYS[outbound](pieces(text, said), pieces(arguments, said), stream)
    written = returned(inbound, asked, through(outbound, result, answer, wire, stream), result)
    for read, args in READS[inbound](written, stream):
        assert read == one
        assert json.loads(args) == {"§": two, "¤": [1, two]}


@pytest.mark.parametrize(
    "outbound", ["openai_chat", "mistral_chat", "openai_responses", "anthropic_messages", "ollama_chat"]
)
@pytest.mark.parametrize("inbound", sorted(ASKS))
@quick
@given(PLAIN, st.sampled_from(['Zoé "la Douce"\nLefèvre', "12 rue X\n69003 Lyon", "C:\\Jean"]), CUTS, st.booleans())
def test_an_answer_asked_for_as_json_is_the_same_json_again(
    inbound: str,
    outbound: str,
    text: str,
    value: str,
    cuts: list[int],
    stream: bool,  # noqa: FBT001 - as drawn
) -> None:
    one, two = f"{value} ; {text}", "Réponds en JSON"
    asked = admitted(inbound, one, two, stream=stream, structured=True)
    result, (shown,) = hidden(asked, (one,), [(0, len(value))])
    content = json.dumps({"nom": shown, "liste": [shown, 1]}, ensure_ascii=False, indent=2)
    events = through(outbound, result, SAYS[outbound](pieces(content, cuts), (), stream), cuts, stream)
    for read, _args in READS[inbound](returned(inbound, asked, events, result), stream):
        assert json.loads(read) == {"nom": one, "liste": [one, 1]}


def completed(text: Sequence[str], stream: bool) -> bytes:  # noqa: FBT001 - as drawn
    """Say a completion as OpenAI and Mistral's fill in the middle do."""
    if not stream:
        choice: Any = {"index": 0, "text": "".join(text), "finish_reason": "stop", "logprobs": None}
        return json.dumps(
            {"id": "c", "object": "text_completion", "created": 1, "model": "m", "choices": [choice]}
        ).encode()
    chunks = [{"index": 0, "text": piece, "finish_reason": None} for piece in text]
    chunks.append({"index": 0, "text": "", "finish_reason": "stop"})
    head = {"id": "c", "object": "text_completion", "created": 1, "model": "m"}
    return "".join(f"data: {json.dumps({**head, 'choices': [c]})}\n\n" for c in chunks).encode() + b"data: [DONE]\n\n"


@pytest.mark.parametrize("path", ["/v1/completions", "/v1/fim/completions"])
@settings(max_examples=40, deadline=None)
@given(TEXTS, PLAIN, SPANS, CUTS, CUTS, st.booleans())
def test_what_was_masked_comes_back_in_a_completion(
    path: str,
    prompt: str,
    suffix: str,
    spans: list[tuple[int, int]],
    said: list[int],
    wire: list[int],
    stream: bool,  # noqa: FBT001 - as drawn
) -> None:
    inbound = "mistral_fim" if "fim" in path else "openai_completions"
    outbound = "mistral_chat" if "fim" in path else "openai_chat"
    body = {"model": "m", "prompt": prompt, "suffix": suffix, "stream": stream}
    asked = INBOUND[inbound].admit(Surface.COMPLETIONS, json.dumps(body).encode())
    result, (text, after) = hidden(asked, (prompt, suffix), spans)
    sent = json.loads(OUTBOUND[outbound].call(result.request, destination(dialect=outbound), "a").body)
    assert (sent["prompt"], sent["suffix"]) == (text, after)
    says = completed if inbound == "openai_completions" else lambda text, stream: SAYS["mistral_chat"](text, (), stream)
    events = through(outbound, result, says(pieces(text, said), stream), wire, stream)
    written = returned(inbound, asked, events, result)
    choices = [c for e in (data(written) if stream else [json.loads(written)]) for c in e["choices"]]
    field = "delta" if stream else "message"
    read = [c["text"] if "text" in c else c[field].get("content") or "" for c in choices]
    assert "".join(read) == prompt


@settings(max_examples=40, deadline=None)
@given(TEXTS, TEXTS, SPANS)
def test_ranked_documents_come_back_as_the_caller_wrote_them(
    query: str, document: str, spans: list[tuple[int, int]]
) -> None:
    body = {"model": "m", "query": query, "documents": [document, "autre"], "return_documents": True}
    asked = INBOUND["rerank"].admit(Surface.RERANK, json.dumps(body).encode())
    result, (shown, said) = hidden(asked, (query, document), spans)
    sent = json.loads(OUTBOUND["openai_chat"].call(result.request, destination(), "a").body)
    assert (sent["query"], sent["documents"][0]) == (shown, said)
    ranks = [{"index": i, "relevance_score": 0.5, "document": {"text": said}} for i in (0, 1)]
    told = json.dumps({"id": "r", "results": ranks, "usage": {"total_tokens": 3}}).encode()
    written = json.loads(returned("rerank", asked, through("openai_chat", result, told, [9], False), result))  # noqa: FBT003 - as elsewhere
    assert [one["document"] for one in written["results"]] == [{"text": document}, {"text": "autre"}]


@settings(max_examples=40, deadline=None)
@given(PLAIN, PLAIN, SPANS, CUTS, CUTS, st.booleans())
def test_a_citation_speaks_of_the_same_words_after_they_came_back(
    before: str,
    cited: str,
    spans: list[tuple[int, int]],
    said: list[int],
    wire: list[int],
    stream: bool,  # noqa: FBT001 - as drawn
) -> None:
    asked = admitted("openai_chat", f"{before} |", f"| {cited} | x", stream=stream)
    result, (text, other) = hidden(asked, (f"{before} |", f"| {cited} | x"), spans)
    whole = f"{text} {other}"
    at = {"start_index": len(text) + 1, "end_index": len(whole), "url": "https://x.fr/", "title": other}
    marks = [
        {"type": "url_citation", "url_citation": at},
        {"type": "file_citation", "index": len(whole), "file_id": "f"},
    ]
    answer = json.loads(SAYS["openai_chat"]([whole], (), False))  # noqa: FBT003 - as elsewhere
    answer["choices"][0]["message"]["annotations"] = marks
    told = json.dumps(answer).encode()
    if stream:
        told = SAYS["openai_chat"](pieces(whole, said), (), True)  # noqa: FBT003 - as elsewhere
        choice = {"index": 0, "delta": {"annotations": marks}, "finish_reason": None, "logprobs": {"content": [other]}}
        chunk = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        before_the_end, end = told.rsplit(b"data: {", 1)
        told = before_the_end + f"data: {json.dumps(chunk)}\n\n".encode() + b"data: {" + end
    written = returned("openai_chat", asked, through("openai_chat", result, told, wire, stream), result)
    ((read, _),) = read_openai(written, stream)
    choices = [c for e in (data(written) if stream else [json.loads(written)]) for c in e["choices"]]
    (found,) = [found for c in choices if (found := c["delta" if stream else "message"].get("annotations"))]
    place = found[0]["url_citation"]
    assert read == f"{before} | | {cited} | x"
    assert read[place["start_index"] : place["end_index"]] == place["title"] == f"| {cited} | x"
    assert place["url"] == "https://x.fr/"
    assert found[1]["index"] == len(read)
    assert all(c.get("logprobs") is None for c in choices)


def sourced(outbound: str, texts: Sequence[str], marks: Sequence[Any], stream: bool) -> bytes:  # noqa: FBT001 - as drawn
    """Say two texts, around a search, the last of them with its sources."""
    last = len(texts) - 1
    if outbound == "openai_responses":
        search = {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search"}}
        output: list[Any] = []
        events: list[Any] = [{"type": "response.created", "response": {"id": "r"}}]
        for i, text in enumerate(texts):
            at, cited = {"output_index": 2 * i, "content_index": 0}, marks if i == last else []
            part = {"type": "output_text", "text": text, "annotations": cited}
            item = {"type": "message", "id": f"m{i}", "role": "assistant", "content": [part]}
            events.append({"type": "response.output_item.added", **at, "item": {**item, "content": []}})
            events += [{"type": "response.output_text.delta", **at, "delta": piece} for piece in pieces(text, [4])]
            events += [{"type": "response.output_text.annotation.added", **at, "annotation": mark} for mark in cited]
            events.append({"type": "response.output_item.done", **at, "item": item})
            output.append(item)
            if i < last:
                at = {"output_index": 2 * i + 1}
                events += [{"type": f"response.output_item.{step}", **at, "item": search} for step in ("added", "done")]
                output.append(search)
        whole: dict[str, Any] = {"id": "r", "object": "response", "status": "completed", "output": output}
        events.append({"type": "response.completed", "response": whole})
    else:
        whole = {"type": "message", "id": "a", "content": [], "stop_reason": "end_turn"}
        events = [{"type": "message_start", "message": {"id": "a"}}]
        for i, text in enumerate(texts):
            block: dict[str, Any] = {"type": "text", "text": text}
            said: list[Any] = [{"type": "text_delta", "text": piece} for piece in pieces(text, [4])]
            if i == last:
                block["citations"] = marks
                said += [{"type": "citations_delta", "citation": mark} for mark in marks]
            whole["content"].append(block)
            start = {**block, "text": ""} if i < last else {"type": "text", "text": "", "citations": []}
            events.append({"type": "content_block_start", "index": i, "content_block": start})
            events += [{"type": "content_block_delta", "index": i, "delta": delta} for delta in said]
            events.append({"type": "content_block_stop", "index": i})
        events += [{"type": "message_delta", "delta": {"stop_reason": "end_turn"}}, {"type": "message_stop"}]
    if not stream:
        return json.dumps(whole).encode()
    return b"".join(b"event: %s\ndata: %s\n\n" % (e["type"].encode(), json.dumps(e).encode()) for e in events)


HOSTED: Mapping[str, Any] = {
    "openai_responses": {"type": "web_search"},
    "anthropic_messages": {"type": "web_search_20250305", "name": "web_search"},
}


@pytest.mark.parametrize("dialect", sorted(HOSTED))
@settings(max_examples=10, deadline=None)
@given(PLAIN, PLAIN, SPANS, CUTS, st.booleans())
def test_the_sources_of_a_search_come_back_with_the_words_that_they_speak_of(
    dialect: str,
    first: str,
    second: str,
    spans: list[tuple[int, int]],
    wire: list[int],
    stream: bool,  # noqa: FBT001 - as drawn
) -> None:
    one, two = f"{first} |", f"| {second} | x"
    spans = [*spans, (95, 1)]  # the first text ends in a surrogate
    body = {"model": "m", "stream": stream, **ASKS[dialect](one, two), "tools": [HOSTED[dialect]]}
    asked = INBOUND[dialect].admit(Surface.CHAT, json.dumps(body).encode())
    result, (shown, other) = hidden(asked, (one, two), spans)
    mark: dict[str, Any] = {"type": "url_citation", "url": "https://x.fr/", "title": other}
    mark |= {"start_index": 0, "end_index": len(other)}
    if dialect == "anthropic_messages":
        mark = {"type": "web_search_result_location", "url": "https://x.fr/", "title": other, "cited_text": other}
        mark["encrypted_index"] = other
    told = sourced(dialect, (shown, other), [mark], stream)
    written = returned(dialect, asked, through(dialect, result, told, wire, stream), result)
    if dialect == "anthropic_messages":
        if stream:
            deltas = [event["delta"] for event in data(written) if event["type"] == "content_block_delta"]
            assert "".join(delta.get("text", "") for delta in deltas) == one + two
            (cited,) = [delta["citation"] for delta in deltas if "citation" in delta]
        else:
            blocks = json.loads(written)["content"]
            assert [block["text"] for block in blocks] == [one, two]
            (cited,) = blocks[1]["citations"]
        assert (cited["title"], cited["cited_text"], cited["encrypted_index"]) == (two, two, other)
        return
    output = (
        next(e for e in data(written) if e["type"] == "response.completed")["response"]["output"]
        if stream
        else (json.loads(written)["output"])
    )
    before, after = [part for item in output if item["type"] == "message" for part in item["content"]]
    assert (before["text"], after["text"]) == (one, two)
    (cited,) = after["annotations"]
    assert not stream or [e["annotation"] for e in data(written) if e["type"].endswith("annotation.added")] == [cited]
    assert after["text"][cited["start_index"] : cited["end_index"]] == cited["title"] == two


def test_every_outbound_dialect_says_it_and_every_inbound_one_asks() -> None:
    assert set(SAYS) == set(OUTBOUND)
    assert set(ASKS) == {name for name, dialect in INBOUND.items() if Surface.CHAT in dialect.routes.values()}
    assert TOOL.isalpha()
