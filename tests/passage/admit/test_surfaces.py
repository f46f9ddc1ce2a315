"""Every dialect and every path: whatever a caller sends is a request or a CallerError; each field is searched."""

import base64
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecluse.domain.dialect import InboundDialect
from ecluse.domain.errors import CallerError
from ecluse.domain.request import AS_IS_ONLY, Capability, Request, Surface, slots
from ecluse.passage.admit import DIALECTS

ROUTES = {path: (dialect, surface) for dialect in DIALECTS.values() for path, surface in dialect.routes.items()}
SOUND = {"filename": "a.wav", "content_type": "audio/wav", "data": base64.b64encode(bytes(60)).decode()}
PDF = "data:application/pdf;base64,JVBERi0="
GOOD: dict[str, dict[str, Any]] = {
    "/v1/completions": {"model": "m", "prompt": "Bonjour", "suffix": "fin"},
    "/v1/fim/completions": {"model": "m", "prompt": "Bonjour", "suffix": "fin"},
    "/v1/rerank": {"model": "m", "query": "Bonjour", "documents": ["un", {"text": "deux"}]},
    "/v1/moderations": {"model": "m", "input": ["Bonjour", "fin"]},
    "/v1/ocr": {"model": "m", "document": {"type": "document_url", "document_url": PDF, "document_name": "Bonjour"}},
    "/v1/audio/transcriptions": {"model": "m", "file": SOUND, "prompt": "Bonjour"},
    "/v1/audio/speech": {"model": "m", "input": "Bonjour", "voice": "alto", "instructions": "fin"},
}
BAD: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("/v1/completions", {"prompt": None}, "invalid_request", "prompt"),
    ("/v1/completions", {"prompt": [[1, 2]]}, "token_array_refused", "prompt[0]"),
    ("/v1/completions", {"prompt": ["x"] * 129}, "invalid_request", "prompt"),
    ("/v1/completions", {"logprobs": 6}, "invalid_request", "logprobs"),
    ("/v1/completions", {"web_search_options": {}}, "hosted_tool_refused", "web_search_options"),
    ("/v1/fim/completions", {"tools": []}, "unsupported_field", "body.tools"),
    ("/v1/fim/completions", {"prompt": ["x"]}, "invalid_request", "prompt"),
    ("/v1/rerank", {"documents": []}, "invalid_request", "documents"),
    ("/v1/rerank", {"documents": [{"image": "x"}]}, "unsupported_field", "documents[0].image"),
    ("/v1/rerank", {"top_n": 0}, "invalid_request", "top_n"),
    ("/v1/rerank", {"rank_fields": ["title"]}, "unsupported_field", "body.rank_fields"),
    ("/v1/moderations", {"input": [{"type": "image_url"}]}, "invalid_request", "input[0].type"),
    ("/v1/moderations", {"input": []}, "invalid_request", "input"),
    ("/v1/ocr", {"document": {"type": "file", "file_id": "x"}}, "remote_content_refused", "document.file_id"),
    ("/v1/ocr", {"document": {"document_url": "https://x.test"}}, "remote_content_refused", "document.document_url"),
    ("/v1/ocr", {"pages": ["1"]}, "invalid_request", "pages[0]"),
    ("/v1/audio/transcriptions", {"file": "x"}, "invalid_request", "file"),
    ("/v1/audio/transcriptions", {"file": {**SOUND, "data": "https://x"}}, "invalid_request", "file.data"),
    ("/v1/audio/transcriptions", {"stream": "true"}, "unsupported_field", "stream"),
    ("/v1/audio/transcriptions", {"diarize": "true"}, "unsupported_field", "diarize"),
    ("/v1/audio/speech", {"stream": True}, "unsupported_field", "stream"),
    ("/v1/audio/transcriptions", {"temperature": "hot"}, "invalid_request", "temperature"),
    ("/v1/audio/transcriptions", {"temperature": "nan"}, "invalid_request", "temperature"),
    ("/v1/audio/transcriptions", {"file_url": "https://x.test"}, "remote_content_refused", "file_url"),
    ("/v1/audio/transcriptions", {"file_id": "x"}, "remote_content_refused", "file_id"),
    ("/v1/audio/speech", {"input": "x" * 4097}, "invalid_request", "input"),
    ("/v1/audio/speech", {"ref_audio": "x"}, "unsupported_field", "body.ref_audio"),
    ("/v1/audio/speech", {"stream_format": "sse"}, "unsupported_field", "stream_format"),
]


def admitted(path: str, **fields: Any) -> Request:
    dialect, surface = ROUTES[path]
    return dialect.admit(surface, json.dumps({**GOOD[path], **fields}).encode())


@pytest.mark.parametrize("path", sorted(GOOD))
def test_each_text_of_a_call_is_a_slot(path: str) -> None:
    request = admitted(path)
    assert any(slot.text == "Bonjour" for slot in slots(request))
    assert request.needs


@pytest.mark.parametrize(("path", "fields", "code", "param"), BAD)
def test_what_is_not_understood_is_refused_by_its_field(
    path: str, fields: dict[str, Any], code: str, param: str | None
) -> None:
    with pytest.raises(CallerError) as refused:
        admitted(path, **fields)
    assert (refused.value.code, refused.value.param) == (code, param)


@pytest.mark.parametrize("path", ["/v1/ocr", "/v1/audio/transcriptions"])
def test_what_cannot_be_read_is_said_to_be_so_and_never_masked(path: str) -> None:
    request = admitted(path)
    assert len(request.unreadable) == 1
    assert request.surface in AS_IS_ONLY


def test_a_suffix_needs_a_model_that_fills_in() -> None:
    assert admitted("/v1/completions").needs == {Capability.FIM}
    assert admitted("/v1/completions", suffix=None).needs == {Capability.COMPLETIONS}


def test_the_name_of_a_sound_stays_behind() -> None:
    request = admitted("/v1/audio/transcriptions", file={**SOUND, "filename": "Mme Durand.WAV"})
    assert not [slot for slot in slots(request) if "Durand" in slot.text]
    assert [slot.text for slot in slots(request) if slot.text.startswith("sound.")] == ["sound.wav"]


_words = st.sampled_from(sorted({name for body in GOOD.values() for name in body} | {"text", "type", "url", "stream"}))
_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("path", sorted(ROUTES))
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(fields=st.dictionaries(_words, _anything, max_size=4), noise=st.binary(max_size=30))
def test_no_body_does_more_than_refuse(path: str, fields: dict[str, Any], noise: bytes) -> None:
    dialect, surface = ROUTES[path]
    good = GOOD.get(path, {"model": "m"})
    for body in (json.dumps({**good, **fields}).encode(), noise, json.dumps(good).encode()[:-1] + noise):
        _read(dialect, surface, body)


def _read(dialect: InboundDialect, surface: Surface, body: bytes) -> None:
    with suppress(CallerError):
        dialect.admit(surface, body)
